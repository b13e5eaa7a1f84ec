import fc from 'fast-check';
import { comparatorsOf, type Condition, isNumeric } from './ast';
import { parse } from './parse';
import {
  CannotQuoteError,
  combine,
  isPlainKey,
  print,
  quoteKey,
  quoteValue
} from './print';
import { validate } from './validate';

/** What a parsed condition means, without where it stands. */
function meaning(text: string): Condition[] | null {
  const { conditions } = parse(text);
  return (conditions?.map(({ entity, key, comparator, value }) => ({
    entity,
    key,
    comparator,
    value
  })) ?? null) as Condition[] | null;
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    expect(error).toBeInstanceOf(CannotQuoteError);
    return null;
  }
}

const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom("it's", 'a\\', '"', "''", '`')
);
const condition: fc.Arbitrary<Condition> = fc
  .oneof(
    fc.record({
      entity: fc.constantFrom(
        'metric' as const,
        'param' as const,
        'tag' as const
      ),
      key: texts
    }),
    fc.record({
      entity: fc.constant('attribute' as const),
      key: fc.constantFrom(
        'run_id',
        'run_name',
        'status',
        'user_id',
        'artifact_uri',
        'start_time',
        'end_time'
      )
    }),
    fc.record({
      entity: fc.constant('dataset' as const),
      key: fc.constantFrom('name', 'digest', 'context')
    })
  )
  .chain(({ entity, key }) =>
    fc.constantFrom(...comparatorsOf(entity, key)).chain(comparator => {
      const value: fc.Arbitrary<Condition['value']> = comparator.startsWith(
        'IS'
      )
        ? fc.constant(null)
        : comparator.endsWith('IN')
          ? fc.array(texts, { minLength: 1, maxLength: 3 })
          : isNumeric(entity, key)
            ? fc.double().filter(number => !Object.is(number, -0))
            : texts;
      return value.map((one): Condition => ({
        entity,
        key,
        comparator,
        value: one
      }));
    })
  );

