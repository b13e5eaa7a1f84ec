import type { Execution } from './answers';
import { CellExecutions } from './cell-executions';
import { anExecution, Answers } from './testing/fake-recorder';

type Page = { executions: Execution[]; next: string | null };

function setUp() {
  const answers = new Answers<Page>();
  const asked: { path: string; limit?: number }[] = [];
  const model = new CellExecutions(
    {
      executions: query => {
        asked.push(query);
        return answers.ask();
      }
    },
    () => 'work/a.ipynb'
  );
  const page = (...executions: Execution[]): Page => ({
    executions,
    next: null
  });
  return { model, answers, asked, page };
}

const executed = {
  kind: 'execution' as const,
  of: {
    execution_id: 'e1',
    kernel_id: 'k1',
    notebook_id: 'n1',
    cell_id: 'c1',
    status: 'ok' as const
  }
};

describe('CellExecutions', () => {
  it('should have the executions of each cell, the newest first', async () => {
    const { model, answers, page } = setUp();
    void model.reload();
    await answers.answer(
      page(
        anExecution({ id: 'a', started: 1 }),
        anExecution({ id: 'c', started: 3 }),
        anExecution({ id: 'b', started: 2 }),
        anExecution({ id: 'd', cell_id: 'c2' }),
        anExecution({ id: 'e', cell_id: null })
      )
    );
    expect(model.of('c1').map(({ id }) => id)).toEqual(['c', 'b', 'a']);
    expect(model.of('c2').map(({ id }) => id)).toEqual(['d']);
    expect([...model.cells]).toEqual(['c1', 'c2']);
    expect(model.of('other')).toEqual([]);
  });

  it('should take what has changed into what it knows', async () => {
    const { model, answers, asked, page } = setUp();
    void model.reload();
    await answers.answer(page(anExecution({ id: 'a', status: 'running' })));
    model.hear(executed, 'n1');
    await answers.answer(
      page(anExecution({ id: 'b', started: 2000 }), anExecution({ id: 'a' }))
    );
    expect(model.of('c1').map(({ id, status }) => [id, status])).toEqual([
      ['b', 'ok'],
      ['a', 'ok']
    ]);
    expect((asked[1].limit ?? 0) < (asked[0].limit ?? 0)).toBe(true);
  });

  it('should have one question at a time, however many cells run', async () => {
    const { model, answers, asked, page } = setUp();
    void model.reload();
    await answers.answer(page());
    for (let cell = 0; cell < 100; cell++) {
      model.hear(executed, 'n1');
    }
    expect(asked).toHaveLength(2);
    await answers.answer(page());
    expect(asked).toHaveLength(3);
    await answers.answer(page());
    expect(answers.waiting).toBe(0);
    expect(asked).toHaveLength(3);
  });

  it('should forget what has been deleted when it reads all anew', async () => {
    const { model, answers, page } = setUp();
    void model.reload();
    await answers.answer(page(anExecution()));
    void model.reload();
    await answers.answer(page());
    expect(model.of('c1')).toEqual([]);
  });

  it('should keep what it knows through a failure, and read all after it', async () => {
    const { model, answers, asked, page } = setUp();
    void model.reload();
    await answers.answer(page(anExecution()));
    model.hear(executed, 'n1');
    await answers.refuse(new Error('gone'));
    expect(model.of('c1')).toHaveLength(1);
    model.hear(executed, 'n1');
    expect(asked[2].limit).toBe(asked[0].limit);
  });

  it.each(['n1', null])(
    'should read all anew when history is deleted elsewhere, of %p',
    async notebook_id => {
      const { model, answers, asked, page } = setUp();
      void model.reload();
      await answers.answer(page(anExecution()));
      const of = { ...executed.of, notebook_id, status: 'deleted' as const };
      model.hear({ kind: 'execution', of }, 'n1');
      expect(asked[1].limit).toBe(asked[0].limit);
      await answers.answer(page());
      expect(model.of('c1')).toEqual([]);
    }
  );

  it('should not listen to other notebooks', () => {
    const { model, asked } = setUp();
    model.hear(executed, 'n2');
    expect(asked).toHaveLength(0);
  });
});
