import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { LoadingState } from '../ui/states';
import type { Target } from './answers';
import { useRecorder } from './context';
import { isWhole, TargetFields } from './target-fields';

/** Where else to send what a server has refused. */
export function RedirectForm(props: {
  /** Of the notebook. */
  path: string;
  isBusy: boolean;
  /** @param isForLater - what runs from now on goes there, too. */
  onChoose: (target: Target, isForLater: boolean) => void;
  onCancel: () => void;
}): JSX.Element {
  const { path } = props;
  const { api } = useRecorder();
  const trans = useTrans();
  const [edited, setTarget] = useState<Target | null>(null);
  const [isForLater, setForLater] = useState(true);
  const { data, isPending } = useQuery({
    queryKey: ['recorder', 'recording', path],
    retry: false,
    gcTime: 0,
    queryFn: ({ signal }) => api.recording(path, signal)
  });
  const form = useRef<HTMLFormElement>(null);
  // The button that led here is gone, and the focus with it.
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('select, input')?.focus();
  }, [isPending]);
  if (isPending) {
    return <LoadingState label={trans.__('Loading')} lines={2} />;
  }
  const target =
    edited ?? another(data?.target ?? data?.proposed_target ?? null);
  return (
    <form
      ref={form}
      className="jp-mlflow-Form jp-mlflow-Recording-box"
      aria-label={trans.__('Send to another experiment')}
      onSubmit={event => {
        event.preventDefault();
        if (isWhole(target)) {
          props.onChoose(target, isForLater);
        }
      }}
    >
      <TargetFields
        target={target}
        help={trans.__('It is made when needed.')}
        onTarget={setTarget}
      />
      <label className="jp-mlflow-Recording-check">
        <input
          type="checkbox"
          checked={isForLater}
          onChange={event => {
            setForLater(event.target.checked);
          }}
        />
        {trans.__('Also what this notebook runs from now on')}
      </label>
      <div className="jp-mlflow-Recording-actions">
        <Button
          look="accept"
          submit
          disabled={props.isBusy || !isWhole(target)}
        >
          {trans.__('Send there')}
        </Button>
        <Button onClick={props.onCancel}>{trans.__('Cancel')}</Button>
      </div>
    </form>
  );
}

/** The name beside one that does not do: "a (cells) 2", "a (cells) 3". */
export function another(target: Target | null): Target | null {
  if (target === null) {
    return null;
  }
  const [, stem, number] =
    /^(.*?)(?: (\d{1,4}))?$/s.exec(target.experiment) ?? [];
  return { ...target, experiment: `${stem} ${Number(number ?? 1) + 1}` };
}
