import type { Recording } from './answers';
import { Rules } from './rules';
import { SecretWords } from './secret-words';
import { Upkeep } from './upkeep';

/** What holds for all notebooks of a person: rules, secret words, how much history is kept. */
export function SettingsPane(props: {
  /** Of any notebook: what is allowed, and where cells could be sent to. */
  recording: Recording;
  onDelete: () => void;
}): JSX.Element {
  const { recording } = props;
  return (
    <div className="jp-mlflow-Recording jp-mlflow-Recording-settings">
      <Rules allowed={recording.allowed} proposed={recording.proposed_target} />
      <SecretWords />
      <Upkeep recording={recording} onDelete={props.onDelete} />
    </div>
  );
}
