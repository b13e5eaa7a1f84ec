import type { Run } from '../../mlflow';
import { Button } from '../../ui/buttons';
import { useTrans } from '../../ui/context';
import { describeError } from '../../ui/errors';
import { StatusIcon } from '../../ui/status';
import { Duration } from '../../ui/time';
import { useRunPage } from './context';
import { isRunning, useChildren } from './queries';
import { Section } from './section';

/** The runs directly below a run; nothing where there are none. */
export function ChildrenSection(props: { run: Run }): JSX.Element | null {
  const trans = useTrans();
  const { ref, actions } = useRunPage();
  const children = useChildren(ref, props.run);
  const runs = children.data?.pages.flatMap(page => page.items) ?? [];
  // What was read before stays, and the page says above why it is not read again.
  const error =
    children.data === undefined || children.isFetchNextPageError
      ? children.error
      : null;
  if (runs.length === 0 && !error) {
    return null;
  }
  return (
    <Section
      id="children"
      title={trans.__('Nested runs')}
      count={children.hasNextPage ? undefined : runs.length}
    >
      {error && (
        <p role="alert" className="jp-mlflow-SaveProblem">
          {trans.__(
            'The nested runs could not be read: %1',
            describeError(error, trans).message
          )}
        </p>
      )}
      <ul className="jp-mlflow-Children">
        {runs.map(({ info }) => (
          <li key={info.id} data-mlflow-run-id={info.id}>
            <StatusIcon status={info.status} />
            <Button
              look="link"
              className="jp-mlflow-Facts-text"
              title={info.name || info.id}
              onClick={() =>
                actions.open({ serverId: ref.serverId, runId: info.id })
              }
            >
              {info.name || info.id}
            </Button>
            <span className="jp-mlflow-Children-duration">
              <Duration
                start={info.startTime}
                end={info.endTime}
                running={isRunning(info)}
              />
            </span>
          </li>
        ))}
      </ul>
      {children.hasNextPage && (
        <Button
          disabled={children.isFetchingNextPage}
          onClick={() => void children.fetchNextPage()}
        >
          {children.isFetchingNextPage
            ? trans.__('Loading…')
            : trans.__('Show more')}
        </Button>
      )}
    </Section>
  );
}