describe('print and parse', () => {
  it('should be each other’s inverse', () => {
    fc.assert(
      fc.property(fc.array(condition, { maxLength: 4 }), list => {
        const text = attempt(() => print(list));
        if (text !== null) {
          expect({ text, meaning: meaning(text) }).toEqual({
            text,
            meaning: list
          });
          expect(
            validate(text).filter(one => one.severity === 'error')
          ).toEqual([]);
        }
      }),
      { numRuns: 300 }
    );
  });

  it('should not lose or join conditions when filters are combined', () => {
    const filters = fc.array(fc.array(condition, { maxLength: 2 }), {
      maxLength: 3
    });
    fc.assert(
      fc.property(filters, lists => {
        const printed = attempt(() => lists.map(list => print(list)));
        if (printed !== null) {
          expect(meaning(combine([...printed, '  ']))).toEqual(lists.flat());
        }
      })
    );
  });

  it('should never fail on any text, and point into it', () => {
    const pieces = fc.array(
      fc.constantFrom(
        'params',
        '.',
        'a',
        ' ',
        '=',
        "'x'",
        '"y"',
        '`',
        "'",
        'AND',
        'OR',
        '(',
        ')',
        ',',
        'IN',
        'IS',
        'NOT',
        'NULL',
        '>',
        '1',
        '-',
        ';',
        '\\',
        'LIKE',
        'status'
      ),
      { maxLength: 14 }
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          pieces.map(all => all.join(''))
        ),
        text => {
          for (const problem of validate(text)) {
            expect(problem.from).toBeGreaterThanOrEqual(0);
            expect(problem.to).toBeLessThanOrEqual(Math.max(text.length, 1));
            expect(problem.from).toBeLessThanOrEqual(problem.to);
            expect(problem.message).toMatch(/^[A-Z`].*[.]$/s);
          }
        }
      ),
      { numRuns: 500 }
    );
  });
});

describe('quoteKey and quoteValue', () => {
  it('should come back whole, or be refused', () => {
    fc.assert(
      fc.property(texts, texts, (key, value) => {
        const quoted = attempt(
          () => [quoteKey(key), quoteValue(value)] as const
        );
        if (quoted !== null) {
          expect(
            meaning(
              `params.${quoted[0]} = ${quoted[1]} AND params.b = 'c'`
            )?.[0]
          ).toMatchObject({ key, value });
        }
      }),
      { numRuns: 300 }
    );
  });

  it.each([
    ['loss', 'loss'],
    ['mlflow.user', 'mlflow.user'],
    ['val/acc', '`val/acc`'],
    ['a b', '`a b`'],
    ['in', '`in`'],
    ['a.values', '`a.values`'],
    ['1', '`1`'],
    ['1a', '1a'],
    ['größe', 'größe'],
    ['a`b', '"a`b"'],
    ['a"b', '`a"b`']
  ])('should write the key %s as %s', (key, written) => {
    expect(quoteKey(key)).toBe(written);
    expect(isPlainKey(key)).toBe(written === key);
  });

  it('should refuse what MLflow has no way to write', () => {
    for (const value of [`both ' and "`, 'C:\\data\\']) {
      expect(() => quoteValue(value)).toThrow(CannotQuoteError);
    }
    for (const key of ['', '`"']) {
      expect(() => quoteKey(key)).toThrow(CannotQuoteError);
    }
    expect(() =>
      print([{ entity: 'metric', key: 'a', comparator: '=', value: NaN }])
    ).toThrow(CannotQuoteError);
  });

  it('should write numbers without a plus sign', () => {
    expect(
      print([{ entity: 'metric', key: 'a', comparator: '>', value: 1e21 }])
    ).toBe('metrics.a > 1e21');
  });
});

describe('validate', () => {
  const server = { filterIsNull: false, filterDatasets: false };

  const wrong: ReadonlyArray<readonly [string, string, RegExp, string?]> = [
    ["Params.a = 'x'", 'Params', /metrics, params, tags/, 'params'],
    ["foo.a = 'x'", 'foo', /not known/],
    ["STATUS = 'RUNNING'", 'STATUS', /no attribute/, 'status'],
    ["name = 'x'", 'name', /no attribute/, 'run_name'],
    ["metrics.loss > '0.5'", "'0.5'", /Numbers are not quoted/, '0.5'],
    ["metrics.loss > 'low'", "'low'", /compared with a number/],
    ['metrics.loss > 1E+5', '1E+5', /plus sign/, '1E5'],
    ['metrics.val/acc > 1', 'val/acc', /backticks/, '`val/acc`'],
    ['metrics.values > 1', 'values', /backticks/, '`values`'],
    ['params.a = RUNNING', 'RUNNING', /between quotes/, "'RUNNING'"],
    ['params.depth = 7', '7', /between quotes/, "'7'"],
    ["params.a > 'x'", '>', /compared with =, !=, LIKE or ILIKE/],
    ["params.a == 'x'", '==', /not ==/, '='],
    ["status > 'RUNNING'", '>', /`status` is compared with/],
    ["status IN ('RUNNING')", 'IN', /not IN/],
    ["status = 'running'", "'running'", /in capitals/, "'RUNNING'"],
    ["run_id IN 'a'", "'a'", /comes a list/],
    ['run_id IN ()', '()', /empty/],
    ["run_id = ('a')", "('a')", /only stand after IN/],
    ['params.a IS NULL', 'IS NULL', /3\.9/],
    ['metrics.a IS NULL', 'IS NULL', /Only params and tags/],
    ["dataset.name = 'x'", "dataset.name = 'x'", /2\.4/],
    ["params.a = 'x''y'", "'x''y'", /no escapes/, '"x\'y"'],
    ["params.a = 'x' OR params.b = 'y'", 'OR', /only be joined with AND/],
    ["NOT params.a = 'x'", 'NOT', /!=/],
    ["(params.a = 'x')", '(', /Parentheses/],
    ["params.a = 'x';", ';', /semicolon/],
    ["params.a = 'x", "'", /never closed/],
    ["'x' = params.a", "'x'", /name comes first/],
    ['params.a', 'a', /comparison/],
    ['params.a =', '=', /value/],
    ['params.', 'params.', /name after/]
  ];

  it.each(
    wrong.map(([text, part, message, fix]) => ({ text, part, message, fix }))
  )(
    'should point at what is wrong in $text',
    ({ text, part, message, fix }) => {
      const [problem, ...others] = validate(text, server);
      expect(others).toEqual([]);
      expect(problem?.message).toMatch(message);
      expect(text.slice(problem.from, problem.to)).toBe(part);
      expect(problem.fix).toBe(fix);
    }
  );

  it('should find each wrong condition, and let newer parts through while the server is not known', () => {
    expect(
      validate("metrics.a > 'x' AND foo.b = 'y' AND params.c = 'z'")
    ).toHaveLength(2);
    expect(validate("params.a IS NULL AND dataset.name IN ('x')")).toEqual([]);
    expect(validate('')).toEqual([]);
  });

  it('should fix what it offers to fix', () => {
    for (const text of [
      "metrics.a > '1'",
      "Params.a = 'x'",
      'params.a = x',
      'metrics.a/b > 1',
      "params.a == 'x'"
    ]) {
      const [{ from, to, fix }] = validate(text);
      expect(validate(text.slice(0, from) + fix + text.slice(to))).toEqual([]);
    }
  });
});
