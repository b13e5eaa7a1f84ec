import fc from 'fast-check';
import { parseJson } from './json';
import { mlflowError, thrownBy } from './testing/expected';

const parse = (text: string): unknown => parseJson(text, 'runs/search');

describe('parseJson', () => {
  it('should keep integers beyond 2^53 to the digit', () => {
    expect(parse('{"step": 9007199254740993, "t":-9007199254740993}')).toEqual({
      step: 9007199254740993n,
      t: -9007199254740993n
    });
    expect(parse('[9007199254740993]')).toEqual([9007199254740993n]);
    expect(parse('{"a": 9007199254740991}')).toEqual({ a: 9007199254740991 });
  });

  it('should leave floats and long numbers in strings alone', () => {
    expect(
      parse('{"v": 1.7976931348623157e+308, "s": "x: 9007199254740993,"}')
    ).toEqual({
      v: Number.MAX_VALUE,
      s: 'x: 9007199254740993,'
    });
    expect(parse('[0.12345678901234567, 12345678901234567.5, 1e400]')).toEqual([
      0.12345678901234567,
      12345678901234567.5,
      Infinity
    ]);
  });

  it('should read bare NaN and infinities, outside strings only', () => {
    expect(
      parse(
        '{"a": NaN, "b": [-Infinity, Infinity], "NaN": "NaN, Infinity \\" NaN"}'
      )
    ).toEqual({
      a: 'NaN',
      b: ['-Infinity', 'Infinity'],
      NaN: 'NaN, Infinity " NaN'
    });
    expect(parse('[NaN, 9007199254740993]')).toEqual([
      'NaN',
      9007199254740993n
    ]);
  });

  it('should read whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const text = JSON.stringify(value);
        // Whole floats beyond 2^53 are written without a point, and read as the integers that they are.
        const plain = (json: unknown): unknown =>
          JSON.parse(
            JSON.stringify(json, (_, one: unknown) =>
              typeof one === 'bigint' ? Number(one) : one
            )
          );
        expect(plain(parse(text))).toEqual(JSON.parse(text));
        expect(plain(parse(JSON.stringify(value, null, 2)))).toEqual(
          JSON.parse(text)
        );
      })
    );
  });

  it('should read any integer exactly among any texts', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.string(), (integer, text) => {
        const json = `{"a": ${JSON.stringify(text)}, "n": ${integer}}`;
        const read = parse(json) as { a: string; n: number | bigint };
        expect([read.a, BigInt(read.n)]).toEqual([text, integer]);
      })
    );
  });

  it.each([
    ['{"runs": [{"info": {"run_id": "a', /broke off or is damaged/],
    ['<html><body>Sign in</body></html>', /web page/],
    ['', /is empty/],
    ['OK', /not JSON/]
  ])('should call %s malformed', (text, message) => {
    expect(thrownBy(() => parse(text))).toMatchObject(
      mlflowError('malformed', message)
    );
  });

  it('should call every cut of an answer malformed', () => {
    const whole =
      '{"runs": [{"info": {"run_id": "a", "n": 9007199254740993}, "x": [NaN, true, null, 1.5]}]}';
    for (let end = 1; end < whole.length; end++) {
      expect(thrownBy(() => parse(whole.slice(0, end)))).toMatchObject(
        mlflowError('malformed')
      );
    }
    expect(() => parse(whole)).not.toThrow();
  });
});
