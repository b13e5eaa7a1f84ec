import { useMemo, type ReactNode } from 'react';
import type { Run } from '../mlflow';
import { isRunning } from '../runs';
import { useTrans } from '../ui/context';
import { StatusIcon } from '../ui/status';
import type { CompareContent, CompareRow, CompareSnapshot } from './content';
import { CellValue, Plain, RunName, useScope } from './context';
import { Frame, type WidgetState } from './frame';
import { isOpen, Missing, useKeeping, useNotices } from './keeping';
import { compareLayers } from './layers';
import { asObject } from './model';
import { useTogether } from './together';

/** Runs side by side: what differs, or all. */
export function comparisonOf(
  runs: ReadonlyArray<Run>,
  all: boolean
): CompareSnapshot {
  const rows: CompareRow[] = [];
  const add = (
    kind: CompareRow['kind'],
    of: (run: Run, key: string) => number | string | null,
    keysOf: (run: Run) => Iterable<string>
  ): void => {
    for (const key of new Set(runs.flatMap(run => [...keysOf(run)]))) {
      const values = runs.map(run => of(run, key));
      if (all || runs.length === 1 || new Set(values).size > 1) {
        rows.push({ kind, key, values });
      }
    }
  };
  add(
    'metrics',
    (run, key) => run.metrics.get(key)?.value ?? null,
    run => run.metrics.keys()
  );
  add(
    'params',
    (run, key) => run.params.get(key) ?? null,
    run => run.params.keys()
  );
  return {
    runs: runs.map(({ info }) => ({
      id: info.id,
      name: info.name,
      status: info.status
    })),
    rows
  };
}

/** Runs side by side, followed while they run. */
export function LiveCompare(props: {
  content: CompareContent;
  serverId: string;
}): JSX.Element {
  const { content, serverId } = props;
  const { json } = useScope();
  const together = useTogether(content, serverId);
  const { runs, isShown } = together;
  const comparison = useMemo(
    () => (isShown ? comparisonOf(runs, content.all) : null),
    [isShown, content.all, runs]
  );
  const before = content.snapshot;
  const saved = new Map(before?.runs.map(({ id, status }) => [id, status]));
  const hasEnded = (run: Run): boolean => {
    const status = saved.get(run.info.id);
    return status === undefined
      ? together.hasEnded(run) && before?.truncated === false
      : isOpen(status) && !isRunning(run.info);
  };
  useKeeping(
    comparison !== null &&
      together.isWhole &&
      runs.length > 0 &&
      (before === null || before.runs.length === 0 || runs.some(hasEnded)),
    () =>
      comparison
        ? compareLayers(asObject(json), comparison, Date.now())
        : undefined
  );
  const isEmpty = runs.length === 0 && saved.size > 0;
  const notices = useNotices({
    isLive: comparison !== null && !isEmpty,
    error: together.error,
    isGone: together.isGone || (isShown && isEmpty)
  });
  return comparison === null || isEmpty ? (
    <StillCompare content={content} why={notices} />
  ) : (
    <CompareFrame comparison={comparison} state="live" notices={notices} />
  );
}

export function StillCompare(props: {
  content: CompareContent;
  why: ReadonlyArray<ReactNode>;
}): JSX.Element {
  const { content, why } = props;
  return content.snapshot === null ? (
    <Missing why={why} />
  ) : (
    <CompareFrame comparison={content.snapshot} state="static" notices={why} />
  );
}

function CompareFrame(props: {
  comparison: CompareSnapshot;
  state: WidgetState;
  notices: ReadonlyArray<ReactNode>;
}): JSX.Element {
  const { runs, rows } = props.comparison;
  const trans = useTrans();
  return (
    <Frame
      state={props.state}
      notices={props.notices}
      table={() => ({
        columns: ['', ...runs.map(({ id, name }) => name || id)],
        rows: rows.map(({ kind, key, values }) => [
          `${kind}.${key}`,
          ...values.map(value => (value === null ? '' : String(value)))
        ])
      })}
      title={trans._n('%1 run', '%1 runs', runs.length, runs.length)}
    >
      {runs.length > 0 && (
        <div
          className="jp-mlflow-Widget-scroller"
          tabIndex={0}
          role="region"
          aria-label={trans.__('Runs side by side')}
        >
          <table className="jp-mlflow-Widget-table jp-mod-wide">
            <thead>
              <tr>
                <td />
                {runs.map(({ id, name, status }) => (
                  <th key={id} scope="col">
                    <StatusIcon status={status} />{' '}
                    <RunName id={id} name={name} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ kind, key, values }) => (
                <tr key={`${kind} ${key}`}>
                  <th scope="row" title={key}>
                    <span className="jp-mlflow-Widget-kind">
                      {kind === 'metrics'
                        ? trans.__('metric')
                        : trans.__('param')}
                    </span>{' '}
                    <Plain text={key} />
                  </th>
                  {values.map((value, at) => (
                    <td key={at} title={value === null ? '' : String(value)}>
                      <CellValue value={value} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.length === 0 && (
        <p className="jp-mlflow-Widget-none">
          {runs.length === 0
            ? trans.__('No runs match.')
            : trans.__('These runs do not differ.')}
        </p>
      )}
    </Frame>
  );
}
