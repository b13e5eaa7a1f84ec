import { useQuery } from '@tanstack/react-query';
import { asProblem } from '../servers/request';
import { useTrans } from '../ui/context';
import { ErrorState, LoadingState } from '../ui/states';
import { useRecorder } from './context';

/** What would be sent of the last execution of a notebook, exactly. */
export function Preview(props: { path: string }): JSX.Element {
  const { path } = props;
  const { api } = useRecorder();
  const trans = useTrans();
  const { data, error, isPending } = useQuery({
    queryKey: ['recorder', 'preview', path],
    retry: false,
    gcTime: 0,
    queryFn: async ({ signal }) => {
      const { executions } = await api.executions(
        { path, limit: 1 },
        null,
        signal
      );
      const last = executions.at(0);
      return last ? { of: await api.preview(last.id, signal) } : { of: null };
    }
  });
  if (isPending) {
    return <LoadingState label={trans.__('Putting it together')} />;
  }
  if (error) {
    const { message, hint } = asProblem(error);
    return (
      <ErrorState
        title={trans.__('It could not be put together')}
        message={message}
        hint={hint}
      />
    );
  }
  return data.of === null ? (
    <p>{trans.__('Run a cell first: its execution is shown here.')}</p>
  ) : (
    <>
      <p>
        {trans.__(
          'This is what the last execution sends, where it is to be sent; what looks like a password or token is masked.'
        )}
      </p>
      <pre
        className="jp-mlflow-Recording-preview"
        tabIndex={0}
        aria-label={trans.__('What will be sent')}
      >
        {JSON.stringify(data.of, null, 2)}
      </pre>
    </>
  );
}
