import { useMemo, useRef, type ReactNode } from 'react';
import { MetricChart, type ChartSettings, type Series } from '../charts';
import { isRunning } from '../runs';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import type { ChartContent, ChartLine, Point } from './content';
import { Plain, useScope } from './context';
import { Frame, type WidgetState } from './frame';
import { useHistories, type History } from './histories';
import { Missing, useKeeping, useNotices, useSame } from './keeping';
import { chartLayers } from './layers';
import { asObject } from './model';
import { plain } from './plain';
import { isGone } from './queries';
import { useTogether } from './together';

/** A line as a snapshot keeps it. */
function lineOf(
  runId: string,
  name: string,
  key: string,
  history: History
): ChartLine {
  return {
    runId,
    name,
    key,
    points: history.steps.map((step, i): Point => [
      step,
      history.timestamps[i],
      history.values[i]
    ])
  };
}

/** The last point in the order of steps; undefined for none. */
function lastOf(line: ChartLine | undefined): string | undefined {
  const last = line?.points.reduce<Point | undefined>(
    (found, point) =>
      found && (found[0] - point[0] || found[1] - point[1]) > 0 ? found : point,
    undefined
  );
  return last && String([last[0], last[1], last[2]]);
}

/** Histories of metrics, which grow while their runs do. */
export function LiveChart(props: {
  content: ChartContent;
  serverId: string;
}): JSX.Element {
  const { content, serverId } = props;
  const { services, json } = useScope();
  const together = useTogether(content, serverId);
  const { runs } = together;
  const wanted = useMemo(
    () =>
      runs.flatMap(run =>
        content.keys
          .filter(key => run.metrics.has(key))
          .map(key => ({ run, key }))
      ),
    [runs, content.keys]
  );
  const { histories, error } = useHistories(
    services.servers,
    services.histories,
    serverId,
    wanted
  );
  const known = useSame(histories);
  const isWhole =
    together.isWhole && known.every(history => history !== undefined);
  const wasWhole = useRef(false);
  wasWhole.current ||= isWhole;
  const isShown = wasWhole.current && together.isShown;
  const lines = useMemo(
    () =>
      isShown
        ? wanted.flatMap(({ run, key }, at) => {
            const history = known[at];
            return history
              ? lineOf(run.info.id, run.info.name, key, history)
              : [];
          })
        : null,
    [isShown, wanted, known]
  );
  const before = content.snapshot;
  const hasEnded = (line: ChartLine): boolean => {
    const run = runs.find(({ info }) => info.id === line.runId);
    const saved = before?.lines.find(
      ({ runId, key }) => runId === line.runId && key === line.key
    );
    // A snapshot does not say what ran: its last point is not the last one.
    return (
      run !== undefined &&
      (saved === undefined
        ? together.hasEnded(run) && before?.truncated === false
        : !isRunning(run.info) && lastOf(saved) !== lastOf(line))
    );
  };
  useKeeping(
    lines !== null &&
      isWhole &&
      lines.length > 0 &&
      (before === null ||
        before.lines.length === 0 ||
        (known.every(
          (history, at) =>
            history?.stamp.startsWith('ended') || isRunning(wanted[at].run.info)
        ) &&
          lines.some(hasEnded))),
    () =>
      lines
        ? chartLayers(asObject(json), content, lines, Date.now())
        : undefined
  );
  const failure = together.error ?? error;
  const isEmpty =
    lines !== null && lines.length === 0 && (before?.lines.length ?? 0) > 0;
  const notices = useNotices({
    isLive: lines !== null && !isEmpty,
    error: failure,
    isGone: isGone(failure) || (isEmpty && runs.length === 0)
  });
  return lines === null || isEmpty ? (
    <StillChart content={content} why={notices} />
  ) : (
    <ChartFrame
      content={content}
      lines={lines}
      state="live"
      notices={notices}
    />
  );
}

export function StillChart(props: {
  content: ChartContent;
  why: ReadonlyArray<ReactNode>;
}): JSX.Element {
  const { content, why } = props;
  return content.snapshot === null ? (
    <Missing why={why} />
  ) : (
    <ChartFrame
      content={content}
      lines={content.snapshot.lines}
      state="static"
      notices={why}
    />
  );
}

/** Lines of one metric are told apart by their runs, of one run by their metrics. */
function nameOf(line: ChartLine, content: ChartContent): string {
  const run = line.name || line.runId.slice(0, 8);
  return content.keys.length === 1
    ? run
    : content.runIds.length === 1
      ? line.key
      : `${run} · ${line.key}`;
}

function ChartFrame(props: {
  content: ChartContent;
  lines: ReadonlyArray<ChartLine>;
  state: WidgetState;
  notices: ReadonlyArray<ReactNode>;
}): JSX.Element {
  const { content, lines, state } = props;
  const { model } = useScope();
  const trans = useTrans();
  const isShown = useSignalValue(model.changed, () => model.isVisible);
  const look = useSignalValue(model.changed, () =>
    model.look<ChartSettings>('chart')
  );
  const settings = useMemo<ChartSettings>(
    () => look ?? { x: content.x, smooth: content.smooth, log: content.log },
    [look, content.x, content.smooth, content.log]
  );
  const series = useMemo(
    () =>
      lines.map((line): Series => ({
        id: `${line.runId} ${line.key}`,
        name: plain(nameOf(line, content)),
        steps: line.points.map(([step]) => step),
        timestamps: line.points.map(([, timestamp]) => timestamp),
        values: line.points.map(([, , value]) => value)
      })),
    [lines, content]
  );
  const title = content.keys.join(', ');
  return (
    <Frame
      state={state}
      notices={props.notices}
      table={() => ({
        columns: ['run_id', 'run', 'metric', 'step', 'time', 'value'],
        rows: lines.flatMap(({ runId, name, key, points }) =>
          points.map(([step, timestamp, value]) => [
            runId,
            name,
            key,
            String(step),
            new Date(timestamp).toISOString(),
            String(value)
          ])
        )
      })}
      title={<Plain text={title} />}
    >
      {lines.length === 0 ? (
        <p className="jp-mlflow-Widget-none">
          {content.runIds.length === 0 && content.question === null
            ? trans.__('No runs match.')
            : state === 'live'
              ? trans.__(
                  'No run has logged this metric yet. The chart begins when one does.'
                )
              : trans.__('No run had logged this metric.')}
        </p>
      ) : (
        <MetricChart
          label={trans.__('Chart of %1', title)}
          lines={series}
          yTitle={content.keys.length === 1 ? content.keys[0] : ''}
          settings={settings}
          isShown={isShown}
          onSettings={next => model.setLook('chart', { ...settings, ...next })}
        />
      )}
    </Frame>
  );
}
