import { ApiError } from '../servers/request';
import type { Recording } from './answers';
import type { RecorderEvent } from './events';
import { NotebookRecording } from './notebook-recording';
import { Answers, aRecording } from './testing/fake-recorder';

function problem(code: string) {
  return new ApiError({ code, message: 'No.', hint: 'So.', log: null });
}

function setUp() {
  const answers = new Answers<Recording>();
  const asked: unknown[][] = [];
  const ask =
    (name: string) =>
    (...args: unknown[]) => {
      asked.push([name, ...args]);
      return answers.ask();
    };
  const model = new NotebookRecording(
    {
      recording: ask('recording'),
      setRule: ask('setRule'),
      forgetRule: ask('forgetRule'),
      setPaused: ask('setPaused'),
      setOffered: ask('setOffered')
    },
    () => 'work/a.ipynb'
  );
  return { model, answers, asked };
}

const executed = (
  of: Partial<Extract<RecorderEvent, { kind: 'execution' }>['of']> = {}
): RecorderEvent => ({
  kind: 'execution',
  of: {
    execution_id: 'e1',
    kernel_id: 'k1',
    notebook_id: 'n1',
    cell_id: 'c1',
    status: 'ok',
    ...of
  }
});

describe('NotebookRecording', () => {
  it('should say what the server says', async () => {
    const { model, answers } = setUp();
    expect(model.view.state).toBe('loading');
    void model.load();
    await answers.answer(aRecording({ keep: true }));
    expect(model.view).toMatchObject({
      state: 'known',
      problem: null,
      recording: { keep: true }
    });
  });

  it.each(['feature-off', 'server-extension-missing'])(
    'should be off with %s',
    async code => {
      const { model, answers } = setUp();
      void model.load();
      await answers.refuse(problem(code));
      expect(model.view).toEqual({
        state: 'off',
        recording: null,
        problem: null
      });
    }
  );

  it('should keep what is known when a wish is refused, and say why', async () => {
    const { model, answers } = setUp();
    void model.load();
    await answers.answer(aRecording());
    const chosen = model.choose('notebook', {
      keep: true,
      send: 'all',
      target: null
    });
    await answers.refuse(problem('not-allowed'));
    expect(await chosen).toBe(false);
    expect(model.view).toMatchObject({
      state: 'known',
      recording: { send: 'nothing' },
      problem: { code: 'not-allowed' }
    });
  });

  it('should let the last question win, whatever answer comes last', async () => {
    const { model, answers } = setUp();
    void model.load();
    void model.pause(true);
    const first = answers.answer(aRecording({ paused: false }));
    await first;
    expect(model.view.state).toBe('loading');
    await answers.answer(aRecording({ paused: true }));
    expect(model.view.recording?.paused).toBe(true);
  });

  it('should read again when it hears of itself, once for many events', async () => {
    const { model, answers, asked } = setUp();
    void model.load();
    await answers.answer(aRecording());
    for (let turn = 0; turn < 10; turn++) {
      model.hear({
        kind: 'recording',
        of: { path: 'work/a.ipynb', state: 'on' }
      });
    }
    expect(asked).toHaveLength(2);
    await answers.answer(aRecording());
    expect(asked).toHaveLength(3);
    await answers.answer(aRecording());
    expect(asked).toHaveLength(3);
  });

  it('should ask nothing for other notebooks, nor for what is not sent', async () => {
    const { model, answers, asked } = setUp();
    void model.load();
    await answers.answer(aRecording({ send: 'nothing' }));
    model.hear({ kind: 'recording', of: { path: 'b.ipynb', state: 'on' } });
    model.hear(executed());
    model.hear(executed({ notebook_id: 'n2' }));
    expect(asked).toHaveLength(1);
  });

  it('should follow what waits to be sent', async () => {
    const { model, answers, asked } = setUp();
    void model.load();
    await answers.answer(aRecording({ send: 'all' }));
    model.hear(executed({ status: 'running' }));
    expect(asked).toHaveLength(1);
    model.hear(executed());
    expect(asked).toHaveLength(2);
    await answers.answer(aRecording({ send: 'all', waiting: 1 }));
    expect(model.view.recording?.waiting).toBe(1);
  });

  it('should change nothing after its end', async () => {
    const { model, answers } = setUp();
    void model.load();
    model.dispose();
    await answers.answer(aRecording());
    expect(model.view.state).toBe('loading');
  });
});
