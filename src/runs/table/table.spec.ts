import { nullTranslator } from '@jupyterlab/translation';
import fc from 'fast-check';
import { RunColumns } from '../store';
import { give, type FakeRun } from '../testing/fake-server';
import {
  attributeColumns,
  cellText,
  cellValue,
  columnOf,
  defaultColumns,
  keyColumn,
  NAME_COLUMN
} from './columns';
import { runsAsCsv } from './csv';
import { movedPlace } from './keys';
import { idsBetween } from './selection';
import { asTableState, FRESH_TABLE } from './state';

const trans = nullTranslator.load('jupyter_mlflow');
const attributes = attributeColumns(trans);

function columnsOf(runs: ReadonlyArray<FakeRun>): RunColumns {
  const columns = new RunColumns();
  const page = columns.page();
  runs.forEach(run => give(run, page));
  columns.append(page);
  return columns;
}

const RUN: FakeRun = {
  id: 'a',
  start: 1_000_000,
  status: 'FINISHED',
  metrics: { loss: 0.1 + 0.2, bad: NaN },
  params: { lr: '0.1' },
  tags: { team: 'red' }
};

describe('columns', () => {
  const runs = columnsOf([RUN]);
  const style = { trans, timeFormat: 'relative' as const, now: 1_060_000 };

  it('should find a column by its id, and none for what is none', () => {
    expect(columnOf('metric:a:b', attributes, trans)?.key).toBe('a:b');
    expect(columnOf(NAME_COLUMN, attributes, trans)?.label).toBe('Run');
    expect(columnOf('attribute:nonsense', attributes, trans)).toBeNull();
    expect(columnOf('nonsense', attributes, trans)).toBeNull();
  });

  it('should quote what the server orders by, and say where it cannot', () => {
    expect(keyColumn('metric', 'val/acc', trans).orderBy).toBe(
      'metrics.`val/acc`'
    );
    expect(keyColumn('metric', '`"', trans).orderBy).toBeNull();
    expect(keyColumn('metric', '`"', trans).unsortable).toMatch(/cannot sort/);
    expect(
      attributes.find(column => column.key === 'duration')?.unsortable
    ).toMatch(/duration/);
  });

  it('should show a value of many lines in one, and copy it as it is', () => {
    const { rows } = columnsOf([
      { ...RUN, name: 'a\nb', params: { note: 'x\ny' } }
    ]);
    const note = keyColumn('param', 'note', trans);
    expect(cellText(note, rows, 0, style)).toBe('x↵y');
    expect(cellValue(note, rows, 0)).toBe('x\ny');
    const name = columnOf(NAME_COLUMN, attributes, trans);
    expect(name && cellText(name, rows, 0, style)).toBe('a↵b');
  });

  it('should show values for people and give them in full', () => {
    const loss = keyColumn('metric', 'loss', trans);
    expect(cellText(loss, runs.rows, runs.slotAt(0), style)).toBe('0.3');
    expect(cellValue(loss, runs.rows, runs.slotAt(0))).toBe(
      '0.30000000000000004'
    );
    expect(
      cellText(
        keyColumn('metric', 'bad', trans),
        runs.rows,
        runs.slotAt(0),
        style
      )
    ).toBe('NaN');
    expect(
      cellText(
        keyColumn('metric', 'none', trans),
        runs.rows,
        runs.slotAt(0),
        style
      )
    ).toBe('');
    const of = (key: string) =>
      attributes.find(column => column.key === key) ?? attributes[0];
    expect(cellText(of('duration'), runs.rows, runs.slotAt(0), style)).toBe(
      '1.0 s'
    );
    expect(
      cellText(of('start_time'), runs.rows, runs.slotAt(0), style)
    ).toMatch(/1 min/);
    expect(cellText(of('status'), runs.rows, runs.slotAt(0), style)).toBe(
      'Finished'
    );
  });

  it('should begin with the attributes of daily use and the first keys', () => {
    expect(defaultColumns(runs.rows, { metrics: 1, params: 5 })).toEqual([
      'attribute:start_time',
      'attribute:duration',
      'attribute:user',
      'attribute:source',
      'metric:loss',
      'param:lr'
    ]);
  });
});

