import fc from 'fast-check';
import { completionsAt, type KnownKeys } from './complete';
import { validate } from './validate';

const known: KnownKeys = {
  metrics: ['loss', 'val/acc', 'both`"quotes'],
  params: ['depth', 'learning rate'],
  tags: ['mlflow.user', 'team'],
  values: (entity, key) =>
    entity === 'param' && key === 'learning rate' ? ['0.1', "it's", `'"`] : []
};

/** `|` is the caret. The options' texts, and the text after the first is chosen. */
function complete(
  marked: string,
  capabilities?: Parameters<typeof completionsAt>[3]
): { options: string[]; first: string } {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  const { from, to, options } = completionsAt(
    text,
    offset,
    known,
    capabilities
  );
  const first =
    options.length === 0
      ? text
      : text.slice(0, from) + options[0].text + text.slice(to);
  return { options: options.map(option => option.text), first };
}

describe('completionsAt', () => {
  it.each<[string, string]>([
    ['|', 'metrics.'],
    ['met|', 'metrics.'],
    ['st|', 'status'],
    ['metrics.|', 'metrics.loss'],
    ['metrics.v|', 'metrics.`val/acc`'],
    ['metrics.`v|', 'metrics.`val/acc`'],
    ['metrics.`v|al`', 'metrics.`val/acc`'],
    ['params.le|', 'params.`learning rate`'],
    ['tags.user|', 'tags.mlflow.user'],
    ['dep|', 'params.depth'],
    ['status |', 'status ='],
    ['status = |', "status = 'RUNNING'"],
    ['status =|', "status ='RUNNING'"],
    ["status = 'F|", "status = 'FINISHED'"],
    ["status = 'F|INISHED'", "status = 'FINISHED'"],
    ['metrics.loss >|', 'metrics.loss >'],
    ['params.`learning rate` = |', "params.`learning rate` = '0.1'"],
    ['params.`learning rate` = it|', 'params.`learning rate` = "it\'s"'],
    ['params.depth LI|', 'params.depth LIKE'],
    ['params.depth IS |', 'params.depth IS NULL'],
    ['params.depth IS NOT |', 'params.depth IS NOT NULL'],
    ["status = 'FAILED' |", "status = 'FAILED' AND"],
    ["status = 'FAILED' a|", "status = 'FAILED' AND"],
    ["status = 'FAILED' AND |", "status = 'FAILED' AND metrics."],
    ["run_id IN ('a') |", "run_id IN ('a') AND"],
    ['params.depth IS NULL |', 'params.depth IS NULL AND'],
    ["sta| = 'FAILED'", "status = 'FAILED'"],
    [
      "status = 'FAILED' AND metrics.l| < 5",
      "status = 'FAILED' AND metrics.loss < 5"
    ]
  ])('should complete %s to %s', (text, completed) => {
    expect(complete(text).first).toBe(completed);
  });

  it('should offer nothing that cannot be written', () => {
    expect(complete('metrics.|').options).toEqual(['loss', '`val/acc`']);
    expect(complete('params.`learning rate` = |').options).toEqual([
      "'0.1'",
      '"it\'s"'
    ]);
  });

  it('should offer only what the key and the server can be compared with', () => {
    expect(complete('metrics.loss |').options).toEqual([
      '=',
      '!=',
      '<',
      '<=',
      '>',
      '>='
    ]);
    expect(complete('run_id |').options).toContain('IN');
    expect(complete('status |').options).not.toContain('IN');
    expect(complete('params.depth |').options).toContain('IS NULL');
    const old = { filterIsNull: false, filterDatasets: false };
    expect(complete('params.depth |', old).options).not.toContain('IS NULL');
    expect(complete('|', old).options).not.toContain('dataset.');
  });

  it('should offer nothing for numbers and unknown words', () => {
    expect(complete('metrics.loss > |').options).toEqual([]);
    expect(complete('foo.|').options).toEqual([]);
  });

  it('should stay within any text, at any place', () => {
    const pieces = fc
      .array(
        fc.constantFrom(
          'params',
          '.',
          'a',
          ' ',
          '=',
          "'x'",
          '`',
          "'",
          '"',
          'AND ',
          '(',
          ')',
          ',',
          'IN ',
          'IS ',
          '>',
          '1'
        ),
        { maxLength: 12 }
      )
      .map(all => all.join(''));
    fc.assert(
      fc.property(pieces, fc.nat(), (text, place) => {
        const offset = text.length === 0 ? 0 : place % (text.length + 1);
        const { from, to, options } = completionsAt(text, offset, known);
        expect(
          0 <= from && from <= offset && offset <= to && to <= text.length
        ).toBe(true);
        expect(new Set(options.map(option => option.text)).size).toBe(
          options.length
        );
      }),
      { numRuns: 500 }
    );
  });

  it('should write filters without problems', () => {
    for (const entity of complete('|').options) {
      const keys = entity.endsWith('.')
        ? complete(`${entity}|`).options.map(key => entity + key)
        : [entity];
      for (const key of keys) {
        for (const comparator of complete(`${key} |`).options.filter(
          one => !/IN$/.test(one)
        )) {
          const value = comparator.startsWith('IS')
            ? ''
            : /^metrics|_time$/.test(key)
              ? ' 1'
              : " 'x'";
          const filter = `${key} ${comparator}${value}`;
          expect({
            filter,
            problems: validate(filter).filter(one => one.severity === 'error')
          }).toEqual({ filter, problems: [] });
        }
      }
    }
  });
});
