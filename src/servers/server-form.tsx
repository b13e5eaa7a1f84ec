import { useState, type FormEvent } from 'react';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { SelectField, TextField } from '../ui/fields';
import { ApiError, asProblem } from './api';
import { useServers } from './context';
import {
  fieldOfProblem,
  isAddress,
  missingField,
  toChange,
  toNewServer,
  type DraftField,
  type ServerDraft,
  type SignIn
} from './draft';
import type { Problem, TrackingServer } from './tokens';

const SIGN_INS: ReadonlyArray<SignIn> = ['keep', 'none', 'basic', 'token'];

interface Refusal {
  readonly problem: Problem;
  readonly field: DraftField | null;
  /** The server of the list that this one would be. */
  readonly existing: string | null;
}

/**
 * The form of a server: a new one, or the changes of one in the list. What is refused is said at its field, and what was
 * typed stays.
 *
 * @param props.server - the one to change; null for a new one.
 * @param props.onDone - it is added or changed, or `Cancel` was pressed (`false`).
 */
export function ServerForm(props: {
  server: TrackingServer | null;
  draft: ServerDraft;
  onDraft: (draft: ServerDraft) => void;
  onDone: (done: boolean) => void;
}): JSX.Element {
  const { server, draft, onDraft, onDone } = props;
  const trans = useTrans();
  const servers = useServers();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  const set = (change: Partial<ServerDraft>): void => {
    setRefusal(null);
    onDraft({ ...draft, ...change });
  };

  const missing = (field: DraftField): Problem => ({
    code: 'missing',
    message: {
      uri: trans.__('No address was given.'),
      username: trans.__('No user name was given.'),
      token: trans.__('No token was given.'),
      ca: '',
      workspace: ''
    }[field],
    hint: '',
    log: null
  });

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const field = missingField(draft);
    if (field) {
      setRefusal({ problem: missing(field), field, existing: null });
      return;
    }
    setBusy(true);
    setRefusal(null);
    try {
      await (server
        ? servers.update(server.id, toChange(draft, server))
        : servers.add(toNewServer(draft)));
      onDone(true);
    } catch (reason) {
      const problem = asProblem(reason);
      setRefusal({
        problem,
        field: fieldOfProblem(problem.code, problem.message, draft),
        existing:
          reason instanceof ApiError && problem.code === 'server-exists'
            ? reason.serverId
            : null
      });
      setBusy(false);
    }
  };

  const errorAt = (field: DraftField): Problem | null =>
    refusal?.field === field ? refusal.problem : null;
  const shown = isAddress(draft.uri);
  const signIns: Record<SignIn, string> = {
    keep: trans.__('As before'),
    none: trans.__('None'),
    basic: trans.__('User name and password'),
    token: trans.__('Token')
  };
  const existing = refusal?.existing ?? null;

  return (
    <form
      className="jp-mlflow-Form"
      onSubmit={event => void submit(event)}
      noValidate
    >
      <h2 className="jp-mlflow-Form-title">
        {server
          ? trans.__('Change “%1”', server.name)
          : trans.__('Add a tracking server')}
      </h2>
      <TextField
        label={trans.__('Address or store')}
        value={draft.uri}
        readOnly={server !== null}
        autoFocus={server === null}
        // eslint-disable-next-line jupyter/no-untranslated-string -- an address
        placeholder="https://mlflow.example.org"
        help={
          server
            ? trans.__('To use another address, add it as another server.')
            : trans.__(
                'The address of a server, or a store for Jupyter to start one over: sqlite:///mlflow.db, postgresql://…, a folder of mlruns.'
              )
        }
        error={errorAt('uri')}
        onText={uri => {
          set({ uri });
        }}
      />
      {existing !== null ? (
        <Button
          onClick={() => {
            servers.select(existing);
            onDone(true);
          }}
        >
          {trans.__('Use the one in the list')}
        </Button>
      ) : null}
      <TextField
        label={trans.__('Name')}
        value={draft.name}
        placeholder={trans.__('as its address')}
        maxLength={200}
        onText={name => {
          set({ name });
        }}
      />
      {shown ? (
        <>
          <SelectField
            label={trans.__('Sign in with')}
            value={draft.signIn}
            onText={text => {
              const signIn = SIGN_INS.find(each => each === text);
              if (signIn) {
                set({ signIn });
              }
            }}
          >
            {SIGN_INS.filter(each => each !== 'keep' || server !== null).map(
              each => (
                <option key={each} value={each}>
                  {signIns[each]}
                </option>
              )
            )}
          </SelectField>
          {draft.signIn === 'basic' ? (
            <>
              <TextField
                label={trans.__('User name')}
                value={draft.username}
                autoComplete="off"
                error={errorAt('username')}
                onText={username => {
                  set({ username });
                }}
              />
              <TextField
                label={trans.__('Password')}
                type="password"
                value={draft.password}
                autoComplete="new-password"
                onText={password => {
                  set({ password });
                }}
              />
            </>
          ) : null}
          {draft.signIn === 'token' ? (
            <TextField
              label={trans.__('Token')}
              type="password"
              value={draft.token}
              autoComplete="new-password"
              error={errorAt('token')}
              onText={token => {
                set({ token });
              }}
            />
          ) : null}
          <details
            className="jp-mlflow-Form-more"
            open={draft.ca !== '' || draft.workspace !== '' || undefined}
          >
            <summary>{trans.__('Certificate and workspace')}</summary>
            <TextField
              label={trans.__('CA bundle')}
              value={draft.ca}
              placeholder={server ? trans.__('as before') : undefined}
              help={trans.__(
                'Path of a PEM file on the machine of the Jupyter server, for an own certificate authority.'
              )}
              error={errorAt('ca')}
              onText={ca => {
                set({ ca });
              }}
            />
            {server ? null : (
              <TextField
                label={trans.__('Workspace')}
                value={draft.workspace}
                help={trans.__('Only where the server has workspaces.')}
                error={errorAt('workspace')}
                onText={workspace => {
                  set({ workspace });
                }}
              />
            )}
          </details>
        </>
      ) : null}
      {refusal && refusal.field === null ? (
        <div className="jp-mlflow-Field-error" role="alert">
          <div>{refusal.problem.message}</div>
          {refusal.problem.hint ? <div>{refusal.problem.hint}</div> : null}
        </div>
      ) : null}
      <div className="jp-mlflow-State-actions">
        <Button look="accept" submit disabled={busy}>
          {server ? trans.__('Save') : trans.__('Add')}
        </Button>
        <Button
          onClick={() => {
            onDone(false);
          }}
        >
          {trans.__('Cancel')}
        </Button>
      </div>
    </form>
  );
}
