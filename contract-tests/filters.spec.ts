import fc from 'fast-check';
import {
  type Condition,
  CannotQuoteError,
  combine,
  completionsAt,
  print,
  validate
} from '../src/mlflow/filter';
import { comparatorsOf } from '../src/mlflow/filter';
import { describeServers } from './support';

/** Filters as people write them; whether a server takes each is what `validate` must say. */
const CORPUS: ReadonlyArray<string> = [
  '',
  'AND',
  "params.a = 'x' AND",
  "AND params.a='x'",
  "params.a='x' AND AND params.b='y'",
  "params.a='x' params.b='y'",
  "params.a = 'x' and params.b = 'y'",
  "Params.b = 'y'",
  'metrics.a>1',
  'metrics.a>=1.5e-3',
  'metrics.a > -1',
  'metrics.a > +1',
  'metrics.a > .5',
  'metrics.a > 5.',
  'metrics.a < 1e5',
  'metrics.a < 1E+5',
  'metrics.a <> 1',
  'metrics.a == 1',
  "metrics.a > '1'",
  'metrics.a > nan',
  'metrics.a LIKE 1',
  "params.a == 'x'",
  "params.a like 'x%'",
  "params.a ILike 'x'",
  "params.a NOT LIKE 'x'",
  "params.a RLIKE 'x'",
  'params.a = "x y" AND params.b = "z.1"',
  'params.a = `x`',
  'params.a = x',
  'params.a = 5',
  "params.a < 'x'",
  "params.a IN ('x')",
  "params.`a b` = 'x'",
  'params."a b" = \'x\'',
  "`params`.`a` = 'x'",
  "params.a.b.c = 'x'",
  "params.a-b = 'x'",
  "params.1a = 'x'",
  "params.1 = 'x'",
  "params._a = 'x'",
  "params.order = 'x'",
  "params.in = 'x'",
  "params.case = 'x'",
  'metrics.values > 1',
  'metrics.from > 1',
  'metrics.end > 1',
  'metrics.test/acc > 1',
  'metrics.`test/acc` > 1',
  'metrics.ключ > 1',
  "status = 'RUNNING'",
  "status LIKE 'R%'",
  "status > 'RUNNING'",
  "status IN ('RUNNING')",
  "STATUS = 'RUNNING'",
  "name = 'x'",
  "run_id IN ('a','b')",
  "run_id not  in ('a' , 'b')",
  "run_id IN('a','b',)",
  'run_id IN ()',
  "attributes.run_id IN ('a')",
  "run.status = 'x'",
  "attr.status = 'x'",
  "tags.mlflow.user = 'x'",
  'start_time > 5',
  "start_time > '5'",
  "start_time LIKE '5'",
  'created > 5',
  "`run name` = 'x'",
  "attributes.`Run name` = 'x'",
  "user_id = 'x'",
  "artifact_uri LIKE '%x'",
  "dataset.name = 'x'",
  "datasets.digest LIKE 'x'",
  "datasets.size = 'x'",
  'params.a IS NULL',
  'tags.`a b` is not null',
  'tags.a is  null',
  'tags.a is not  null',
  '"run name" = \'x\'',
  'metrics.a IS NULL',
  'status IS NULL',
  "params.a = 'x\\' AND params.b = 'y'",
  "params.a = 'x''y'",
  "params.a = 'it\\'s' AND params.b='z'",
  "params.a = \"it's\" AND params.b='z'",
  "params.a = '' AND params.b='z'",
  "params.a = '--x' AND params.b='/*'",
  "params.a = 'x';",
  "params.a = 'x' -- c",
  "(params.a = 'x')",
  "params.a = 'x'AND params.b='y'",
  "params.a='x'  \n AND\tparams.b='y'",
  "params.a = 'x' OR params.b='y'",
  "NOT params.a='x'",
  "'x' = params.a",
  "params.a = 'x",
  "params.`a = 'x'",
  'params.a =',
  'params.a',
  'params.',
  "params.a ! = 'x'",
  "params.a = 'x' && params.b='y'",
  'params.a = null',
  'metrics.a > 1.5.2',
  'metrics.a > 12345678901234567890',
  "foo.a='x'"
];

const keys = fc.oneof(
  fc.constantFrom(
    'loss',
    'val/acc',
    'a b',
    'mlflow.user',
    'in',
    'values',
    '1',
    'größe',
    'a-b',
    "it's"
  ),
  // MLflow's own keys: letters, digits and _ - . space /.
  fc.stringMatching(/^[\w\-. /]{1,20}$/).filter(key => key.trim() !== '')
);
const texts = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.constantFrom('', "it's", 'say "x"', '--', ';', '%')
  )
  // PostgreSQL has no character 0.
  .filter(text => !text.includes('\0'));

