import fc from 'fast-check';
import type { CardSnapshot, ChartLine } from './content';
import { decodeContent } from './decode';
import { LIMIT, sizeOf } from './bundle';
import {
  cardLayers,
  chartLayers,
  compareLayers,
  modelLayers,
  sampled,
  tableLayers
} from './layers';
import { number, plain, sparkline, textTable, widthOf } from './plain';
import { widgetMimeType } from './tokens';

const RUN = 'b'.repeat(32);
const NOW = 1_700_000_000_000;

function contentOf<K extends 'card' | 'chart' | 'table'>(
  kind: K,
  json: object
) {
  const content = decodeContent(kind, json);
  if (content?.kind !== kind) {
    throw new Error('The test’s own content is none.');
  }
  return content as Extract<NonNullable<typeof content>, { kind: K }>;
}

const CARD = { server_id: 's1', run_id: RUN, experiment_id: '1', note: 'away' };
const CHART = { server_id: 's1', run_ids: [RUN], keys: ['loss'] };
const TABLE = {
  server_id: 's1',
  experiment_ids: ['1'],
  filter: '',
  order_by: null,
  max_results: 20
};

function run(more: Partial<CardSnapshot> = {}): CardSnapshot {
  return {
    name: 'first',
    status: 'FINISHED',
    lifecycleStage: 'active',
    startTime: NOW,
    endTime: NOW + 3400,
    metrics: [['acc', 0.912345]],
    params: [['depth', '3']],
    tags: [],
    artifacts: [
      ['model', null],
      ['plot.png', 12_345]
    ],
    ...more
  };
}

function textOf(layer: unknown): string {
  return typeof layer === 'string' ? layer : '';
}

/** Tags of a text of HTML. */
function tagsOf(html: string): Set<string> {
  return new Set([...html.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag));
}

describe('cardLayers', () => {
  it('should write what was asked as it was, and the run', () => {
    const layers = cardLayers(CARD, contentOf('card', CARD), run(), NOW);
    expect(layers[widgetMimeType('card')]).toMatchObject({
      server_id: 's1',
      run_id: RUN,
      // What the kernel said of a server that it did not reach is not so any more.
      note: null,
      snapshot: { name: 'first', metrics: [['acc', 0.912345]], at: NOW }
    });
    expect(layers['text/plain']).toContain('metric acc         0.9123');
    expect(layers['text/plain']).toContain('took               3.4 s');
    expect(layers['text/plain']).toContain('artifact plot.png  12.3 kB');
  });

  it('should fit into a notebook and hold no markup, whatever a run logged', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.constant('<script>alert(1)</script>'),
      fc.constant('$\\alpha$'),
      fc.constant('x'.repeat(10_000))
    );
    fc.assert(
      fc.property(
        text,
        fc.array(fc.tuple(text, fc.double()), { maxLength: 300 }),
        fc.array(fc.tuple(text, text), { maxLength: 300 }),
        (name, metrics, params) => {
          const layers = cardLayers(
            CARD,
            contentOf('card', CARD),
            run({ name, metrics, params }),
            NOW
          );
          const json = layers[widgetMimeType('card')];
          expect(sizeOf((json as { snapshot: object }).snapshot)).toBeLessThan(
            LIMIT + 1
          );
          for (const tag of tagsOf(textOf(layers['text/html']))) {
            expect([
              'p',
              'table',
              'thead',
              'tbody',
              'tr',
              'th',
              'td',
              'span'
            ]).toContain(tag);
          }
          expect(textOf(layers['text/html'])).not.toMatch(/[$\\]/);
          expect(textOf(layers['text/plain'])).not.toMatch(
            /[\u0000-\u0009\u001b]/
          );
          // What is kept can be read again.
          expect(
            decodeContent('card', JSON.parse(JSON.stringify(json)))
          ).not.toBeNull();
        }
      ),
      { numRuns: 60 }
    );
  });
});

describe('chartLayers', () => {
  const lines = (count: number, points: number): ChartLine[] =>
    Array.from({ length: count }, (_, line) => ({
      runId: RUN,
      name: `run ${line}`,
      key: 'loss',
      points: Array.from(
        { length: points },
        (_, step) => [step, NOW + step, 1 / (step + 1)] as const
      )
    }));

  it('should keep a sample with the first and the last point', () => {
    const content = contentOf('chart', CHART);
    const layers = chartLayers(CHART, content, lines(1, 5000), NOW);
    const kept = decodeContent('chart', layers[widgetMimeType('chart')]);
    const points =
      kept?.kind === 'chart' ? (kept.snapshot?.lines[0].points ?? []) : [];
    expect(points).toHaveLength(60);
    expect(points[0][0]).toBe(0);
    expect(points[59][0]).toBe(4999);
    expect(layers['text/plain']).toMatch(/0\.0002.*█▁+$/m);
  });

  it('should fit, however many lines there are', () => {
    const content = contentOf('chart', CHART);
    const layers = chartLayers(CHART, content, lines(100, 500), NOW);
    const json = layers[widgetMimeType('chart')];
    expect(json).toMatchObject({ snapshot: { truncated: true } });
    expect(sizeOf((json as { snapshot: object }).snapshot)).toBeLessThan(
      LIMIT + 1
    );
    expect(decodeContent('chart', json)?.snapshot).not.toBeNull();
  });
});

