import type { TrackingServer } from '../servers';
import { SERVER } from '../ui/testing/harness';
import type { WidgetContent } from './content';
import { decodeContent } from './decode';
import { asMarkdown, codeOf, tableAsCsv } from './copy';
import type { WidgetKind } from './tokens';

const RUN = 'd'.repeat(32);

function contentOf(kind: WidgetKind, json: object): WidgetContent {
  const content = decodeContent(kind, { server_id: 's1', ...json });
  if (!content) {
    throw new Error('The test’s own content is none.');
  }
  return content;
}

const ENVIRONMENT: TrackingServer = { ...SERVER, origin: 'environment' };

describe('codeOf', () => {
  it('should search the runs as the table has them now', () => {
    const table = contentOf('table', {
      experiment_ids: ['1', '2'],
      filter: "params.a = 'x'",
      order_by: 'metrics.`acc` DESC',
      max_results: 5
    });
    expect(codeOf(table, SERVER)).toBe(
      [
        'import mlflow',
        '',
        'mlflow.set_tracking_uri("http://mlflow.example:5000")',
        'runs = mlflow.search_runs(',
        '    experiment_ids=["1","2"],',
        `    filter_string="params.a = 'x'",`,
        '    order_by=["metrics.`acc` DESC"],',
        '    max_results=5,',
        ')',
        'runs'
      ].join('\n')
    );
    const code = codeOf(table, ENVIRONMENT, { filter: '', orderBy: null });
    expect(code).not.toContain('set_tracking_uri');
    expect(code).not.toContain('filter_string');
    expect(code).not.toContain('order_by');
  });

  it('should load runs, histories and models', () => {
    const ids = [RUN];
    expect(codeOf(contentOf('card', { run_id: RUN }), null)).toContain(
      `run = mlflow.get_run("${RUN}")`
    );
    expect(
      codeOf(contentOf('chart', { run_ids: ids, keys: ['a"b'] }), null)
    ).toContain('for key in ["a\\"b"]');
    expect(codeOf(contentOf('compare', { run_ids: ids }), null)).toContain(RUN);
    // Of a model the newest version; where there is none there is nothing to load.
    const model = contentOf('model', { name: 'm"x' });
    expect(codeOf(model, null, undefined, '3')).toContain(
      'load_model("models:/m\\"x/3")'
    );
    expect(codeOf(model, null)).toBeNull();
    expect(codeOf(contentOf('status', {}), null)).toBeNull();
    expect(codeOf(contentOf('card', { run_id: null }), null)).toBeNull();
  });
});

describe('asMarkdown', () => {
  it('should be a table whose cells are text', () => {
    expect(
      asMarkdown({ columns: ['a', 'b|c'], rows: [['<b>x</b>', 'two\nlines']] })
    ).toBe('| a | b\\|c |\n| --- | --- |\n| \\<b\\>x\\</b\\> | two␊lines |\n');
  });
});

describe('tableAsCsv', () => {
  it('should be no formula for a spreadsheet', () => {
    expect(tableAsCsv({ columns: ['a', 'b'], rows: [['=1+1', '-0.5']] })).toBe(
      "a,b\r\n'=1+1,-0.5\r\n"
    );
  });
});