/** A reader of CSV, to prove the writer. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const match of text.matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/g)) {
    const raw = match[1];
    rows[rows.length - 1].push(
      raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw
    );
    if (match[2] === '\r\n') {
      rows.push([]);
    }
  }
  return rows.slice(0, -1);
}

describe('runsAsCsv', () => {
  it('should write what a reader of CSV reads back', () => {
    const text = fc.string().filter(value => !/^[=+\-@\t\r]/.test(value));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), values => {
        const runs = columnsOf(
          values.map((value, at) => ({
            ...RUN,
            id: `r${at}`,
            params: { p: value }
          }))
        );
        const rows = readCsv(runsAsCsv(runs, [keyColumn('param', 'p', trans)]));
        expect(rows).toEqual([
          ['run_id', 'params.p'],
          ...values.map((value, at) => [`r${at}`, value])
        ]);
      })
    );
  });

  it('should not let a parameter run as a formula, nor touch numbers', () => {
    const runs = columnsOf([
      {
        ...RUN,
        params: { p: '=HYPERLINK("x")', n: '-1.5' },
        metrics: { loss: -Infinity }
      }
    ]);
    const [, row] = readCsv(
      runsAsCsv(runs, [
        keyColumn('param', 'p', trans),
        keyColumn('param', 'n', trans),
        keyColumn('metric', 'loss', trans)
      ])
    );
    expect(row.slice(1)).toEqual([`'=HYPERLINK("x")`, '-1.5', '-Infinity']);
  });
});

describe('asTableState', () => {
  it('should read back what was saved', () => {
    const state = {
      columns: ['metric:loss'],
      widths: { 'metric:loss': 90 },
      sort: { columnId: 'metric:loss', descending: true },
      filter: 'metrics.loss < 1',
      stage: 'deleted' as const,
      hidesRecorded: true
    };
    expect(asTableState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  it('should give a whole state for anything', () => {
    expect(asTableState(undefined)).toEqual(FRESH_TABLE);
    fc.assert(
      fc.property(fc.jsonValue(), saved => {
        const state = asTableState(saved);
        expect(Object.keys(state).sort()).toEqual(
          Object.keys(FRESH_TABLE).sort()
        );
      })
    );
  });
});

describe('movedPlace', () => {
  it('should never leave the grid', () => {
    const keys = fc.constantFrom(
      'ArrowDown',
      'ArrowUp',
      'ArrowLeft',
      'ArrowRight',
      'Home',
      'End',
      'PageDown',
      'PageUp'
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 50 }),
        fc.integer({ min: 2, max: 20 }),
        fc.array(
          fc.record({
            key: keys,
            ctrlKey: fc.boolean(),
            metaKey: fc.constant(false)
          })
        ),
        (rows, columns, pressed) => {
          let place = { row: -1, column: 1 };
          for (const event of pressed) {
            place =
              movedPlace(event, place, { rows, columns, page: 10 }) ?? place;
            expect(place.row).toBeGreaterThanOrEqual(-1);
            expect(place.row).toBeLessThan(Math.max(rows, 0));
            expect(place.column).toBeGreaterThanOrEqual(0);
            expect(place.column).toBeLessThan(columns);
          }
        }
      )
    );
  });

  it('should leave other keys alone', () => {
    expect(
      movedPlace(
        { key: 'x', ctrlKey: false, metaKey: false },
        { row: 0, column: 0 },
        { rows: 1, columns: 2, page: 1 }
      )
    ).toBeNull();
  });
});

describe('idsBetween', () => {
  it('should give both ends and what lies between, in either direction', () => {
    const runs = columnsOf(['a', 'b', 'c', 'd'].map(id => ({ ...RUN, id })));
    expect(idsBetween(runs, 'b', 'd')).toEqual(['b', 'c', 'd']);
    expect(idsBetween(runs, 'd', 'b')).toEqual(['b', 'c', 'd']);
    expect(idsBetween(runs, 'gone', 'b')).toEqual(['b']);
  });
});
