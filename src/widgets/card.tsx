import { useMemo } from 'react';
import type { Run } from '../mlflow';
import { isRunning } from '../runs';
import { useTrans } from '../ui/context';
import { formatBytes, formatMetric } from '../ui/format';
import { StatusIcon, runStatusText } from '../ui/status';
import { Duration, Time } from '../ui/time';
import type { CardContent, CardSnapshot } from './content';
import { Plain, RunName, useScope } from './context';
import type { TextTable } from './copy';
import { Frame } from './frame';
import { useHistories, type History } from './histories';
import { cardLayers } from './layers';
import { isOpen, Missing, useKeeping, useNotices } from './keeping';
import { asObject } from './model';
import { isGone, useArtifacts, useRuns } from './queries';
import { sparkline } from './plain';

/** Metrics of a live card that have a sparkline: each is a history that is read. */
const SPARKLINES = 8;

/** Tags that programs write for themselves. */
const SYSTEM_TAG = /^(mlflow|jupyter)\./;

/** A run as a card shows it. */
export function cardOf(
  run: Run,
  artifacts: CardSnapshot['artifacts']
): CardSnapshot {
  const { info } = run;
  return {
    name: info.name,
    status: info.status,
    lifecycleStage: info.lifecycleStage,
    startTime: info.startTime,
    endTime: info.endTime,
    metrics: [...run.metrics].map(([key, { value }]) => [key, value] as const),
    params: [...run.params],
    tags: [...run.tags].filter(([key]) => !SYSTEM_TAG.test(key)),
    artifacts
  };
}

function textsOf(run: CardSnapshot): TextTable {
  return {
    columns: ['kind', 'name', 'value'],
    rows: [
      ...run.metrics.map(([key, value]) => ['metric', key, String(value)]),
      ...run.params.map(([key, value]) => ['param', key, value]),
      ...run.tags.map(([key, value]) => ['tag', key, value])
    ]
  };
}

/** A run, followed while it runs. */
export function LiveCard(props: {
  content: CardContent;
  serverId: string;
}): JSX.Element {
  const { content, serverId } = props;
  const { services, json } = useScope();
  const ids = useMemo(
    () => (content.runId === null ? [] : [content.runId]),
    [content.runId]
  );
  const [found] = useRuns(services, serverId, ids);
  const run = found?.run;
  const wanted = useMemo(
    () =>
      run
        ? [...run.metrics.keys()]
            .filter(key => !key.startsWith('system/'))
            .slice(0, SPARKLINES)
            .map(key => ({ run, key }))
        : [],
    [run]
  );
  const { histories } = useHistories(
    services.servers,
    services.histories,
    serverId,
    wanted
  );
  const artifacts = useArtifacts(services, serverId, run);
  const card = useMemo(
    () => run && cardOf(run, artifacts.files),
    [run, artifacts.files]
  );
  const before = content.snapshot;
  useKeeping(
    card !== undefined &&
      run !== undefined &&
      artifacts.isSettled &&
      (before === null || (isOpen(before.status) && !isRunning(run.info))),
    () => card && cardLayers(asObject(json), content, card, Date.now())
  );
  const notices = useNotices({
    isLive: card !== undefined,
    error: found?.error ?? null,
    isGone: isGone(found?.error ?? null)
  });
  if (card === undefined) {
    return <StillCard content={content} why={notices} />;
  }
  return (
    <CardFrame
      content={content}
      run={card}
      state="live"
      notices={notices}
      histories={
        new Map(wanted.map(({ key }, at) => [key, histories[at]] as const))
      }
    />
  );
}

/** A run as it was saved. */
export function StillCard(props: {
  content: CardContent;
  why: ReadonlyArray<React.ReactNode>;
}): JSX.Element {
  const { content, why } = props;
  return content.snapshot === null ? (
    <Missing why={why} />
  ) : (
    <CardFrame
      content={content}
      run={content.snapshot}
      state="static"
      notices={why}
    />
  );
}

function CardFrame(props: {
  content: CardContent;
  run: CardSnapshot;
  state: 'live' | 'static';
  notices: ReadonlyArray<React.ReactNode>;
  histories?: ReadonlyMap<string, History | undefined>;
}): JSX.Element {
  const { content, run, state } = props;
  const trans = useTrans();
  const note = content.snapshot === null ? null : content.note;
  const runs = isOpen(run.status) && state === 'live';
  return (
    <Frame
      state={state}
      notices={[note && <Plain text={note} />, ...props.notices]}
      table={() => textsOf(run)}
      title={
        <>
          <span className="jp-mlflow-Widget-name">
            <StatusIcon status={run.status} />
            <RunName id={content.runId ?? ''} name={run.name} />
          </span>
          <span className="jp-mlflow-Widget-aside">
            {runStatusText(run.status, trans)}
          </span>
          <span className="jp-mlflow-Widget-aside">
            <Time time={run.startTime} />
          </span>
          <span className="jp-mlflow-Widget-aside">
            <Duration start={run.startTime} end={run.endTime} running={runs} />
          </span>
        </>
      }
    >
      <div className="jp-mlflow-Widget-columns">
        <Entries
          title={trans.__('Metrics')}
          rows={run.metrics.map(([key, value]) => ({
            key,
            text: formatMetric(value),
            title: String(value),
            bars: barsOf(props.histories?.get(key))
          }))}
        />
        <Entries
          title={trans.__('Parameters')}
          rows={run.params.map(([key, text]) => ({ key, text, title: text }))}
        />
        <Entries
          title={trans.__('Tags')}
          rows={run.tags.map(([key, text]) => ({ key, text, title: text }))}
        />
        <Entries
          title={trans.__('Artifacts')}
          rows={(run.artifacts ?? []).map(([path, bytes]) => {
            const text =
              bytes === null ? trans.__('folder') : formatBytes(bytes);
            return { key: path, text, title: text };
          })}
        />
      </div>
      {run.metrics.length + run.params.length + run.tags.length === 0 && (
        <p className="jp-mlflow-Widget-none">
          {trans.__('This run has logged nothing.')}
        </p>
      )}
    </Frame>
  );
}

function barsOf(history: History | undefined): string | undefined {
  if (!history || history.values.length < 2) {
    return undefined;
  }
  const order = history.steps
    .map((_, i) => i)
    .sort(
      (a, b) =>
        history.steps[a] - history.steps[b] ||
        history.timestamps[a] - history.timestamps[b]
    );
  return sparkline(order.map(i => history.values[i]));
}

function Entries(props: {
  title: string;
  rows: ReadonlyArray<{
    key: string;
    text: string;
    title: string;
    bars?: string;
  }>;
}): JSX.Element | null {
  const { title, rows } = props;
  const trans = useTrans();
  return rows.length === 0 ? null : (
    <table className="jp-mlflow-Widget-table" aria-label={title}>
      <thead>
        <tr>
          <th scope="colgroup" colSpan={3}>
            {title}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, text, title: full, bars }) => (
          <tr key={key}>
            <th scope="row" title={key}>
              <Plain text={key} />
            </th>
            <td title={full}>
              <Plain text={text} />
            </td>
            <td
              className="jp-mlflow-Widget-bars"
              aria-label={bars && trans.__('History of %1', key)}
            >
              {bars}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
