import fc from 'fast-check';
import { decodeContent } from './decode';
import { WIDGET_KINDS } from './tokens';

const RUN = 'a'.repeat(32);
const TAKEN = { at: 1_700_000_000_000, truncated: false };

function table(snapshot: unknown, more: object = {}): unknown {
  return {
    server_id: 's1',
    note: null,
    experiment_ids: ['1'],
    filter: '',
    order_by: 'metrics.`acc` DESC',
    max_results: 20,
    snapshot,
    ...more
  };
}

describe('decodeContent', () => {
  it('should read a table as the kernel writes it', () => {
    const content = decodeContent(
      'table',
      table({
        columns: [
          { kind: 'metrics', key: 'acc' },
          { kind: 'params', key: 'depth' }
        ],
        rows: [[RUN, '1', 'first', 'FINISHED', 1, 2, 'NaN', '3']],
        ...TAKEN
      })
    );
    expect(content).toMatchObject({
      kind: 'table',
      serverId: 's1',
      order: { by: 'metrics.`acc`', descending: true },
      snapshot: {
        rows: [{ id: RUN, name: 'first', values: [NaN, '3'] }],
        at: TAKEN.at
      }
    });
  });

  it('should read numbers that JSON does not know', () => {
    const content = decodeContent('card', {
      run_id: RUN,
      snapshot: {
        name: 'x',
        status: 'FINISHED',
        start_time: 1,
        end_time: null,
        metrics: [
          ['a', 'NaN'],
          ['b', '-Infinity'],
          ['c', 1]
        ],
        params: [],
        tags: [],
        ...TAKEN
      }
    });
    expect(content?.snapshot).toMatchObject({
      metrics: [
        ['a', NaN],
        ['b', -Infinity],
        ['c', 1]
      ],
      artifacts: null
    });
  });

  it.each([
    ['card', { run_id: '../../evil' }],
    ['card', { run_id: 'x'.repeat(1000) }],
    ['chart', { run_ids: [RUN, 'a/b'], keys: [] }],
    ['chart', { run_ids: [], keys: [], smooth: 2 }],
    ['compare', { run_ids: 'nonsense' }],
    ['table', table(null, { max_results: 1e9 })],
    ['table', table(null, { experiment_ids: ['1; DROP TABLE'] })],
    ['table', table({ columns: 'x', rows: [], ...TAKEN })],
    ['table', table({ columns: [], rows: [['../x', 1]], ...TAKEN })],
    ['model', 7],
    ['status', null]
  ] as const)('should refuse what no kernel writes (%s %#)', (kind, json) => {
    expect(decodeContent(kind, json)).toBeNull();
  });

  it('should cut what is too large to be the kernel’s', () => {
    const content = decodeContent('chart', {
      run_ids: [RUN],
      keys: ['loss'],
      snapshot: {
        lines: [
          {
            run_id: RUN,
            name: 'x'.repeat(100_000),
            key: 'loss',
            points: Array.from({ length: 10_000 }, (_, step) => [step, step, 1])
          }
        ],
        ...TAKEN
      }
    });
    const line =
      content?.kind === 'chart' ? content.snapshot?.lines[0] : undefined;
    expect(line?.name.length).toBeLessThan(3000);
    expect(line?.points.length).toBeLessThan(3000);
  });

  it('should never throw, whatever a file holds', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...WIDGET_KINDS),
        fc.anything({ withBigInt: false }),
        (kind, json) => {
          expect(() => decodeContent(kind, json)).not.toThrow();
        }
      )
    );
  });
});
