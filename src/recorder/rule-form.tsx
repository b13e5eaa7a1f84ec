import { type ReactNode, useId, useState } from 'react';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import type { Allowed, Send, Target } from './answers';
import type { Rule } from './api';
import { isWhole, TargetFields } from './target-fields';
import { sendText } from './words';

/** The two questions, and where to. */
export function RuleForm(props: {
  /** What the form begins with. */
  rule: Rule;
  /** Where to, until somebody has chosen; null where no server is known. */
  proposed: Target | null;
  allowed: Allowed;
  isBusy: boolean;
  /** More to be decided, below the questions. */
  children?: ReactNode;
  onChoose: (rule: Rule) => void;
  onCancel?: () => void;
}): JSX.Element {
  const { rule, allowed } = props;
  const trans = useTrans();
  // Several forms may stand on one page: their radio buttons must not be one group.
  const group = useId();
  const [keep, setKeep] = useState(rule.keep);
  const [send, setSend] = useState<Send>(rule.send);
  const [edited, setTarget] = useState<Target | null>(null);
  const target = edited ?? rule.target ?? props.proposed;
  const isSent = send !== 'nothing';
  const canChoose = !isSent || isWhole(target);
  return (
    <form
      className="jp-mlflow-Form"
      onSubmit={event => {
        event.preventDefault();
        props.onChoose({ keep, send, target: isSent ? target : null });
      }}
    >
      <fieldset className="jp-mlflow-Recording-question">
        <legend>{trans.__('Keep code and outputs on this machine')}</legend>
        {[false, true].map(value => (
          <label key={String(value)}>
            <input
              type="radio"
              name={`${group}-keep`}
              checked={keep === value}
              disabled={value && !allowed.keep}
              onChange={() => {
                setKeep(value);
              }}
            />
            {value
              ? trans.__('Yes, for %1 days', allowed.retention.days)
              : trans.__('No')}
          </label>
        ))}
      </fieldset>
      <fieldset className="jp-mlflow-Recording-question">
        <legend>{trans.__('Send to MLflow')}</legend>
        {(['nothing', 'runs', 'tagged', 'all'] as const).map(value => (
          <label key={value}>
            <input
              type="radio"
              name={`${group}-send`}
              checked={send === value}
              disabled={!allowed.send.includes(value)}
              onChange={() => {
                setSend(value);
              }}
            />
            {sendText(value, trans)}
          </label>
        ))}
      </fieldset>
      {isSent && (
        <TargetFields
          target={target}
          help={trans.__(
            'One of its own keeps tables of training runs clean. It is made when needed; {notebook} stands for the notebook’s name.'
          )}
          onTarget={setTarget}
        />
      )}
      {props.children}
      {allowed.redact_at_capture && (
        <p className="jp-mlflow-Field-help">
          {trans.__('Passwords and tokens are masked before anything is kept.')}
        </p>
      )}
      <div className="jp-mlflow-State-actions">
        <Button look="accept" submit disabled={props.isBusy || !canChoose}>
          {trans.__('Apply')}
        </Button>
        {props.onCancel && (
          <Button onClick={props.onCancel}>{trans.__('Cancel')}</Button>
        )}
      </div>
    </form>
  );
}
