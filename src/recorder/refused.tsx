import { useQueryClient } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import { asProblem } from '../servers/request';
import type { Problem } from '../servers/tokens';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import type { Settlement } from './api';
import { useRecorder } from './context';
import { byReason, type Refusals } from './refusals';
import { sendingKey, useSending } from './sending';
import { Trouble, type TroubleKind } from './trouble';

/** Reasons that are told. */
const MOST = 5;

/** Why cells are not sent yet, what MLflow has refused for good, whose artifacts are still here; and what can be done. */
export function Refused(props: { path: string }): JSX.Element | null {
  const { path } = props;
  const { api } = useRecorder();
  const trans = useTrans();
  const client = useQueryClient();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const { data } = useSending(path);
  if (data === undefined) {
    return null;
  }
  const settle = async (what: Settlement): Promise<void> => {
    setProblem(null);
    setBusy(true);
    try {
      await api.settleAll(path, what);
    } catch (reason) {
      setProblem(asProblem(reason));
    }
    await client.invalidateQueries({ queryKey: sendingKey(path) });
    setBusy(false);
  };
  const { waiting, reason, refused, files } = data;
  const waits = waiting > 0 && reason !== null ? [{ reason, ids: [] }] : [];
  const groups: [TroubleKind, string, Refusals[]][] = [
    ['waits', trans.__('Not sent yet'), waits],
    ['refused', trans.__('Refused by MLflow'), byReason(refused)],
    ['files', trans.__('Artifacts that are still here'), byReason(files)]
  ];
  const shown = groups.filter(([, , of]) => of.length > 0);
  const stuck = refused.length + files.length;
  const reasons = shown.flatMap(([kind, , of]) => (kind === 'waits' ? [] : of));
  return shown.length === 0 ? null : (
    <section className="jp-mlflow-Recording">
      {shown.map(([kind, title, of]) => (
        <Fragment key={kind}>
          <h2>{title}</h2>
          <ul aria-label={title}>
            {of.slice(0, MOST).map(group => (
              <li key={group.ids.at(0) ?? kind}>
                <Trouble
                  path={path}
                  kind={kind}
                  group={group}
                  isBusy={isBusy}
                  onSettle={what => void settle(what)}
                />
              </li>
            ))}
          </ul>
        </Fragment>
      ))}
      {reasons.length > 1 && (
        <div className="jp-mlflow-Recording-actions">
          <span>{trans.__('%1 cells in all.', stuck)}</span>
          <Button
            disabled={isBusy}
            onClick={() => void settle({ do: 'resend' })}
          >
            {trans.__('Send all again')}
          </Button>
          <Button disabled={isBusy} onClick={() => void settle({ do: 'drop' })}>
            {trans.__('Send none of them')}
          </Button>
        </div>
      )}
      {problem !== null && (
        <p className="jp-mlflow-Field-error" role="alert">
          {`${problem.message} ${problem.hint}`.trim()}
        </p>
      )}
    </section>
  );
}
