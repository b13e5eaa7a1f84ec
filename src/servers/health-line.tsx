import { useTrans } from '../ui/context';
import { useNow } from '../ui/time';
import { formatRelative } from '../ui/format';
import { useHealth } from './context';
import { FoldedLog } from '../ui/log';
import { ProblemActions } from './problem-actions';
import type { Health, TrackingServer } from './tokens';
import { isStopped, latencyText, problemOf, stateText } from './words';

/**
 * One line on how the server is; when it is not well and the sections below still show what they had, also why, since
 * when, and what to do.
 *
 * @param props.brief - the stage below tells all of that already.
 */
export function HealthLine(props: {
  server: TrackingServer;
  brief: boolean;
  doing: string | null;
}): JSX.Element {
  const { server, brief, doing } = props;
  const trans = useTrans();
  const health = useHealth();
  const facts = [doing ?? stateText(server, health, trans)];
  if (health.version !== null && health.state === 'connected') {
    facts.push(trans.__('MLflow %1', health.version));
  }
  if (health.latency !== null && health.state === 'connected') {
    facts.push(latencyText(health.latency, trans));
  }
  const ill =
    ['failed', 'signed-out'].includes(health.state) && !brief && doing === null;
  return (
    <div className="jp-mlflow-Health">
      <div className="jp-mlflow-Health-line" role="status">
        {facts.join(' · ')}
      </div>
      {ill ? <Illness server={server} health={health} /> : null}
    </div>
  );
}

function Illness(props: {
  server: TrackingServer;
  health: Health;
}): JSX.Element {
  const { server, health } = props;
  const trans = useTrans();
  const now = useNow(10_000);
  const problem = problemOf(server, health);
  const stopped = isStopped(server, health);
  return (
    <div
      className={`jp-mlflow-Health-problem${stopped ? '' : ' jp-mod-error'}`}
      role={stopped ? 'status' : 'alert'}
    >
      {problem && !stopped ? <div>{problem.message}</div> : null}
      {problem?.hint && !stopped ? <div>{problem.hint}</div> : null}
      {health.lastAnswer !== null ? (
        <div className="jp-mlflow-Health-since">
          {trans.__(
            'Shown is what it answered last, %1.',
            formatRelative(health.lastAnswer, now)
          )}
        </div>
      ) : null}
      <ProblemActions server={server} health={health} problem={problem} />
      {problem?.log ? (
        <FoldedLog
          text={problem.log}
          label={trans.__('Log of the tracking server')}
        />
      ) : null}
    </div>
  );
}