const conditions = (
  isNull: boolean,
  datasets: boolean
): fc.Arbitrary<Condition> =>
  fc
    .oneof(
      keys.map(key => ({ entity: 'metric' as const, key })),
      keys.map(key => ({ entity: 'param' as const, key })),
      keys.map(key => ({ entity: 'tag' as const, key })),
      fc
        .constantFrom('run_id', 'run_name', 'status', 'user_id')
        .map(key => ({ entity: 'attribute' as const, key })),
      fc
        .constantFrom('start_time', 'end_time')
        .map(key => ({ entity: 'attribute' as const, key })),
      fc.constantFrom('name', 'digest').map(key => ({
        entity: datasets ? ('dataset' as const) : ('tag' as const),
        key
      }))
    )
    .chain(({ entity, key }) => {
      const known = comparatorsOf(entity, key).filter(
        one => isNull || !one.startsWith('IS')
      );
      return fc.constantFrom(...known).chain(comparator => {
        const numeric = entity === 'metric' || key.endsWith('_time');
        const value = comparator.startsWith('IS')
          ? fc.constant(null)
          : comparator.endsWith('IN')
            ? fc.array(
                texts.filter(text => !text.includes("'")),
                { minLength: 1, maxLength: 3 }
              )
            : numeric
              ? entity === 'metric'
                ? fc.double({ noNaN: true, noDefaultInfinity: true })
                : fc.integer({ min: 0, max: 2 ** 41 })
              : texts;
        return value.map((one): Condition => ({
          entity,
          key,
          comparator,
          value: one
        }));
      });
    });

describeServers('filters', bench => {
  const { client } = bench;
  let experimentId: string;
  beforeAll(async () => {
    experimentId = await bench.experiment('filters');
  });

  const status = async (filter: string): Promise<number> =>
    (
      await bench.post('runs/search', {
        experiment_ids: [experimentId],
        max_results: 1,
        filter
      })
    ).status;

  it.each(CORPUS)('should be judged as the server does: %s', async filter => {
    const problems = validate(filter, await client.capabilities()).filter(
      one => one.severity === 'error'
    );
    const answer = await status(filter);
    expect({ filter, refused: problems.length > 0, problems }).toMatchObject({
      refused: answer !== 200
    });
  });

  it('should be taken as they are printed', async () => {
    const { filterIsNull, filterDatasets } = await client.capabilities();
    const arbitrary = fc.array(conditions(filterIsNull, filterDatasets), {
      minLength: 1,
      maxLength: 4
    });
    await fc.assert(
      fc.asyncProperty(arbitrary, async list => {
        let filter: string;
        try {
          filter = print(list);
        } catch (error) {
          expect(error).toBeInstanceOf(CannotQuoteError);
          return;
        }
        expect({
          filter,
          problems: validate(filter).filter(one => one.severity === 'error')
        }).toEqual({ filter, problems: [] });
        expect({ filter, status: await status(filter) }).toEqual({
          filter,
          status: 200
        });
      }),
      { numRuns: 60 }
    );
  });

  it('should find a run by any key and value that can be printed', async () => {
    const values = [
      'x',
      "it's",
      'say "hi"',
      'a b; c -- d',
      '50%',
      'größe 🚀',
      ''
    ];
    const odd = ['plain', 'val/acc', 'a b', 'in', 'x.y-z', '1'];
    const { info } = await bench.run(experimentId);
    const params = new Map(
      odd.map((key, i): [string, string] => [key, values[i]])
    );
    await client.runs.logBatch(info.id, {
      params,
      metrics: odd.map(key => ({ key, value: -1.5e-7 }))
    });
    for (const [key, value] of params) {
      const filter = combine([
        [{ entity: 'param', key, comparator: '=', value }],
        [{ entity: 'metric', key, comparator: '=', value: -1.5e-7 }],
        `run_id = '${info.id}'`
      ]);
      const { items } = await client.runs.search({
        experimentIds: [experimentId],
        filter
      });
      expect({ filter, found: items.length }).toEqual({ filter, found: 1 });
    }
  });

  it('should be taken when completion has written them', async () => {
    const known = {
      metrics: ['val/acc'],
      params: ['in'],
      tags: ['mlflow.user'],
      values: () => ["it's"]
    };
    const capabilities = await client.capabilities();
    const finished: string[] = [];
    // Every way through the options, one step of each kind after the other.
    const walk = (text: string, steps: number): void => {
      if (steps === 0) {
        finished.push(text);
        return;
      }
      const spaced = text === '' || text.endsWith('.') ? text : `${text} `;
      const { from, to, options } = completionsAt(
        spaced,
        spaced.length,
        known,
        capabilities
      );
      for (const option of options.slice(0, 12)) {
        const next = spaced.slice(0, from) + option.text + spaced.slice(to);
        walk(
          next,
          option.text.endsWith('.') || option.kind === 'entity'
            ? steps
            : steps - 1
        );
      }
    };
    walk('', 3);
    expect(finished.length).toBeGreaterThan(10);
    for (const filter of finished.filter(one => !/\bIN\b|NULL/.test(one))) {
      expect({ filter, status: await status(filter) }).toEqual({
        filter,
        status: 200
      });
    }
  });
});
