import { useState } from 'react';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { SelectField, TextField } from '../ui/fields';
import type { Recording, Send, Target } from './answers';
import type { Rule, Scope } from './api';
import { sendText } from './words';

/** A tracking server that executions can go to. */
export interface ServerChoice {
  readonly id: string;
  readonly name: string;
}

/** The two questions, for whom the answers hold, and where to. */
export function RuleForm(props: {
  recording: Recording;
  servers: ReadonlyArray<ServerChoice>;
  isBusy: boolean;
  onChoose: (scope: Scope, rule: Rule) => void;
}): JSX.Element {
  const { recording, servers } = props;
  const { allowed } = recording;
  const trans = useTrans();
  const [keep, setKeep] = useState(recording.keep);
  const [send, setSend] = useState<Send>(recording.send);
  const [scope, setScope] = useState<Scope>(
    recording.rule === 'none' ? 'notebook' : recording.rule
  );
  const [target, setTarget] = useState<Target | null>(
    recording.target ?? recording.proposed_target
  );
  const isSent = send !== 'nothing';
  const canChoose = !isSent || (target !== null && target.experiment !== '');
  return (
    <form
      className="jp-mlflow-Form"
      onSubmit={event => {
        event.preventDefault();
        props.onChoose(scope, { keep, send, target: isSent ? target : null });
      }}
    >
      <fieldset className="jp-mlflow-Recording-question">
        <legend>{trans.__('Keep code and outputs on this machine')}</legend>
        {[false, true].map(value => (
          <label key={String(value)}>
            <input
              type="radio"
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
        <>
          <SelectField
            label={trans.__('Tracking server')}
            value={target?.server_id ?? ''}
            onText={server_id => {
              setTarget({ server_id, experiment: target?.experiment ?? '' });
            }}
          >
            {!servers.some(({ id }) => id === target?.server_id) && (
              <option value={target?.server_id ?? ''}>
                {target?.server_id ?? trans.__('Choose one')}
              </option>
            )}
            {servers.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
          <TextField
            label={trans.__('Experiment')}
            value={target?.experiment ?? ''}
            help={trans.__(
              'One of its own keeps tables of training runs clean. It is made when needed.'
            )}
            onText={experiment => {
              setTarget({ server_id: target?.server_id ?? '', experiment });
            }}
          />
        </>
      )}
      <SelectField
        label={trans.__('For')}
        value={scope}
        onText={value => {
          setScope(value as Scope);
        }}
      >
        <option value="notebook">{trans.__('this notebook')}</option>
        <option value="folder">
          {trans.__('all notebooks of this folder')}
        </option>
        <option value="personal">{trans.__('all my notebooks')}</option>
      </SelectField>
      {allowed.redact_at_capture && (
        <p className="jp-mlflow-Field-help">
          {trans.__('Passwords and tokens are masked before anything is kept.')}
        </p>
      )}
      <div className="jp-mlflow-State-actions">
        <Button look="accept" submit disabled={props.isBusy || !canChoose}>
          {trans.__('Apply')}
        </Button>
      </div>
    </form>
  );
}
