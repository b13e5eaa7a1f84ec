import { useMemo } from 'react';
import type { Run } from '../../mlflow';
import { useTrans } from '../../ui/context';
import { formatInt, formatMetric } from '../../ui/format';
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
        text: value
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

/** The last points of a run's metrics; those of the machine apart. */
export function MetricsSection(props: {
  metrics: Run['metrics'];
}): JSX.Element {
  const { metrics } = props;
  const trans = useTrans();
  const [own, system] = useMemo(() => {
    const all = [...metrics.values()].map(({ key, value, step }): EntryRow => ({
      key,
      value,
      text: formatMetric(value),
      step: formatInt(step)
    }));
    return [
      all.filter(({ key }) => !key.startsWith(SYSTEM_METRIC)),
      all.filter(({ key }) => key.startsWith(SYSTEM_METRIC))
    ];
  }, [metrics]);
  const table = (
    id: string,
    title: string,
    rows: ReadonlyArray<EntryRow>
  ): JSX.Element => (
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
  return (
    <>
      {table('metrics', trans.__('Metrics'), own)}
      {system.length > 0 &&
        table('system-metrics', trans.__('System metrics'), system)}
    </>
  );
}