describe('tableLayers', () => {
  it('should say that there is nothing', () => {
    const layers = tableLayers(
      TABLE,
      contentOf('table', TABLE),
      { columns: [], rows: [] },
      NOW
    );
    expect(layers['text/plain']).toBe('There are no runs.');
    expect(layers['text/html']).toBe('<p>There are no runs.</p>');
  });
});

describe('compareLayers', () => {
  it('should say that runs do not differ', () => {
    const layers = compareLayers(
      { server_id: null },
      { runs: [{ id: RUN, name: 'a', status: 'FINISHED' }], rows: [] },
      NOW
    );
    expect(layers['text/plain']).toBe('These runs do not differ.');
  });
});

describe('modelLayers', () => {
  it('should write stage, description, signature and times as the kernel does', () => {
    const json = { server_id: 's1', name: 'churn' };
    const content = decodeContent('model', json);
    if (content?.kind !== 'model') {
      throw new Error('The test’s own content is none.');
    }
    const layers = modelLayers(
      json,
      content,
      {
        description: 'of *2025*',
        signature: { inputs: [['a', 'double', true]], outputs: [], params: [] },
        versions: [
          {
            version: '2',
            aliases: 'champion',
            status: 'READY',
            runId: RUN,
            made: NOW,
            stage: 'Staging'
          }
        ],
        models: null
      },
      NOW
    );
    expect(layers['text/plain']).toBe(
      [
        'churn: of *2025*',
        'version  aliases   stage    status  run       created',
        '-------  --------  -------  ------  --------  -----------------------',
        '      2  champion  Staging  READY   bbbbbbbb  2023-11-14 22:13:20 UTC',
        '',
        'Signature of version 2',
        '       name  type',
        '-----  ----  ------  ',
        'input  a     double'
      ].join('\n')
    );
    const kept = decodeContent('model', layers[widgetMimeType('model')]);
    expect(kept?.snapshot).toMatchObject({
      description: 'of *2025*',
      versions: [{ stage: 'Staging' }]
    });
    // A notebook of before has neither.
    expect(
      decodeContent('model', {
        ...json,
        snapshot: { versions: [['1', '', 'READY', RUN, NOW]], at: NOW }
      })?.snapshot
    ).toMatchObject({ description: '', versions: [{ stage: '' }] });
  });
});

describe('plain text', () => {
  it.each([
    [0.912345, '0.9123'],
    [1e-7, '1e-07'],
    [1.25e-7, '1.25e-07'],
    [12345.678, '1.235e+04'],
    [3, '3'],
    [-0.5, '-0.5'],
    [NaN, 'NaN'],
    [-Infinity, '-∞'],
    [0.0001, '0.0001'],
    [999.96, '1000']
  ])('should write %d as the kernel does', (value, text) => {
    expect(number(value)).toBe(text);
  });

  it('should show control characters and overrides, not obey them', () => {
    expect(plain('\u001b[31mred\u202e')).toBe('␛[31mred\ufffd');
    expect(plain('👩‍🔬')).toBe('👩‍🔬');
    expect(plain('a'.repeat(300))).toHaveLength(201);
  });

  it('should align wide characters', () => {
    expect(widthOf('日本')).toBe(4);
    expect(textTable(['a', 'b', 'c'], [['日本', '1', 'x']], [1])).toBe(
      'a     b  c\n----  -  -\n日本  1  x'
    );
  });

  it('should draw a row of bars', () => {
    expect(sparkline([0, 1, NaN, 0.5])).toBe('▁█·▅');
    expect(sparkline([2, 2])).toBe('▄▄');
    expect(sparkline([NaN])).toBe('·');
    expect(sparkline([-Number.MAX_VALUE, Number.MAX_VALUE])).toBe('▁█');
    expect([
      ...sparkline(Array.from({ length: 1000 }, (_, i) => i))
    ]).toHaveLength(24);
  });
});

describe('sampled', () => {
  it('should keep few points as they are', () => {
    expect(sampled([1, 2, 3], 60)).toEqual([1, 2, 3]);
  });
});
