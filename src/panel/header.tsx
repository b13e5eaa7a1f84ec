import { useServers } from '../servers';
import { ServerDetails } from '../servers/details';
import { HealthLine } from '../servers/health-line';
import { ServerSwitcher } from '../servers/switcher';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import type { PanelModel } from './model';

/** The server switcher, one line on how the current server is, and its card. */
export function PanelHeader(props: { model: PanelModel }): JSX.Element | null {
  const { model } = props;
  const trans = useTrans();
  const servers = useServers();
  const current = useSignalValue(servers.changed, () => servers.current);
  const stage = useSignalValue(model.changed, () => model.stage);
  const details = useSignalValue(model.changed, () => model.areDetailsOpen);
  const undertaking = useSignalValue(model.changed, () =>
    current ? model.undertaking(current.id) : null
  );
  const job = useSignalValue(model.job.changed, () => model.job.view);
  if (!current) {
    return null;
  }
  const doing =
    undertaking === null
      ? null
      : {
          stopping: trans.__('Stopping…'),
          removing: trans.__('Removing…'),
          starting: trans.__('Starting…')
        }[undertaking];
  return (
    <div className="jp-mlflow-Header">
      <ServerSwitcher server={current} areDetailsOpen={details} />
      <HealthLine
        server={current}
        brief={stage !== 'sections' && stage !== 'view'}
        doing={doing}
      />
      {job.phase !== 'idle' && stage !== 'job' ? (
        <div className="jp-mlflow-Header-job" role="status">
          {job.phase === 'failed'
            ? trans.__('MLflow could not be installed.')
            : trans.__('MLflow is being installed.')}{' '}
          <Button
            look="link"
            onClick={() => {
              model.showJob();
            }}
          >
            {trans.__('Show')}
          </Button>
        </div>
      ) : null}
      {details ? <ServerDetails server={current} /> : null}
    </div>
  );
}
