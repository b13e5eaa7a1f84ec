import type { TranslationBundle } from '@jupyterlab/translation';
import type { Finding } from './tokens';

/** The sentence of a finding. */
export function sentenceOf(finding: Finding, trans: TranslationBundle): string {
  // eslint-disable-next-line jupyter/no-dynamic-translation -- the rules' __() marks the templates for translation
  return trans.__(...finding.message);
}
