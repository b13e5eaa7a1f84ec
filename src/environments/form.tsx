import { useId, useState, type FormEvent } from 'react';
import type { Problem } from '../servers/tokens';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { SelectField, TextField } from '../ui/fields';
import type { MachineEnvironments } from './api';
import {
  fieldOfProblem,
  type DraftField,
  type EnvironmentDraft
} from './draft';

/**
 * What a new environment is to hold. What the server refuses is said at its field, and what was typed stays.
 *
 * @param props.machine - for the choice of Python; null until it is known.
 * @param props.serverVersion - MLflow of the tracking server; null where that is not known.
 */
export function EnvironmentForm(props: {
  draft: EnvironmentDraft;
  machine: MachineEnvironments | null;
  serverVersion: string | null;
  problem: Problem | null;
  isBusy: boolean;
  /** Shows what to type instead. */
  onCommands: () => void;
  /** Takes a change, not a whole: an answer may have changed the draft since it was drawn. */
  onDraft: (change: (before: EnvironmentDraft) => EnvironmentDraft) => void;
  onSubmit: () => void;
  onCancel: () => void;
}): JSX.Element {
  const { draft, machine, serverVersion, problem, onDraft } = props;
  const trans = useTrans();
  const versions = useId();
  const field = problem ? fieldOfProblem(problem.code) : null;
  const errorAt = (name: DraftField): Problem | null =>
    field === name ? problem : null;
  const isRefusedBelow =
    field === 'folder' || field === 'python' || field === 'requirements';
  const [isMoreOpen, setMoreOpen] = useState(false);
  if (isRefusedBelow && !isMoreOpen) {
    // It stays so when what was refused is mended.
    setMoreOpen(true);
  }
  const set = (change: Partial<EnvironmentDraft>): void => {
    onDraft(before => ({ ...before, ...change }));
  };
  // An administrator may have turned jobs off: then it is typed.
  const canCreate = machine?.jobs !== false;
  const pythons = (machine?.interpreters ?? []).filter(
    each =>
      each.python !== null && each.problem === null && each.kind !== 'ours'
  );
  return (
    <form
      className="jp-mlflow-Form jp-mlflow-Wizard-form"
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        if (canCreate) {
          props.onSubmit();
        } else {
          props.onCommands();
        }
      }}
    >
      <p className="jp-mlflow-Wizard-text">
        {trans.__(
          'A folder with a Python, MLflow and a kernel of its own; nothing that you have is changed.'
        )}
      </p>
      <TextField
        label={trans.__('Name')}
        value={draft.name}
        autoFocus
        error={errorAt('name')}
        onText={name => {
          set({ name });
        }}
      />
      <TextField
        label={trans.__('MLflow version')}
        value={draft.mlflow}
        list={versions}
        placeholder={trans.__('the newest')}
        help={trans.__(
          'The newest, or any from 2.3.2: an old one gets packages of its own time.'
        )}
        error={errorAt('mlflow')}
        onText={mlflow => {
          set({ mlflow });
        }}
      />
      <datalist id={versions}>
        {serverVersion === null ? null : (
          <option value={serverVersion}>
            {trans.__('as the tracking server')}
          </option>
        )}
        <option value="2.3.2">{trans.__('the oldest')}</option>
      </datalist>
      {draft.imports.length > 0 ? (
        <fieldset className="jp-mlflow-Wizard-imports">
          <legend>
            {trans._n(
              'This notebook also imports %2. Install it too?',
              'This notebook also imports %2. Install them too?',
              draft.imports.length,
              draft.imports.map(each => each.name).join(', ')
            )}
          </legend>
          {draft.imports.map(({ name, wanted }) => (
            <label key={name} className="jp-mlflow-Wizard-import">
              <input
                type="checkbox"
                checked={wanted}
                onChange={event => {
                  const { checked } = event.target;
                  onDraft(before => ({
                    ...before,
                    imports: before.imports.map(each =>
                      each.name === name ? { name, wanted: checked } : each
                    )
                  }));
                }}
              />
              {name}
            </label>
          ))}
        </fieldset>
      ) : null}
      <TextField
        label={trans.__('More packages')}
        value={draft.packages}
        help={trans.__('Names, with versions where needed: pandas>=2, seaborn')}
        error={errorAt('packages')}
        onText={packages => {
          set({ packages });
        }}
      />
      <details
        className="jp-mlflow-Form-more"
        open={isMoreOpen}
        onToggle={event => {
          setMoreOpen(event.currentTarget.open);
        }}
      >
        <summary>{trans.__('Folder, Python and requirements file')}</summary>
        <TextField
          label={trans.__('Folder')}
          value={draft.folder}
          placeholder={machine?.folder}
          help={trans.__(
            'In which its own folder is made: absolute, or from Jupyter’s folder.'
          )}
          error={errorAt('folder')}
          onText={folder => {
            set({ folder });
          }}
        />
        <SelectField
          label={trans.__('Python')}
          value={draft.python}
          error={errorAt('python')}
          onText={python => {
            set({ python });
          }}
        >
          <option value="">{trans.__('One that fits this MLflow')}</option>
          {pythons.map(each => (
            <option key={each.executable} value={each.executable}>
              {`${each.python} · ${each.executable}`}
            </option>
          ))}
        </SelectField>
        <TextField
          label={trans.__('Requirements file')}
          value={draft.requirements}
          help={trans.__('From Jupyter’s folder, such as requirements.txt.')}
          error={errorAt('requirements')}
          onText={requirements => {
            set({ requirements });
          }}
        />
      </details>
      {problem && field === null ? (
        <div className="jp-mlflow-Field-error" role="alert">
          <div>{problem.message}</div>
          {problem.hint ? <div>{problem.hint}</div> : null}
        </div>
      ) : null}
      {canCreate ? null : (
        <p className="jp-mlflow-Wizard-text">
          {trans.__(
            'The administrator of this Jupyter server has turned jobs off; the commands can be typed into a terminal.'
          )}
        </p>
      )}
      <div className="jp-mlflow-State-actions">
        {canCreate ? (
          <Button look="accept" submit disabled={props.isBusy}>
            {trans.__('Create')}
          </Button>
        ) : null}
        <Button
          look={canCreate ? undefined : 'accept'}
          onClick={props.onCommands}
        >
          {trans.__('Show me the commands')}
        </Button>
        <Button onClick={props.onCancel}>{trans.__('Cancel')}</Button>
      </div>
    </form>
  );
}
