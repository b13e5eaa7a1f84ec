import type { TranslationBundle } from '@jupyterlab/translation';
import type { KernelEnvironment, UnknownReason } from '../../kernel/tokens';
import type { Finding } from '../tokens';

/** What stands in a notebook's toolbar. */
export interface Mark {
  /** `none`: nothing is shown, such as for kernels of other languages. */
  readonly state: 'healthy' | 'attention' | 'unknown' | 'none';
  /** Translated; empty where nothing is shown. */
  readonly text: string;
}

/** How a kernel is, in three words. What is only worth knowing does not count as a problem. */
export function markOf(
  environment: KernelEnvironment | null,
  findings: ReadonlyArray<Finding>,
  trans: TranslationBundle
): Mark {
  const problems = findings.filter(({ severity }) => severity !== 'info');
  const state = environment?.state ?? 'none';
  if (state === 'foreign' || state === 'off') {
    return { state: 'none', text: '' };
  }
  if (problems.length > 0) {
    return {
      state: 'attention',
      text: trans._n(
        'MLflow: %1 problem',
        'MLflow: %1 problems',
        problems.length
      )
    };
  }
  switch (state) {
    case 'none':
      return { state: 'none', text: '' };
    case 'asking':
      return { state: 'unknown', text: trans.__('MLflow: checking…') };
    case 'unknown':
      return {
        state: 'unknown',
        text: unknownText(environment?.reason ?? null, trans)
      };
    case 'known':
      // No problem is known, which is not the same as that it works.
      return environment?.report?.facts?.mlflow.spec === 'module'
        ? { state: 'healthy', text: trans.__('MLflow ✓') }
        : { state: 'unknown', text: trans.__('MLflow: not checked') };
  }
}

function unknownText(
  reason: UnknownReason | null,
  trans: TranslationBundle
): string {
  switch (reason) {
    case 'busy':
      return trans.__('MLflow: not checked (kernel busy)');
    case 'timeout':
      return trans.__('MLflow: not checked (kernel does not answer)');
    case 'aborted':
      return trans.__('MLflow: not checked (interrupted by an error)');
    case 'dead':
      return trans.__('MLflow: not checked (kernel dead)');
    case 'restarting':
      return trans.__('MLflow: not checked (kernel restarting)');
    case 'refused':
      return trans.__('MLflow: not checked (not allowed)');
    case 'unreachable':
      return trans.__('MLflow: not checked (Jupyter does not answer)');
    default:
      return trans.__('MLflow: not checked');
  }
}
