import type { Event } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import {
  KernelEnvironments,
  type KernelEnvironmentsOptions,
  REPORT_EVENT
} from './environments';
import { FakeKernelSource, FakeSessionContext } from './testing/fake-kernels';
import { SETTLE_MS } from './watch';

/** A notebook or console. */
class FakeWidget {
  constructor(path: string, kernelId: string) {
    this.sessionContext = new FakeSessionContext(path, kernelId);
  }
  readonly sessionContext: FakeSessionContext;
  isDisposed = false;
}

class FakeWidgets {
  readonly widgets: FakeWidget[] = [];
  currentWidget: FakeWidget | null = null;
  readonly currentChanged = new Signal<object, unknown>(this);

  open(path: string, kernelId: string): FakeWidget {
    const widget = new FakeWidget(path, kernelId);
    this.widgets.push(widget);
    return widget;
  }

  close(widget: FakeWidget): void {
    widget.isDisposed = true;
    this.widgets.splice(this.widgets.indexOf(widget), 1);
    this.currentWidget = this.widgets.at(-1) ?? null;
    widget.sessionContext.dispose();
    this.currentChanged.emit(this.currentWidget);
  }

  find(test: (widget: FakeWidget) => boolean): FakeWidget | undefined {
    return this.widgets.find(test);
  }
}

class FakeShell {
  currentWidget: unknown = null;
  readonly currentChanged = new Signal<object, unknown>(this);

  focus(widget: unknown): void {
    this.currentWidget = widget;
    this.currentChanged.emit(widget);
  }
}

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

function setUp(change: Partial<KernelEnvironmentsOptions> = {}) {
  const notebooks = new FakeWidgets();
  const consoles = new FakeWidgets();
  const shell = new FakeShell();
  const source = new FakeKernelSource();
  const events = new Signal<object, Event.Emission>({});
  const kernels = new KernelEnvironments({
    shell: shell as unknown as KernelEnvironmentsOptions['shell'],
    trackers: [
      notebooks,
      consoles
    ] as unknown as KernelEnvironmentsOptions['trackers'],
    events: events as unknown as KernelEnvironmentsOptions['events'],
    source: () => Promise.resolve(source),
    localPath: path => path,
    ...change
  });
  const seen: Array<string | null> = [];
  kernels.currentChanged.connect((_, watch) =>
    seen.push(watch?.environment.path ?? null)
  );
  return { notebooks, consoles, shell, source, events, kernels, seen };
}

const contexts: FakeSessionContext[] = [];

function fakeContext(): FakeSessionContext {
  const context = new FakeSessionContext();
  contexts.push(context);
  return context;
}

afterEach(() => {
  contexts.splice(0).forEach(context => context.dispose());
});

describe('KernelEnvironments', () => {
  it('should follow the notebook or console that is used', () => {
    const { notebooks, consoles, shell, kernels, seen } = setUp();
    expect(kernels.current).toBeNull();
    const notebook = notebooks.open('a.ipynb', 'kernel-1');
    const other = consoles.open('console-1', 'kernel-2');
    shell.focus(notebook);
    shell.focus(other);
    // A text file beside them.
    shell.focus({});
    shell.focus(notebook);
    expect(seen).toEqual(['a.ipynb', 'console-1', 'a.ipynb']);
    expect(kernels.current?.environment.kernelId).toBe('kernel-1');
  });

  it('should know the notebook that a tracker has, where the shell tells of none', () => {
    const { notebooks, kernels } = setUp();
    notebooks.currentWidget = notebooks.open('a.ipynb', 'kernel-1');
    notebooks.currentChanged.emit(null);
    expect(kernels.current?.environment.path).toBe('a.ipynb');
  });

  it('should go on to another one when the current one is closed', () => {
    const { notebooks, consoles, shell, kernels, seen } = setUp();
    const notebook = notebooks.open('a.ipynb', 'kernel-1');
    const other = consoles.open('console-1', 'kernel-2');
    consoles.currentWidget = other;
    shell.focus(notebook);
    shell.focus({});
    notebooks.close(notebook);
    expect(kernels.current?.environment.path).toBe('console-1');
    consoles.close(other);
    expect(kernels.current).toBeNull();
    expect(seen).toEqual(['a.ipynb', 'console-1', null]);
  });

  it('should give the same watch for the same context, until that is gone', () => {
    const { kernels } = setUp();
    const context = new FakeSessionContext();
    const watch = kernels.of(context.asContext);
    expect(kernels.of(context.asContext)).toBe(watch);
    context.dispose();
    expect(watch.isDisposed).toBe(true);
    expect(kernels.of(context.asContext)).not.toBe(watch);
  });

  it('should hear what the server says of a kernel, and nothing else', async () => {
    const { kernels, events, source } = setUp();
    kernels.of(fakeContext().asContext);
    await jest.advanceTimersByTimeAsync(2 * SETTLE_MS);
    for (const event of [
      { schema_id: REPORT_EVENT, kernel_id: 'kernel-1', state: 'known' },
      { schema_id: REPORT_EVENT, kernel_id: 7, state: 'known' },
      {
        schema_id: 'https://example.org/other/v1',
        kernel_id: 'kernel-1',
        state: 'known'
      }
    ]) {
      events.emit(event);
      await jest.advanceTimersByTimeAsync(2 * SETTLE_MS);
    }
    expect(source.asked).toEqual(['report kernel-1', 'report kernel-1']);
  });

  it('should work without events, and in a shell that tells no changes', async () => {
    const { kernels, source } = setUp({
      events: null,
      shell: { currentWidget: null }
    });
    const watch = kernels.of(fakeContext().asContext);
    await jest.advanceTimersByTimeAsync(2 * SETTLE_MS);
    expect(watch.environment.state).toBe('known');
    kernels.dispose();
    expect(watch.isDisposed).toBe(true);
    expect(source.asked).toHaveLength(1);
  });

  it('should leave nothing behind after many notebooks', async () => {
    const { notebooks, shell, kernels, source } = setUp();
    for (let i = 0; i < 20; i++) {
      const notebook = notebooks.open(`${i}.ipynb`, `kernel-${i}`);
      shell.focus(notebook);
      notebooks.close(notebook);
    }
    expect(kernels.current).toBeNull();
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(source.asked).toEqual([]);
  });
});
