import { asCsv, loadCode, uriForKernel } from '../runs';
import type { TrackingServer } from '../servers';
import type { WidgetContent } from './content';
import { plain } from './plain';

/** What an output shows, as texts. */
export interface TextTable {
  readonly columns: ReadonlyArray<string>;
  readonly rows: ReadonlyArray<ReadonlyArray<string>>;
}

/** A cell of a Markdown table: text, whatever stands in it. */
function markdownCell(text: string): string {
  return plain(text, 1000).replace(/[\\`*_[\]<>|~$&#]/g, '\\$&');
}

/** A table of GitHub's Markdown. */
export function asMarkdown({ columns, rows }: TextTable): string {
  const line = (cells: ReadonlyArray<string>): string =>
    `| ${cells.map(markdownCell).join(' | ')} |\n`;
  const rule = `| ${columns.map(() => '---').join(' | ')} |\n`;
  return line(columns) + rule + rows.map(line).join('');
}

export function tableAsCsv({ columns, rows }: TextTable): string {
  return asCsv([columns, ...rows]);
}

/** A Python literal: JSON's texts, lists and numbers are. */
function literal(value: unknown): string {
  return JSON.stringify(value);
}

/**
 * Python that loads what an output shows; null where there is nothing to load.
 *
 * @param server - null where it is not known: the kernel's own is meant then.
 * @param query - what a table is filtered and sorted by now.
 * @param version - the newest version of a model now, null where it has none; else what was saved tells it.
 */
export function codeOf(
  content: WidgetContent,
  server: TrackingServer | null,
  query?: { readonly filter: string; readonly orderBy: string | null },
  version: string | null = content.kind === 'model'
    ? (content.snapshot?.versions?.[0]?.version ?? null)
    : null
): string | null {
  const trackingUri = server && uriForKernel(server);
  const head = [
    'import mlflow',
    '',
    ...(trackingUri === null
      ? []
      : [`mlflow.set_tracking_uri(${literal(trackingUri)})`])
  ];
  const code = (...lines: string[]): string => [...head, ...lines].join('\n');
  switch (content.kind) {
    case 'table': {
      const filter = query ? query.filter : content.filter;
      const order = query
        ? query.orderBy
        : content.order &&
          `${content.order.by} ${content.order.descending ? 'DESC' : 'ASC'}`;
      return code(
        'runs = mlflow.search_runs(',
        `    experiment_ids=${literal(content.experimentIds)},`,
        ...(filter ? [`    filter_string=${literal(filter)},`] : []),
        ...(order ? [`    order_by=[${literal(order)}],`] : []),
        `    max_results=${content.maxResults},`,
        ')',
        'runs'
      );
    }
    case 'card':
      return (
        content.runId &&
        loadCode({ runId: content.runId, trackingUri, models: [] })
      );
    case 'chart':
      return content.runIds.length === 0
        ? null
        : code(
            'client = mlflow.MlflowClient()',
            'histories = {',
            '    (run_id, key): client.get_metric_history(run_id, key)',
            `    for run_id in ${literal(content.runIds)}`,
            `    for key in ${literal(content.keys)}`,
            '}'
          );
    case 'compare':
      return content.runIds.length === 0
        ? null
        : code(
            `runs = [mlflow.get_run(run_id) for run_id in ${literal(content.runIds)}]`,
            '{run.info.run_name: {**run.data.params, **run.data.metrics} for run in runs}'
          );
    case 'model':
      return content.name === null
        ? code('mlflow.search_registered_models()')
        : version === null
          ? null
          : code(
              `model = mlflow.pyfunc.load_model(${literal(`models:/${content.name}/${version}`)})`
            );
    case 'status':
      return null;
  }
}
