import type { LoggedModel, Metric, Run } from '../../mlflow';
import { arrangeEntries, type EntryRow } from './entries-table';
import { columnsOf, sourceText } from './inputs';
import { Folds, RunPages } from './model';
import { HISTORY_TAG, modelsOfRun } from './models-of-run';
import { shareRun } from './share';

function run(over: Partial<Run> = {}): Run {
  return {
    info: {
      id: 'r1',
      name: 'run',
      experimentId: '1',
      userId: '',
      status: 'RUNNING',
      startTime: 1,
      endTime: null,
      artifactUri: '',
      lifecycleStage: 'active'
    },
    params: new Map([['lr', '0.1']]),
    metrics: new Map([['loss', point(0.5)]]),
    tags: new Map([['a', 'b']]),
    inputs: [],
    modelOutputs: [],
    ...over
  };
}

function point(value: number): Metric {
  return { key: 'loss', value, timestamp: 1, step: 0 };
}

describe('modelsOfRun', () => {
  const logged: LoggedModel = {
    id: 'm-1',
    name: 'model',
    experimentId: '1',
    sourceRunId: 'r1',
    status: 'LOGGED_MODEL_READY',
    artifactUri: '',
    modelType: '',
    creationTime: null,
    lastUpdateTime: null,
    params: new Map(),
    metrics: [],
    tags: new Map()
  };
  const history = (...names: string[]) =>
    JSON.stringify(
      names.map(artifact_path => ({
        artifact_path,
        flavors: { python_function: {}, sklearn: {} }
      }))
    );
  const names = (tag: string, ...models: LoggedModel[]) =>
    modelsOfRun(run({ tags: new Map([[HISTORY_TAG, tag]]) }), models).map(
      ({ name }) => name
    );

  it('should know models of older clients by their tag, with their flavors', () => {
    expect(
      modelsOfRun(run({ tags: new Map([[HISTORY_TAG, history('m')]]) }), [])
    ).toEqual([{ name: 'm', modelId: null, status: '', flavors: ['sklearn'] }]);
  });

  it('should name each model once', () => {
    expect(names(history('model', 'other', 'other'), logged)).toEqual([
      'model',
      'other'
    ]);
  });

  it('should still name models of a tag that MLflow cut', () => {
    expect(names(history('one', 'two').slice(0, -5))).toEqual(['one', 'two']);
  });

  it.each([[''], ['null'], ['{"a": 1}'], ['[1, 2]']])(
    'should find none in %p',
    tag => {
      expect(names(tag)).toEqual([]);
    }
  );
});

describe('shareRun', () => {
  it('should give what was there before when nothing changed', () => {
    const before = run({ metrics: new Map([['loss', point(NaN)]]) });
    expect(
      shareRun(before, run({ metrics: new Map([['loss', point(NaN)]]) }))
    ).toBe(before);
  });

  it('should keep what is the same beside what changed', () => {
    const before = run();
    const next = run({ metrics: new Map([['loss', point(0.4)]]) });
    const shared = shareRun(before, next) as Run;
    expect(shared).toEqual(next);
    expect(shared.params).toBe(before.params);
    expect(shared.tags).toBe(before.tags);
    expect(shared.metrics).toBe(next.metrics);
  });

  it('should see another order and another key', () => {
    const two = (...keys: string[]) =>
      run({ params: new Map(keys.map(key => [key, '1'])) });
    expect(shareRun(two('a', 'b'), two('b', 'a'))).toEqual(two('b', 'a'));
    const shared = shareRun(two('a', 'b'), two('a', 'c')) as Run;
    expect([...shared.params.keys()]).toEqual(['a', 'c']);
  });
});

describe('arrangeEntries', () => {
  const rows = (...values: Array<string | number>): EntryRow[] =>
    values.map((value, i) => ({ key: `k${i}`, value, text: String(value) }));
  const sorted = (...values: Array<string | number>) =>
    arrangeEntries(rows(...values), {
      search: '',
      by: 'value',
      descending: false
    }).map(({ value }) => value);

  it('should sort values as numbers where they are, and others after them', () => {
    expect(sorted('b', '10', 'a', '9', '', '1e-3')).toEqual([
      '1e-3',
      '9',
      '10',
      '',
      'a',
      'b'
    ]);
    expect(sorted(NaN, Infinity, 3, -Infinity)).toEqual([
      -Infinity,
      3,
      Infinity,
      NaN
    ]);
  });

  it('should find names and values', () => {
    const all = [
      { key: 'optimizer', value: 'AdamW', text: 'AdamW' },
      { key: 'lr', value: '0.1', text: '0.1' }
    ];
    const found = (search: string) =>
      arrangeEntries(all, { search, by: 'key', descending: true }).map(
        ({ key }) => key
      );
    expect(found(' adam ')).toEqual(['optimizer']);
    expect(found('LR')).toEqual(['lr']);
    expect(found('')).toEqual(['optimizer', 'lr']);
  });
});

describe('inputs', () => {
  it('should read the columns of a schema, and give up on others', () => {
    expect(
      columnsOf(
        '{"mlflow_colspec": [{"type": "double", "name": "a", "required": true}, {"type": "array", "items": {}, "name": 7, "required": false}]}'
      )
    ).toEqual([
      { name: 'a', type: 'double', required: true },
      { name: '7', type: 'array', required: false }
    ]);
    expect(columnsOf('{"mlflow_tensorspec": {}}')).toBeNull();
    expect(columnsOf('not JSON')).toBeNull();
  });

  it.each([
    ['{"url": "https://x/y.csv"}', 'https://x/y.csv'],
    ['{"uri": "s3://b/k"}', 's3://b/k'],
    ['{"tags": {"a": 1}}', '{"tags": {"a": 1}}'],
    ['/data/train.csv', '/data/train.csv']
  ])('should call the source %p %p', (source, text) => {
    expect(sourceText(source)).toBe(text);
  });
});

describe('Folds and RunPages', () => {
  it('should bring back what was folded, and keep what is folded meanwhile', async () => {
    const saved: string[][] = [];
    const folds = new Folds({
      fetch: () => Promise.resolve(['tags', 7]),
      save: folded => saved.push(folded)
    });
    await folds.restore();
    expect([...folds.folded]).toEqual(['tags']);
    folds.toggle('about');
    expect(saved).toEqual([['tags', 'about']]);

    const quick = new Folds({
      fetch: () => Promise.resolve(['tags']),
      save: () => undefined
    });
    const restored = quick.restore();
    quick.toggle('params');
    await restored;
    expect(quick.folded.has('params')).toBe(true);
    expect(quick.folded.has('tags')).toBe(false);
  });

  it('should keep the pages that were looked at last', () => {
    const pages = new RunPages(
      new Folds({ fetch: () => Promise.resolve(null), save: () => undefined })
    );
    const of = (i: number) => pages.of({ serverId: 's', runId: String(i) });
    const first = of(0);
    first.setFolder('run:a', true);
    const second = of(1);
    for (let i = 2; i < 51; i++) {
      of(0);
      of(i);
    }
    expect(of(0)).toBe(first);
    expect(of(0).view.folders.has('run:a')).toBe(true);
    expect(of(1)).not.toBe(second);
  });
});
