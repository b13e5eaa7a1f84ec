import { nullTranslator } from '@jupyterlab/translation';
import { readEvent } from './events';
import { proposalOf, propose } from './proposal';
import { anExecution, aRecording } from './testing/fake-recorder';
import { markOf, sendingOf, sendingText } from './words';

const trans = nullTranslator.load('jupyter_mlflow');
const known = (of: Parameters<typeof aRecording>[0]) =>
  markOf({ state: 'known', recording: aRecording(of), problem: null }, trans);

describe('markOf', () => {
  it.each([
    [{ keep: false }, { state: 'off', text: 'Not recorded' }],
    [{}, { state: 'on', text: 'Recording' }],
    [{ send: 'all' as const }, { state: 'on', text: 'Recording → MLflow' }],
    [{ paused: true }, { state: 'paused', text: 'Recording paused' }],
    [
      { send: 'all' as const, waiting: 3 },
      { state: 'on', text: 'Recording · 3 not sent yet' }
    ],
    [
      { refused: 1, waiting: 3 },
      { state: 'attention', text: 'Recording: 1 cell refused' }
    ],
    [
      { refused: 2, paused: true },
      { state: 'attention', text: 'Recording paused: 2 cells refused' }
    ],
    [
      { problems: [{ code: 'x', message: '', hint: '', log: null }] },
      { state: 'attention', text: 'Recording: a problem' }
    ]
  ])('should say of %p %p', (of, mark) => {
    expect(known(of)).toEqual(mark);
  });

  it('should say that recording is proposed until the person has decided', () => {
    const of = (keep: boolean) =>
      markOf(
        { state: 'known', recording: aRecording({ keep }), problem: null },
        trans,
        true
      );
    expect(of(false)).toEqual({
      state: 'proposed',
      text: 'Recording is proposed'
    });
    expect(of(true).text).toBe('Recording');
  });

  it('should say nothing where nothing is recorded by order of the administrator', () => {
    expect(
      markOf({ state: 'off', recording: null, problem: null }, trans).state
    ).toBe('none');
  });
});

describe('sendingText', () => {
  it.each([
    [true, null, 'kept on this machine'],
    [true, 'sent', 'sent to MLflow'],
    [false, 'sent', 'not kept here; on the server'],
    [false, 'waiting', 'not sent yet'],
    [false, 'dropped', 'neither kept nor sent']
  ])('should say of keep %p and %p: %s', (keep, sending, text) => {
    expect(sendingText(anExecution({ keep, sending }), trans)).toBe(text);
  });
});

describe('sendingOf', () => {
  it.each([
    [null, 'kept'],
    ['dropped', 'kept'],
    ['kept', 'kept'],
    ['waiting', 'waiting'],
    ['sending', 'waiting'],
    ['sent', 'sent'],
    ['refused', 'refused']
  ])('should read %p as %p', (sending, state) => {
    expect(sendingOf(anExecution({ sending }))).toBe(state);
  });
});

describe('readEvent', () => {
  const emission = (schema_id: string, of: object) => ({ schema_id, ...of });

  it('should read ours, and no others', () => {
    const root = 'https://jupyter-mlflow.readthedocs.io/events';
    const of = { execution_id: 'e', kernel_id: 'k', status: 'ok' };
    expect(readEvent(emission(`${root}/execution/v1`, of))).toMatchObject({
      kind: 'execution',
      of: { ...of, cell_id: null }
    });
    expect(
      readEvent(emission(`${root}/execution/v1`, { ...of, status: 'new' }))
    ).toBeNull();
    expect(readEvent(emission(`${root}/other/v1`, of))).toBeNull();
  });
});

describe('proposalOf', () => {
  function notebook(metadata: unknown) {
    let kept = metadata;
    return {
      getMetadata: () => kept,
      setMetadata: (_: string, value: unknown) => {
        kept = value;
      }
    };
  }
  const mine = { recording: { keep: true, send: 'all' } };

  it('should be what somebody wrote, where it is not what holds', () => {
    const recording = aRecording({ keep: false, rule: 'none' });
    expect(proposalOf(mine, recording)).toEqual({ keep: true, send: 'all' });
    expect(
      proposalOf(mine, { ...recording, keep: true, send: 'all' })
    ).toBeNull();
  });

  it('should not go against what was decided for this notebook', () => {
    expect(proposalOf(mine, aRecording({ rule: 'notebook' }))).toBeNull();
  });

  it.each([null, 'x', { recording: { keep: 'yes', send: 'all' } }, {}])(
    'should take %p for none',
    metadata => {
      expect(proposalOf(metadata, aRecording({ rule: 'none' }))).toBeNull();
    }
  );

  it('should be written beside what else is ours', () => {
    const model = notebook({ other: 1 });
    propose(model, aRecording({ send: 'runs' }));
    expect(model.getMetadata()).toEqual({
      other: 1,
      recording: { keep: true, send: 'runs' }
    });
  });
});
