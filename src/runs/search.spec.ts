import { nullTranslator } from '@jupyterlab/translation';
import fc from 'fast-check';
import { parse } from '../mlflow/filter';
import { searchOf } from './search';

const trans = nullTranslator.load('jupyter_mlflow');
const search = (text: string) => searchOf(text, null, trans);

describe('searchOf', () => {
  it('should take nothing for no filter', () => {
    expect(search('  ').filter).toBe('');
  });

  it('should search names for plain text', () => {
    expect(search('owl 3')).toEqual({
      filter: "attributes.run_name ILIKE '%owl 3%'",
      problem: null,
      isByName: true
    });
    expect(search("it's").filter).toBe(`attributes.run_name ILIKE "%it's%"`);
  });

  it.each(['nothing like it', 'is it not', 'v1.2 in between'])(
    'should search names for %s, which only sounds like a comparison',
    text => {
      expect(search(text)).toMatchObject({ isByName: true });
    }
  );

  it.each(["status IN ('x')", "tags.`a b` LIKE 'x%'", 'params.model IS NULL'])(
    'should take %s for a filter',
    text => {
      expect(search(text)).not.toMatchObject({ isByName: true });
    }
  );

  it('should take the grammar as it is', () => {
    const filter = "metrics.loss < 0.1 AND params.model = 'tree'";
    expect(search(filter)).toEqual({ filter, problem: null, isByName: false });
  });

  it.each(['metric.loss >> 1', 'metrics.loss < abc', 'nonsense.x = 1'])(
    'should say what is wrong with %s instead of searching for it',
    text => {
      expect(search(text).filter).toBeNull();
      expect(search(text).problem).toMatch(/\w+/);
    }
  );

  it('should say so where a name cannot be written', () => {
    expect(search(`a'b"c`).problem).toMatch(/quotation marks/);
  });

  it('should give a filter that parses, or a reason, for any text', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const { filter, problem } = search(text);
        if (filter === null) {
          expect(problem).not.toBe('');
        } else if (filter !== '') {
          expect(parse(filter).conditions).not.toBeNull();
        }
      })
    );
  });
});
