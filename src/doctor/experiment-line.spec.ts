import { NotebookModel } from '@jupyterlab/notebook';
import { NBTestUtils } from '@jupyterlab/notebook/lib/testutils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';
import { fireEvent, waitFor, within } from '@testing-library/react';
import { choosesExperiment, startsRuns } from '../notebooks';
import { ExperimentLine } from './experiment-line';
import { ExperimentOffer } from './experiment-offer';
import { someServices } from './testing/services';

function setUp() {
  const given = someServices();
  const notebook = NBTestUtils.createNotebook();
  const model = new NotebookModel();
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  model.sharedModel.insertCells(0, [
    { cell_type: 'markdown', source: 'Then mlflow.start_run() is called.' },
    { cell_type: 'code', source: 'import mlflow' },
    { cell_type: 'code', source: 'with mlflow.start_run(): pass' },
    { cell_type: 'code', source: 'mlflow.log_param("a", 1)' }
  ]);
  notebook.model = model;
  Widget.attach(notebook, document.body);
  given.wishes.take({ experimentForNotebook: 'ask' });
  const says = (test: (code: string) => boolean) =>
    model.sharedModel.cells.some(
      each => each.cell_type === 'code' && test(each.getSource())
    );
  const offer = new ExperimentOffer({
    ...given,
    landsInDefault: () => says(startsRuns) && !says(choosesExperiment)
  });
  const line = new ExperimentLine(
    {
      translator: nullTranslator,
      commands: new CommandRegistry(),
      rendermime: null
    },
    offer,
    notebook
  );
  const lines = (): number[] =>
    notebook.widgets.flatMap((cell, at) =>
      cell.node.querySelector('[data-mlflow-experiment-offer]') ? [at] : []
    );
  const button = (name: string) =>
    within(notebook.node).getByRole('button', { name });
  const dispose = (): void => {
    line.dispose();
    offer.dispose();
    notebook.dispose();
    model.dispose();
  };
  return {
    ...given,
    notebook,
    model,
    offer,
    line,
    lines,
    button,
    dispose
  };
}

let current: ReturnType<typeof setUp>;

beforeEach(async () => {
  current = setUp();
  await waitFor(() => {
    expect(current.lines()).toEqual([2]);
  });
  await waitFor(() => {
    expect(current.notebook.node.textContent).toContain(
      'Runs of this notebook will go to the experiment “Default”.'
    );
  });
});

afterEach(() => {
  current.dispose();
  jest.restoreAllMocks();
});

describe('ExperimentLine', () => {
  it('should stand below the first cell that starts runs, and do what is said', async () => {
    fireEvent.click(current.button('Use “train”'));
    await waitFor(() => {
      expect(current.lines()).toEqual([]);
    });
    expect(current.told).toEqual([
      { id: 'kernel-1', options: { experiment: 'train' } }
    ]);
    expect(current.remembered).toEqual([['notebooks/train.ipynb', 'train']]);
  });

  it('should go when “Default” is kept', async () => {
    fireEvent.click(current.button('Keep “Default”'));
    await waitFor(() => {
      expect(current.lines()).toEqual([]);
    });
    expect(current.told).toEqual([]);
  });

  it('should say what cannot be helped any more', async () => {
    current.offer.runsWereMade();
    await waitFor(() => {
      expect(current.notebook.node.textContent).toContain(
        'MLflow cannot move them; those to come can go to “train”.'
      );
    });
  });

  it('should follow what is typed', async () => {
    const { cells } = current.model.sharedModel;
    cells[2].setSource('x = 1');
    await waitFor(() => {
      expect(current.lines()).toEqual([3]);
    });
    cells[1].setSource('import mlflow; mlflow.set_experiment("mine")');
    await waitFor(() => {
      expect(current.lines()).toEqual([]);
    });
  });

  it('should leave nothing behind', () => {
    current.line.dispose();
    expect(current.lines()).toEqual([]);
  });
});
