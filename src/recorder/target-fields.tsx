import { useServers } from '../servers';
import { useTrans } from '../ui/context';
import { SelectField, TextField } from '../ui/fields';
import { useSignalValue } from '../ui/signals';
import type { Target } from './answers';

/** Where cells are sent to: a tracking server and an experiment. */
export function TargetFields(props: {
  /** Null until a server is chosen. */
  target: Target | null;
  /** Of the experiment: what to write. */
  help?: string;
  onTarget: (target: Target) => void;
}): JSX.Element {
  const { target, onTarget } = props;
  const trans = useTrans();
  const list = useServers();
  const servers = useSignalValue(list.changed, () => list.servers);
  return (
    <>
      <SelectField
        label={trans.__('Tracking server')}
        value={target?.server_id ?? ''}
        onText={server_id => {
          onTarget({ server_id, experiment: target?.experiment ?? '' });
        }}
      >
        {!servers.some(({ id }) => id === target?.server_id) && (
          <option value={target?.server_id ?? ''}>
            {target?.server_id
              ? trans.__('A server that is not in the list')
              : trans.__('Choose one')}
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
        help={props.help}
        onText={experiment => {
          onTarget({ server_id: target?.server_id ?? '', experiment });
        }}
      />
    </>
  );
}

/** Whether it says where to. */
export function isWhole(target: Target | null): target is Target {
  return (
    target !== null &&
    target.server_id !== '' &&
    target.experiment.trim() !== ''
  );
}
