import { useEffect } from 'react';
import { readImportCheck } from '../jobs';
import { JobView } from '../jobs/view';
import { Button, classes } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import { proofOf, prove, switchKernel, type TryImport } from './proof';
import type { KernelHolder } from './tokens';
import type { Undertaking } from './undertaking';
import { jobWords } from './words';

/** A job with its output, how it ended, and what the kernel says afterwards. */
export function JobPane(props: {
  undertaking: Undertaking;
  on: KernelHolder | null;
  /** Makes a new kernelspec known to the page. */
  refreshKernels: () => Promise<void>;
  tryImport: TryImport;
  onClose: () => void;
  /** Back to the form, where there is one. */
  onBack?: () => void;
}): JSX.Element {
  const { undertaking, on, refreshKernels, tryImport, onClose, onBack } = props;
  const { follower, kind, label, module } = undertaking;
  const trans = useTrans();
  const progress = useSignalValue(follower.changed, () => follower.progress);
  const after = useSignalValue(undertaking.changed, () => undertaking.after);
  const { phase } = progress;

  useEffect(() => {
    const watching = follower.watch();
    return () => {
      watching.dispose();
    };
  }, [follower]);

  useEffect(() => {
    if (phase === 'done' && kind === 'install' && on && !undertaking.after) {
      void undertaking.ask(() => prove(on.watch, module, tryImport));
    }
  }, [kind, module, on, phase, tryImport, undertaking]);

  const words = jobWords(kind, label, trans);
  const title = {
    idle: words.running,
    beginning: words.running,
    running: progress.isCancelling ? trans.__('Cancelling…') : words.running,
    done: words.done,
    failed: words.failed,
    cancelled: trans.__('It was cancelled')
  }[phase];
  const result = progress.result ?? {};
  const kernelName =
    typeof result.kernel_name === 'string' ? result.kernel_name : null;
  const canSwitch =
    (kind === 'create-environment' ||
      kind === 'register-kernel' ||
      kind === 'repair-kernel') &&
    kernelName !== null &&
    on !== null &&
    after === null;
  const hasKernel = on !== null && on.watch.environment.kernelId !== null;
  const proof =
    after?.state === 'answered' ? proofOf(after.answer, trans) : null;
  const isOver =
    phase === 'done' || phase === 'failed' || phase === 'cancelled';

  return (
    <JobView
      progress={progress}
      title={title}
      isFinishing={after?.state === 'asking'}
      logLabel={trans.__('Output of the job')}
      onCancel={() => void follower.cancel()}
      actions={
        <Button onClick={onClose}>{trans.__('Go on in the background')}</Button>
      }
    >
      {phase === 'cancelled' && kind === 'create-environment' ? (
        <div className="jp-mlflow-State-body">
          {trans.__('Nothing of it was kept.')}
        </div>
      ) : null}
      {phase === 'done' && kind === 'create-environment' ? (
        <div className="jp-mlflow-State-body">
          {trans.__(
            'Python %1 with MLflow %2, in %3.',
            String(result.python),
            String(result.mlflow),
            String(result.prefix)
          )}
        </div>
      ) : null}
      {phase === 'done' && kind === 'check-imports' ? (
        <ImportResult label={label} result={result} />
      ) : null}
      {canSwitch && hasKernel ? (
        <div className="jp-mlflow-State-hint">
          {trans.__(
            'Switching loses what the present kernel has in memory: variables and imports. The cells stay.'
          )}
        </div>
      ) : null}
      {/* Present before its text, so that screen readers tell it. */}
      <div
        role="status"
        className={classes(
          'jp-mlflow-Job-proof',
          proof?.ok === false && 'jp-mod-error'
        )}
        data-mlflow-proof={
          proof ? (proof.ok === null ? 'unknown' : String(proof.ok)) : undefined
        }
      >
        {after?.state === 'asking'
          ? trans.__('Asking the kernel, and trying the import…')
          : after?.state === 'failed'
            ? after.problem.message
            : (proof?.message ?? '')}
      </div>
      {isOver ? (
        <div className="jp-mlflow-State-actions">
          {canSwitch ? (
            <Button
              look="accept"
              onClick={() =>
                void undertaking.ask(async () => {
                  await refreshKernels();
                  await switchKernel(on, kernelName);
                  return prove(
                    on.watch,
                    // A kernel that starts again need not have MLflow.
                    kind === 'repair-kernel' ? null : module,
                    tryImport
                  );
                })
              }
            >
              {on.notebook === null
                ? trans.__('Switch this console to it')
                : hasKernel
                  ? trans.__('Switch this notebook to it')
                  : trans.__('Start it for this notebook')}
            </Button>
          ) : null}
          {phase !== 'done' && onBack ? (
            <Button look="accept" onClick={onBack}>
              {trans.__('Back')}
            </Button>
          ) : null}
          <Button disabled={after?.state === 'asking'} onClick={onClose}>
            {trans.__('Close')}
          </Button>
        </div>
      ) : null}
    </JobView>
  );
}

function ImportResult(props: {
  label: string;
  result: Readonly<Record<string, unknown>>;
}): JSX.Element {
  const { label, result } = props;
  const trans = useTrans();
  const check = readImportCheck(result);
  return (
    <div className="jp-mlflow-State-body">
      {check?.ok === true
        ? trans.__('%1 was imported in %2 s.', label, String(check.seconds))
        : trans.__(
            '%1 cannot be imported: %2: %3',
            label,
            check?.error?.type ?? '',
            check?.error?.message ?? ''
          )}
    </div>
  );
}
