import type { Kernel } from '@jupyterlab/services';
import { Ticks } from './ticks';

class FakeComm {
  readonly sent: unknown[] = [];
  isDisposed = false;
  onMsg: (message: unknown) => void = () => undefined;
  onClose: () => void = () => undefined;

  open(data: unknown): void {
    this.sent.push(data);
  }
  send(data: unknown): void {
    this.sent.push(data);
  }
  close(): void {
    this.isDisposed = true;
  }
  answer(data: unknown): void {
    this.onMsg({ content: { data } });
  }
}

class FakeKernel {
  readonly comms: FakeComm[] = [];
  readonly handleComms = true;
  isDisposed = false;

  createComm(): FakeComm {
    const comm = new FakeComm();
    this.comms.push(comm);
    return comm;
  }
}

function setUp() {
  const state = { kernel: new FakeKernel() as FakeKernel | null };
  const selected: Array<ReadonlyArray<string>> = [];
  const ticks = new Ticks(
    'word',
    {
      node: document.createElement('div'),
      setSelected: ids => selected.push(ids)
    },
    () => Promise.resolve(state.kernel as Kernel.IKernelConnection | null)
  );
  const done = (): Promise<void> => new Promise(resolve => setTimeout(resolve));
  return { state, selected, ticks, done };
}

describe('Ticks', () => {
  it('should take from the kernel what was ticked, and tell it what is', async () => {
    const { state, selected, ticks, done } = setUp();
    ticks.onAttached();
    await done();
    const [comm] = state.kernel?.comms ?? [];
    expect(comm.sent).toEqual([{ output: 'word' }]);
    comm.answer({ selected: ['a', 7] });
    comm.answer('nonsense');
    expect(selected).toEqual([['a'], []]);
    ticks.onSelected(['b']);
    expect(comm.sent).toEqual([{ output: 'word' }, { selected: ['b'] }]);
    // An answer of before.
    comm.answer({ selected: [] });
    expect(selected).toHaveLength(2);
    ticks.dispose();
    expect(comm.isDisposed).toBe(true);
    expect(ticks.isDisposed).toBe(true);
  });

  it('should leave a kernel alone that does not know the table', async () => {
    const { state, ticks, done } = setUp();
    ticks.onAttached();
    await done();
    state.kernel?.comms[0].onClose();
    ticks.onSelected(['a']);
    await done();
    expect(state.kernel?.comms).toHaveLength(1);
    const other = (state.kernel = new FakeKernel());
    ticks.onSelected(['b']);
    await done();
    expect(other.comms[0].sent).toEqual([{ output: 'word', selected: ['b'] }]);
  });

  it('should do nothing without a kernel, or after its end', async () => {
    const { state, ticks, done } = setUp();
    const { kernel } = state;
    state.kernel = null;
    ticks.onAttached();
    ticks.onSelected(['a']);
    await done();
    state.kernel = kernel;
    ticks.onSelected(['a']);
    ticks.dispose();
    await done();
    expect(kernel?.comms).toEqual([]);
  });
});
