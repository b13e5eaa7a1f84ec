import { useQueryClient } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import { asProblem } from '../servers/request';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import type { Unsent } from './answers';
import { useRecorder } from './context';
import { sendingKey, useSending } from './sending';

/** Of as many the reason is shown. */
const MOST = 5;

/** Why cells are not sent yet, what MLflow has refused for good, whose artifacts are still here; and what can be done. */
export function Refused(props: { path: string }): JSX.Element | null {
  const { path } = props;
  const { api } = useRecorder();
  const trans = useTrans();
  const client = useQueryClient();
  const [problem, setProblem] = useState<string | null>(null);
  const { data } = useSending(path);
  const settle = async (id: string, what: 'resend' | 'drop') => {
    setProblem(null);
    try {
      await api.settle(id, what);
    } catch (reason) {
      setProblem(asProblem(reason).message);
    }
    await client.invalidateQueries({ queryKey: sendingKey(path) });
  };
  const settleAll = async (what: 'resend' | 'drop') => {
    setProblem(null);
    try {
      await api.settleAll(path, what);
    } catch (reason) {
      setProblem(asProblem(reason).message);
    }
    await client.invalidateQueries({ queryKey: sendingKey(path) });
  };
  const waits = data !== undefined && data.waiting > 0 ? data.reason : null;
  const lists: [string, Unsent[]][] = [
    [trans.__('Refused by MLflow'), data?.refused ?? []],
    [trans.__('Artifacts that are still here'), data?.files ?? []]
  ];
  const stuck = lists.reduce((sum, [, of]) => sum + of.length, 0);
  return waits === null && stuck === 0 ? null : (
    <section className="jp-mlflow-Recording">
      {waits !== null && (
        <p>
          {trans.__(
            'Not sent yet: %1',
            `${waits.message} ${waits.hint}`.trim()
          )}
        </p>
      )}
      {lists
        .filter(([, of]) => of.length > 0)
        .map(([title, of]) => (
          <Fragment key={title}>
            <h4>{title}</h4>
            <ul aria-label={title}>
              {of.slice(0, MOST).map(({ execution_id, reason }) => (
                <li key={execution_id} className="jp-mlflow-Recording-refused">
                  <span>
                    {reason === null
                      ? trans.__('No reason was given.')
                      : `${reason.message} ${reason.hint}`.trim()}
                  </span>
                  <Button onClick={() => void settle(execution_id, 'resend')}>
                    {trans.__('Send again')}
                  </Button>
                  <Button onClick={() => void settle(execution_id, 'drop')}>
                    {trans.__('Do not send')}
                  </Button>
                </li>
              ))}
            </ul>
          </Fragment>
        ))}
      {stuck > 1 && (
        <div className="jp-mlflow-Recording-refused">
          {stuck > MOST && <span>{trans.__('%1 in all.', stuck)}</span>}
          <Button onClick={() => void settleAll('resend')}>
            {trans.__('Send all again')}
          </Button>
          <Button onClick={() => void settleAll('drop')}>
            {trans.__('Send none of them')}
          </Button>
        </div>
      )}
      {problem !== null && (
        <p className="jp-mlflow-Field-error" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
