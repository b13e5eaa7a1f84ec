import type { IOutput } from '@jupyterlab/nbformat';
import type { CodeCell } from '@jupyterlab/cells';
import { NotebookModel } from '@jupyterlab/notebook';
import { NBTestUtils } from '@jupyterlab/notebook/lib/testutils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';
import { someReport } from '../kernel/testing/reports';
import { CellLines } from './cell-lines';
import { ABSENT } from './findings/testing/inputs';
import { someServices } from './testing/services';

const SITE = '/home/ada/envs/work/lib/python3.11/site-packages';

function error(evalue: string, ...traceback: string[]): IOutput {
  return {
    output_type: 'error',
    ename: 'ModuleNotFoundError',
    evalue,
    traceback
  };
}

const NO_MLFLOW = error("No module named 'mlflow'");
const BROKEN = error(
  "No module named 'yaml'",
  `File ${SITE}/mlflow/__init__.py:41\n     39 import`
);
const CHECK = {
  ok: false,
  seconds: 1,
  error: {
    type: 'ModuleNotFoundError',
    message: "No module named 'yaml'",
    module: 'yaml'
  }
};

function setUp(report: Parameters<typeof someReport>[0] = {}) {
  const given = someServices(report);
  const notebook = NBTestUtils.createNotebook();
  const model = new NotebookModel();
  // Cells are told to be of no document yet while JupyterLab makes them.
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  model.sharedModel.insertCells(0, [
    { cell_type: 'code', source: 'import mlflow' },
    { cell_type: 'code', source: 'import yaml' },
    { cell_type: 'markdown', source: 'Words.' }
  ]);
  notebook.model = model;
  Widget.attach(notebook, document.body);
  const lines = new CellLines(
    {
      translator: nullTranslator,
      commands: new CommandRegistry(),
      rendermime: null
    },
    given.services,
    notebook
  );
  const run = (at: number, ...outputs: IOutput[]): boolean => {
    const cell = notebook.widgets[at] as CodeCell;
    cell.model.outputs.fromJSON(outputs);
    return lines.take(cell);
  };
  /** The finding below each cell. */
  const shown = () =>
    notebook.widgets.map(
      cell =>
        cell.node.querySelector<HTMLElement>('[data-mlflow-finding]')?.dataset
          .mlflowFinding ?? null
    );
  const dispose = (): void => {
    lines.dispose();
    notebook.dispose();
    model.dispose();
  };
  return { ...given, notebook, model, lines, run, shown, dispose };
}

let current: ReturnType<typeof setUp> | null = null;

function aNotebook(report: Parameters<typeof someReport>[0] = {}) {
  current = setUp(report);
  return current;
}

afterEach(() => {
  jest.restoreAllMocks();
  current?.dispose();
  current = null;
});

