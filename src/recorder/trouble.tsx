import { useState } from 'react';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import type { Settlement } from './api';
import { RedirectForm } from './redirect-form';
import type { Refusals } from './refusals';

/** What was not sent is on its way, was refused for good, or has artifacts that are still on this machine. */
export type TroubleKind = 'waits' | 'refused' | 'files';

/** One reason, the cells that it is about, and what can be done with them. */
export function Trouble(props: {
  path: string;
  kind: TroubleKind;
  group: Refusals;
  isBusy: boolean;
  /** It stands at the cell that it is about. */
  isAtCell?: boolean;
  onSettle: (what: Settlement) => void;
}): JSX.Element {
  const { path, kind, group, isBusy, isAtCell = false, onSettle } = props;
  const { reason } = group;
  const ids = [...group.ids];
  const trans = useTrans();
  // Back from the form, the focus is where it was.
  const [form, setForm] = useState<'unasked' | 'open' | 'closed'>('unasked');
  const canMove = kind === 'refused' || reason?.code === 'unknown-server';
  return (
    <div className="jp-mlflow-Recording-trouble">
      <p>
        {kind !== 'waits' && !isAtCell && (
          <b>{trans._n('%1 cell:', '%1 cells:', ids.length)}</b>
        )}{' '}
        {reason === null
          ? trans.__('No reason was given.')
          : `${reason.message} ${reason.hint}`.trim()}
      </p>
      {form === 'open' ? (
        <RedirectForm
          path={path}
          isBusy={isBusy}
          onChoose={(target, later) => {
            onSettle({
              do: 'redirect',
              target,
              later,
              ...(ids.length > 0 && { ids })
            });
          }}
          onCancel={() => {
            setForm('closed');
          }}
        />
      ) : (
        <div className="jp-mlflow-Recording-actions">
          {kind !== 'waits' && (
            <Button
              disabled={isBusy}
              onClick={() => {
                onSettle({ do: 'resend', ids });
              }}
            >
              {trans.__('Send again')}
            </Button>
          )}
          {canMove && (
            <Button
              disabled={isBusy}
              autoFocus={form === 'closed'}
              onClick={() => {
                setForm('open');
              }}
            >
              {trans.__('Send to another experiment…')}
            </Button>
          )}
          {kind !== 'waits' && (
            <Button
              disabled={isBusy}
              onClick={() => {
                onSettle({ do: 'drop', ids });
              }}
            >
              {trans.__('Do not send')}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
