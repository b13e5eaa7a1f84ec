import type { CodeCell } from '@jupyterlab/cells';
import { NotebookModel, type NotebookPanel } from '@jupyterlab/notebook';
import { NBTestUtils } from '@jupyterlab/notebook/lib/testutils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { someReport } from '../kernel/testing/reports';
import { NotebookDoctor } from './notebook';
import { someServices } from './testing/services';

const SITE = '/home/ada/envs/work/lib/python3.11/site-packages';
const BROKEN = {
  output_type: 'error',
  ename: 'ModuleNotFoundError',
  evalue: "No module named 'yaml'",
  traceback: [`File ${SITE}/mlflow/__init__.py:41\n     39 import`]
};
const CHECK = {
  ok: false,
  seconds: 1,
  error: { type: 'ImportError', message: 'no', module: 'yaml' }
};

function setUp() {
  const given = someServices();
  const content = NBTestUtils.createNotebook();
  const model = new NotebookModel();
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  model.sharedModel.insertCells(0, [{ cell_type: 'code', source: '1' }]);
  content.model = model;
  const kernel = { status: 'idle' };
  const panel = { content, sessionContext: { session: { kernel } } };
  const doctor = new NotebookDoctor(
    {
      translator: nullTranslator,
      commands: new CommandRegistry(),
      rendermime: null
    },
    given.services,
    panel as unknown as NotebookPanel,
    { wishes: given.wishes, memory: given.memory }
  );
  const run = async (source: string, ...outputs: (typeof BROKEN)[]) => {
    const cell = content.widgets[0] as CodeCell;
    cell.model.sharedModel.setSource(source);
    cell.model.outputs.fromJSON(outputs);
    doctor.onExecuted(cell, outputs.length === 0);
    await jest.advanceTimersByTimeAsync(1000);
  };
  const dispose = (): void => {
    doctor.dispose();
    content.dispose();
    model.dispose();
  };
  return { ...given, kernel, doctor, run, dispose };
}

let current: ReturnType<typeof setUp>;

beforeEach(() => {
  jest.useFakeTimers();
  current = setUp();
});

afterEach(() => {
  current.dispose();
  jest.restoreAllMocks();
  jest.useRealTimers();
});

describe('NotebookDoctor', () => {
  it('should ask the kernel after cells that have to do with MLflow, and after no other', async () => {
    const { run, watch } = current;
    await run('x = 1\nprint("pip is a program")');
    expect(watch.probes).toBe(0);
    await run('import mlflow');
    expect(watch.probes).toBe(1);
    await run('%pip install pandas');
    expect(watch.probes).toBe(2);
    await run('!uv pip install pandas');
    expect(watch.probes).toBe(3);
  });

  it('should ask once after several cells, and no kernel that has something to do', async () => {
    const { run, watch, kernel } = current;
    const both = run('import mlflow');
    void run('mlflow.start_run()');
    await both;
    await jest.advanceTimersByTimeAsync(1000);
    expect(watch.probes).toBe(1);
    kernel.status = 'busy';
    await run('import mlflow');
    expect(watch.probes).toBe(1);
  });

  it('should try an import that failed in another process: once, and again after an installation', async () => {
    const { run, tried, watch } = current;
    await run('import mlflow', BROKEN);
    expect(tried).toEqual(['kernel-1']);
    await run('import mlflow', BROKEN);
    expect(tried).toHaveLength(1);
    watch.afterProbe = { report: someReport({ import_check: CHECK }) };
    await run('%pip install pyyaml');
    expect(tried).toHaveLength(2);
    watch.afterProbe = { report: someReport() };
    await run('%pip install pandas');
    expect(tried).toHaveLength(2);
  });

  it('should try an installation’s worth when the kernel is free again', async () => {
    const { run, tried, watch, kernel } = current;
    watch.set({ report: someReport({ import_check: CHECK }) });
    kernel.status = 'busy';
    await run('%pip install pyyaml');
    expect(tried).toEqual([]);
    kernel.status = 'idle';
    await run('x = 1');
    expect(tried).toHaveLength(1);
  });

  it('should ask nothing once disposed', async () => {
    const { run, watch, doctor } = current;
    const running = run('import mlflow');
    doctor.dispose();
    await running;
    expect(watch.probes).toBe(0);
  });
});
