import type { TranslationBundle } from '@jupyterlab/translation';
import type { JobOrder } from '../jobs/tokens';

interface JobWords {
  readonly running: string;
  readonly done: string;
  readonly failed: string;
}

/** What is said of a job. @param label - what it is about. */
export function jobWords(
  kind: JobOrder['kind'],
  label: string,
  trans: TranslationBundle
): JobWords {
  switch (kind) {
    case 'create-environment':
      return {
        running: trans.__('Creating “%1”…', label),
        done: trans.__('“%1” is ready', label),
        failed: trans.__('“%1” could not be created', label)
      };
    case 'install':
      return {
        running: trans.__('Installing %1…', label),
        done: trans.__('%1 is installed', label),
        failed: trans.__('%1 could not be installed', label)
      };
    case 'register-kernel':
      return {
        running: trans.__('Adding %1 to the kernels…', label),
        done: trans.__('%1 is among the kernels', label),
        failed: trans.__('%1 could not be added to the kernels', label)
      };
    case 'repair-kernel':
      return {
        running: trans.__('Repairing the kernel “%1”…', label),
        done: trans.__('The kernel “%1” is repaired', label),
        failed: trans.__('The kernel “%1” could not be repaired', label)
      };
    case 'remove-kernel':
      return {
        running: trans.__('Removing the kernel “%1”…', label),
        done: trans.__('The kernel “%1” is removed', label),
        failed: trans.__('The kernel “%1” could not be removed', label)
      };
    case 'remove-environment':
      return {
        running: trans.__('Removing %1…', label),
        done: trans.__('%1 is removed', label),
        failed: trans.__('%1 could not be removed', label)
      };
    case 'check-imports':
      return {
        running: trans.__('Importing %1 as this kernel would…', label),
        done: trans.__('The import was tried'),
        failed: trans.__('The import could not be tried')
      };
  }
}
