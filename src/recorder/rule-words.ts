import type { TranslationBundle } from '@jupyterlab/translation';
import type { Target } from './answers';
import type { Rule } from './api';
import { sendText } from './words';

/** Stands for the notebook’s name in the experiment of a rule for many; the server knows it, too. */
const NOTEBOOK = '{notebook}';

/** The folder that a notebook is in; empty for Jupyter’s root. */
export function folderOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}

/** A target that was meant for one notebook, for many: each notebook’s cells go to an experiment with its own name. */
export function forMany(target: Target | null, path: string): Target | null {
  const name =
    path
      .split('/')
      .at(-1)
      ?.replace(/\.ipynb$/, '') ?? '';
  return target === null || name === '' || target.experiment.includes(NOTEBOOK)
    ? target
    : {
        ...target,
        experiment: target.experiment.replace(name, () => NOTEBOOK)
      };
}

/** What a rule says, in a line. @param serverName - of the tracking server that it sends to. */
export function ruleText(
  rule: Rule,
  serverName: string,
  trans: TranslationBundle
): string {
  const keep = rule.keep
    ? trans.__('Kept on this machine')
    : trans.__('Not kept on this machine');
  return rule.send === 'nothing' || rule.target === null
    ? trans.__('%1; nothing is sent.', keep)
    : trans.__(
        '%1; sent: %2, to “%3” on %4.',
        keep,
        sendText(rule.send, trans),
        rule.target.experiment,
        serverName
      );
}
