import type { TranslationBundle } from '@jupyterlab/translation';
import type { Remedy } from '../tokens';

/** A requirement as a person says it: `mlflow==3.1.0` is MLflow 3.1.0. */
export function packageText(requirement: string): string {
  const [name, version] = requirement.split('==', 2);
  const word = name === 'mlflow' ? 'MLflow' : name;
  return version === undefined ? word : `${word} ${version}`;
}

/** What the button of a remedy says. */
export function remedyLabel(remedy: Remedy, trans: TranslationBundle): string {
  switch (remedy.kind) {
    case 'switch-kernel':
      return remedy.kernelName === null
        ? trans.__('Switch the kernel…')
        : trans.__('Switch to “%1”…', remedy.kernelName);
    case 'install':
      return remedy.reinstall
        ? trans.__('Install %1 again', packageText(remedy.packages[0]))
        : trans.__('Install %1 here', packageText(remedy.packages[0]));
    case 'install-named':
      return trans.__('Install a package…');
    case 'create-environment':
      return trans.__('Create an environment…');
    case 'register-kernel':
      return trans.__('Add it to the kernels');
    case 'repair-kernel':
      return trans.__('Repair the kernel…');
    case 'remove-kernel':
      return trans.__('Remove the kernel…');
    case 'use-panel-server':
      return trans.__('Log to %1', remedy.name);
    case 'forget-server':
      return trans.__('Forget this choice');
    case 'show-server':
      return trans.__('Show %1', remedy.label);
    case 'restart-kernel':
      return trans.__('Restart the kernel…');
    case 'end-run':
      return trans.__('End the run');
    case 'rename-file':
      return trans.__('Rename the file…');
    case 'open-terminal':
      return trans.__('Open a terminal in this environment');
    case 'show-commands':
      return trans.__('Show me the commands');
    case 'check-thoroughly':
      return trans.__('Check thoroughly');
  }
}

const JOBS: ReadonlySet<Remedy['kind']> = new Set([
  'install',
  'create-environment',
  'register-kernel',
  'repair-kernel',
  'remove-kernel',
  'check-thoroughly'
] as const);

/** Whether a remedy is a job, which an administrator can turn off. */
export function isJob(remedy: Remedy): boolean {
  return JOBS.has(remedy.kind);
}
