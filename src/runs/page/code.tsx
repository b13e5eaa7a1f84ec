import { useQuery } from '@tanstack/react-query';
import type { Run } from '../../mlflow';
import { useTrans, useVisible } from '../../ui/context';
import { useRunPage } from './context';
import { Section } from './section';

/** Tag of runs that a cell started: the id of the execute request. */
const EXECUTION_TAG = 'jupyter.execution_id';

/** The code that made the run as it ran, where that is kept on this machine. */
export function CodeSection(props: { run: Run }): JSX.Element | null {
  const executionId = props.run.tags.get(EXECUTION_TAG) ?? null;
  const trans = useTrans();
  const visible = useVisible();
  const { actions } = useRunPage();
  const { data } = useQuery({
    queryKey: ['recorder', 'execution-of-run', executionId],
    enabled: visible && executionId !== null,
    retry: false,
    queryFn: async ({ signal }) => ({
      View:
        executionId === null
          ? null
          : await actions.executionOf(executionId, signal)
    })
  });
  const View = data?.View;
  return View ? (
    <Section id="code" title={trans.__('Code that made it')}>
      <View />
    </Section>
  ) : null;
}
