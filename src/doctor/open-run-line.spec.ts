import { NotebookModel } from '@jupyterlab/notebook';
import { NBTestUtils } from '@jupyterlab/notebook/lib/testutils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';
import { someReport } from '../kernel/testing/reports';
import { OpenRunLine } from './open-run-line';
import { someServices } from './testing/services';

function withRun(cell_id: string | null) {
  return someReport({
    facts: { active_run: { id: 'r1', name: 'calm-owl', cell_id } }
  });
}

function setUp() {
  const given = someServices();
  const notebook = NBTestUtils.createNotebook();
  const model = new NotebookModel();
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  model.sharedModel.insertCells(0, [
    { cell_type: 'code', source: 'mlflow.start_run()' },
    { cell_type: 'code', source: 'x = 1' }
  ]);
  notebook.model = model;
  Widget.attach(notebook, document.body);
  const line = new OpenRunLine(
    {
      translator: nullTranslator,
      commands: new CommandRegistry(),
      rendermime: null
    },
    given.services,
    notebook
  );
  const shown = () =>
    notebook.widgets.map(
      cell =>
        cell.node.querySelector<HTMLElement>('[data-mlflow-finding]')?.dataset
          .mlflowFinding ?? null
    );
  const ids = notebook.widgets.map(cell => cell.model.id);
  const tell = (report: ReturnType<typeof someReport>): void => {
    given.watch.set({ report });
  };
  const dispose = (): void => {
    line.dispose();
    notebook.dispose();
    model.dispose();
  };
  return { ...given, notebook, model, line, shown, ids, tell, dispose };
}

let current: ReturnType<typeof setUp>;

beforeEach(() => {
  current = setUp();
});

afterEach(() => {
  jest.restoreAllMocks();
  current.dispose();
});

describe('OpenRunLine', () => {
  it('should stand below the cell that left the run open, until the kernel has none', () => {
    const { shown, ids, tell } = current;
    expect(shown()).toEqual([null, null]);
    tell(withRun(ids[1]));
    expect(shown()).toEqual([null, 'run-open']);
    tell(withRun(ids[0]));
    expect(shown()).toEqual(['run-open', null]);
    tell(someReport());
    expect(shown()).toEqual([null, null]);
  });

  it('should stand nowhere where the cell is not known, or not in this notebook', () => {
    const { shown, tell } = current;
    tell(withRun(null));
    expect(shown()).toEqual([null, null]);
    tell(withRun('another'));
    expect(shown()).toEqual([null, null]);
  });

  it('should go along with a cell that moves', async () => {
    const { shown, ids, tell, model } = current;
    tell(withRun(ids[0]));
    model.sharedModel.moveCell(0, 1);
    await Promise.resolve();
    await Promise.resolve();
    expect(shown()).toEqual([null, 'run-open']);
  });

  it('should leave nothing behind', () => {
    const { shown, ids, tell, line } = current;
    tell(withRun(ids[0]));
    line.dispose();
    expect(shown()).toEqual([null, null]);
  });
});
