import fc from 'fast-check';
import { notebookOf, stepsTo } from './replay';
import { anExecution } from './testing/fake-recorder';

const ran = (
  id: string,
  started: number,
  of: Parameters<typeof anExecution>[0] = {}
) => anExecution({ id, started, cell_id: id[0], source: id, ...of });

describe('stepsTo', () => {
  it('should be what ran before in the same process, in the order it ran', () => {
    const until = ran('d', 40);
    const steps = stepsTo(
      until,
      [
        ran('e', 50),
        until,
        ran('b', 20),
        ran('a', 10),
        ran('x', 15, { process: 'before the restart' }),
        ran('y', 16, { kernel_id: 'another' }),
        ran('z', 17, { source: null })
      ],
      null
    );
    expect(steps.map(({ execution }) => execution.id)).toEqual(['a', 'b', 'd']);
    expect(steps.flatMap(({ marks }) => marks)).toEqual([]);
  });

  it('should mark what is not so in the notebook now', () => {
    const until = ran('c2', 60);
    const steps = stepsTo(
      until,
      [
        ran('b1', 10),
        ran('a1', 20),
        ran('d1', 30),
        ran('c1', 40, { status: 'error' }),
        ran('b2', 50),
        until
      ],
      [
        { id: 'a', source: 'a1' },
        { id: 'b', source: 'b2' },
        { id: 'c', source: 'changed' }
      ]
    );
    expect(steps.map(({ execution, marks }) => [execution.id, marks])).toEqual([
      ['b1', ['edited']],
      ['a1', ['out-of-order']],
      ['d1', ['deleted']],
      ['c1', ['edited', 'failed']],
      ['b2', ['out-of-order', 'again']],
      ['c2', ['edited', 'again']]
    ]);
  });

  it('should have no mark where the notebook was run from top to bottom', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }),
        ids => {
          const all = ids.map((id, at) =>
            ran(id, at, { cell_id: id, source: `source of ${id}` })
          );
          const steps = stepsTo(
            all[all.length - 1],
            [...all].reverse(),
            ids.map(id => ({ id, source: `source of ${id}` }))
          );
          expect(steps.map(({ execution }) => execution.cell_id)).toEqual(ids);
          expect(steps.every(({ marks }) => marks.length === 0)).toBe(true);
        }
      )
    );
  });
});

describe('notebookOf', () => {
  it('should hold the code that ran, and go on where it failed', () => {
    const steps = stepsTo(
      ran('b', 2),
      [ran('a', 1, { status: 'error' }), ran('b', 2)],
      null
    );
    expect(notebookOf(steps, 'Ran <b>then</b>', {})).toMatchObject({
      nbformat: 4,
      nbformat_minor: 5,
      cells: [
        { cell_type: 'raw', source: 'Ran <b>then</b>' },
        {
          cell_type: 'code',
          source: 'a',
          outputs: [],
          metadata: { tags: ['raises-exception'] }
        },
        { cell_type: 'code', source: 'b' }
      ]
    });
  });
});
