import { useState } from 'react';
import { asProblem } from '../servers/request';
import type { Problem } from '../servers/tokens';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { TextField } from '../ui/fields';
import type { Recording } from './answers';
import { useRecorder } from './context';

const MB = 1e6;

/** How much history is kept, and how to be rid of all of it. */
export function Upkeep(props: {
  recording: Recording;
  onDelete: () => void;
}): JSX.Element {
  const { path, allowed } = props.recording;
  const { api } = useRecorder();
  const trans = useTrans();
  const [days, setDays] = useState(String(allowed.retention.days));
  const [size, setSize] = useState(String(allowed.retention.bytes / MB));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [told, setTold] = useState('');
  const save = async (): Promise<void> => {
    setProblem(null);
    setTold('');
    try {
      const { retention } = (
        await api.setRetention(path, {
          days: Number(days),
          bytes: Math.round(Number(size) * MB)
        })
      ).allowed;
      setDays(String(retention.days));
      setSize(String(retention.bytes / MB));
      setTold(
        trans.__(
          'History is kept for %1 days and up to %2 MB.',
          retention.days,
          retention.bytes / MB
        )
      );
    } catch (reason) {
      setProblem(asProblem(reason));
    }
  };
  return (
    <section className="jp-mlflow-Recording">
      <h2>{trans.__('History on this machine')}</h2>
      <form
        className="jp-mlflow-Form jp-mlflow-Recording-retention"
        onSubmit={event => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField
          label={trans.__('Days')}
          type="number"
          min={1}
          step="any"
          required
          value={days}
          onText={setDays}
        />
        <TextField
          label={trans.__('At most, in MB')}
          type="number"
          min={1}
          step="any"
          required
          value={size}
          error={problem}
          onText={setSize}
        />
        <Button submit>{trans.__('Save')}</Button>
      </form>
      <p role="status" className="jp-mlflow-Execution-note">
        {told}
      </p>
      <div>
        <Button look="warn" onClick={props.onDelete}>
          {trans.__('Delete the history of all notebooks…')}
        </Button>
      </div>
    </section>
  );
}