describe('CellLines', () => {
  it('should stand below the cell that failed, between its output and its footer, and never in the file', () => {
    const { run, shown, notebook, model } = aNotebook({
      facts: { mlflow: ABSENT }
    });
    expect(run(0, NO_MLFLOW)).toBe(true);
    expect(shown()).toEqual(['package-missing', null, null]);
    const cell = notebook.widgets[0].node;
    const line = cell.querySelector('[data-mlflow-finding]');
    const output = cell.querySelector('.jp-Cell-outputWrapper');
    expect(output?.compareDocumentPosition(line as Node) ?? 0).toBe(
      Node.DOCUMENT_POSITION_FOLLOWING
    );
    expect(line?.nextElementSibling?.classList).toContain('jp-CellFooter');
    expect(JSON.stringify(model.toJSON())).not.toContain('package-missing');
  });

  it('should stand below no cell that this page has not seen run', () => {
    const { notebook, shown, watch } = aNotebook({ facts: { mlflow: ABSENT } });
    (notebook.widgets[0] as CodeCell).model.outputs.fromJSON([NO_MLFLOW]);
    watch.set({ report: someReport({ facts: { mlflow: ABSENT, pid: 7 } }) });
    expect(shown()).toEqual([null, null, null]);
  });

  it('should go when the kernel has what was missing', () => {
    const { run, shown, watch } = aNotebook({ facts: { mlflow: ABSENT } });
    run(0, NO_MLFLOW);
    watch.set({ report: someReport() });
    expect(shown()).toEqual([null, null, null]);
  });

  it('should not come back when the kernel cannot be asked after it had been mended', () => {
    const { run, shown, watch } = aNotebook({ facts: { mlflow: ABSENT } });
    run(0, NO_MLFLOW);
    watch.set({ report: someReport() });
    expect(shown()).toEqual([null, null, null]);
    for (const reason of ['dead', 'restarting', 'busy'] as const) {
      watch.set({ state: 'unknown', reason });
      expect(shown()).toEqual([null, null, null]);
    }
    watch.set({ state: 'asking', reason: null });
    expect(shown()).toEqual([null, null, null]);
    watch.set({
      state: 'known',
      report: someReport({ facts: { mlflow: ABSENT } })
    });
    expect(shown()).toEqual(['package-missing', null, null]);
    watch.set({ state: 'unknown', reason: 'busy' });
    expect(shown()).toEqual(['package-missing', null, null]);
  });

  it('should go when the output goes, and when the cell is run again without the error', () => {
    const { run, shown, notebook } = aNotebook({ facts: { mlflow: ABSENT } });
    run(0, NO_MLFLOW);
    run(1, NO_MLFLOW);
    (notebook.widgets[0] as CodeCell).model.outputs.clear();
    expect(shown()).toEqual([null, 'package-missing', null]);
    expect(
      run(1, { output_type: 'stream', name: 'stdout', text: 'fine' })
    ).toBe(false);
    expect(shown()).toEqual([null, null, null]);
  });

  it('should go when another environment is the kernel’s, and stay gone', () => {
    const { run, shown, watch } = aNotebook({ facts: { mlflow: ABSENT } });
    run(0, NO_MLFLOW);
    const other = { mlflow: ABSENT, prefix: '/home/ada/envs/other' };
    watch.set({ report: someReport({ facts: other }) });
    expect(shown()).toEqual([null, null, null]);
    watch.set({ report: someReport({ facts: { mlflow: ABSENT } }) });
    expect(shown()).toEqual([null, null, null]);
  });

  it('should be quiet with a kernel of another language', () => {
    const { run, shown, watch } = aNotebook();
    watch.set({ state: 'foreign' });
    run(0, NO_MLFLOW);
    expect(shown()).toEqual([null, null, null]);
  });

  it('should follow a cell that is moved', async () => {
    const { run, shown, model } = aNotebook({ facts: { mlflow: ABSENT } });
    run(0, NO_MLFLOW);
    model.sharedModel.moveCell(0, 2);
    await Promise.resolve();
    expect(shown()).toEqual([null, null, 'package-missing']);
  });

  it('should tell why imports of MLflow failed, until MLflow can be imported again', () => {
    const { run, shown, lines, watch } = aNotebook();
    run(0, BROKEN);
    run(1, NO_MLFLOW);
    expect(shown()).toEqual(['dependency-broken', null, null]);
    expect(lines.failedImports).toEqual([
      "ModuleNotFoundError: No module named 'yaml'"
    ]);
    watch.set({ report: someReport({ import_check: CHECK }) });
    expect(shown()[0]).toBe('dependency-broken');
    // After an installation nothing is known, and then that it works.
    watch.set({ report: someReport() });
    expect(shown()[0]).toBe('dependency-broken');
    watch.set({
      report: someReport({ import_check: { ...CHECK, ok: true, error: null } })
    });
    expect(shown()).toEqual([null, null, null]);
    expect(lines.failedImports).toEqual([]);
  });

  it('should propose a restart where only this process cannot import it', () => {
    const { run, shown, watch } = aNotebook();
    run(0, BROKEN);
    watch.set({
      report: someReport({ import_check: { ...CHECK, ok: true, error: null } })
    });
    expect(shown()[0]).toBe('changed-after-import');
  });

  it('should leave nothing behind', () => {
    const { run, shown, lines, watch } = aNotebook({
      facts: { mlflow: ABSENT }
    });
    run(0, NO_MLFLOW);
    lines.dispose();
    expect(shown()).toEqual([null, null, null]);
    watch.set({ report: someReport({ facts: { mlflow: ABSENT, pid: 9 } }) });
    expect(shown()).toEqual([null, null, null]);
    expect(run(1, NO_MLFLOW)).toBe(false);
  });
});
