import { useState } from 'react';
import { Button } from '../../ui/buttons';
import { useTrans } from '../../ui/context';

/** What a person agrees to before a kernel logs to another server. */
export interface Connection {
  readonly credentials: boolean;
  readonly remember: boolean;
}

/** Asks before a kernel logs to the panel's server. */
export function ConnectPane(props: {
  name: string;
  /** A local server has no login. */
  hasLogin: boolean;
  /** A console is not remembered. */
  canRemember: boolean;
  onConnect: (how: Connection) => void;
  onClose: () => void;
}): JSX.Element {
  const trans = useTrans();
  const [how, setHow] = useState<Connection>({
    credentials: false,
    remember: false
  });
  return (
    <form
      className="jp-mlflow-Form"
      onSubmit={event => {
        event.preventDefault();
        props.onConnect(how);
      }}
    >
      <p className="jp-mlflow-Wizard-text">
        {trans.__(
          'Runs that this kernel starts from now on go to “%1”. A run that is open stays where it is.',
          props.name
        )}
      </p>
      {props.hasLogin ? (
        <label className="jp-mlflow-Wizard-kernel">
          <input
            type="checkbox"
            checked={how.credentials}
            onChange={event => {
              setHow({ ...how, credentials: event.target.checked });
            }}
          />
          {trans.__(
            'Give the kernel the login that Jupyter keeps for this server: code in the notebook can read it then.'
          )}
        </label>
      ) : null}
      {props.canRemember ? (
        <label className="jp-mlflow-Wizard-kernel">
          <input
            type="checkbox"
            checked={how.remember}
            onChange={event => {
              setHow({ ...how, remember: event.target.checked });
            }}
          />
          {trans.__('Do so whenever this notebook starts a kernel')}
        </label>
      ) : null}
      <div className="jp-mlflow-State-actions">
        <Button look="accept" submit>
          {trans.__('Log there')}
        </Button>
        <Button onClick={props.onClose}>{trans.__('Cancel')}</Button>
      </div>
    </form>
  );
}
