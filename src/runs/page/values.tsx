import { useMemo } from 'react';
import type { Run } from '../../mlflow';
import { useTrans } from '../../ui/context';
import { formatInt, formatMetric, oneLine } from '../../ui/format';
import { CopyMenu, EntriesTable, type EntryRow } from './entries-table';
import { Section } from './section';

/** Metrics that MLflow measures of the machine itself. */
const SYSTEM_METRIC = 'system/';

/** The parameters of a run. */
export function ParametersSection(props: {
  params: Run['params'];
}): JSX.Element {
  const { params } = props;
  const trans = useTrans();
  const rows = useMemo(
    () =>
      [...params].map(([key, value]): EntryRow => ({
        key,
        value,
        text: oneLine(value)
      })),
    [params]
  );
  return (
    <Section
      id="params"
      title={trans.__('Parameters')}
      count={rows.length}
      actions={
        rows.length > 0 && (
          <CopyMenu
            id="params"
            rows={rows}
            label={trans.__('Copy All Parameters…')}
          />
        )
      }
    >
      {rows.length === 0 ? (
        <p className="jp-mlflow-Run-none">{trans.__('No parameters logged')}</p>
      ) : (
        <EntriesTable
          id="params"
          rows={rows}
          label={trans.__('Parameters')}
          searchLabel={trans.__('Search parameters')}
        />
      )}
    </Section>
  );
}

function useMetricRows(
  metrics: Run['metrics'],
  ofSystem: boolean
): ReadonlyArray<EntryRow> {
  return useMemo(
    () =>
      [...metrics.values()]
        .filter(({ key }) => key.startsWith(SYSTEM_METRIC) === ofSystem)
        .map(({ key, value, step }): EntryRow => ({
          key,
          value,
          text: formatMetric(value),
          step: formatInt(step)
        })),
    [metrics, ofSystem]
  );
}

/** The last points of a run's metrics. */
export function MetricsSection(props: {
  metrics: Run['metrics'];
}): JSX.Element {
  const trans = useTrans();
  const rows = useMetricRows(props.metrics, false);
  return <MetricsTable id="metrics" title={trans.__('Metrics')} rows={rows} />;
}

/** What MLflow measured of the machine; nothing where it did not. */
export function SystemMetricsSection(props: {
  metrics: Run['metrics'];
}): JSX.Element | null {
  const trans = useTrans();
  const rows = useMetricRows(props.metrics, true);
  return rows.length === 0 ? null : (
    <MetricsTable
      id="system-metrics"
      title={trans.__('System metrics')}
      rows={rows}
    />
  );
}

function MetricsTable(props: {
  id: string;
  title: string;
  rows: ReadonlyArray<EntryRow>;
}): JSX.Element {
  const { id, title, rows } = props;
  const trans = useTrans();
  return (
    <Section
      id={id}
      title={title}
      count={rows.length}
      actions={
        rows.length > 0 && (
          <CopyMenu id={id} rows={rows} label={trans.__('Copy All Metrics…')} />
        )
      }
    >
      {rows.length === 0 ? (
        <p className="jp-mlflow-Run-none">{trans.__('No metrics logged')}</p>
      ) : (
        <EntriesTable
          id={id}
          rows={rows}
          label={title}
          searchLabel={trans.__('Search metrics')}
          hasSteps
        />
      )}
    </Section>
  );
}
