import { fireEvent, screen, waitFor } from '@testing-library/react';
import {
  FakeServers,
  FakeTransport,
  renderView,
  trans,
  withLayout,
  type Answer,
  type Asked
} from '../../ui/testing/harness';
import type { CellPlace } from '../../notebooks';
import { RunActions } from '../actions';
import { RunPageActions, type RunPageActionsOptions } from './actions';
import { Folds, RunPages } from './model';
import RunPage from './page';

const RUN = {
  info: {
    run_id: 'r1',
    run_name: 'calm-owl',
    experiment_id: '1',
    status: 'RUNNING',
    start_time: 1000,
    lifecycle_stage: 'active'
  },
  data: {
    params: [{ key: 'lr', value: '0.1' }],
    metrics: [
      { key: 'loss', value: 'NaN', timestamp: 1, step: 3 },
      { key: 'peak', value: 1.7976931348623157e308, timestamp: 1, step: 0 }
    ],
    tags: [{ key: 'mlflow.note.content', value: 'old words' }]
  }
};

function serve({ path }: Asked): Answer {
  switch (path) {
    case 'runs/get':
      return { json: { run: RUN } };
    case 'experiments/get':
      return { json: { experiment: { experiment_id: '1', name: 'the work' } } };
    default:
      return { json: {} };
  }
}

const REFUSED: Answer = {
  status: 503,
  code: 'TEMPORARILY_UNAVAILABLE',
  message: 'The database is gone'
};

function setUp(
  answer: (asked: Asked) => Answer = serve,
  serverId = 's1',
  cells: RunPageActionsOptions['cells'] = null
) {
  const transport = new FakeTransport(answer);
  const servers = new FakeServers(transport);
  const asServers = servers.asServers;
  const titles: string[] = [];
  const shown: string[] = [];
  const close = jest.fn();
  const pages = new RunPages(
    new Folds({ fetch: () => Promise.resolve(null), save: () => undefined })
  );
  const actions = new RunPageActions({
    runs: new RunActions({ servers: asServers, trans }),
    servers: asServers,
    views: {} as never,
    notebook: { name: null, insert: () => Promise.resolve() },
    cells,
    trans,
    openBrowserTab: () => undefined
  });
  const draw = () =>
    renderView(
      <RunPage
        run={{ serverId, runId: 'r1' }}
        host={{ setTitle: title => titles.push(title), close }}
        pages={pages}
        actions={actions}
        showExperiment={(_, id) => shown.push(id)}
        onStage={() => undefined}
      />,
      servers
    );
  return { transport, servers, titles, shown, close, draw };
}

describe('RunPage', () => {
  let restore: () => void;
  beforeEach(() => {
    restore = withLayout();
  });
  afterEach(() => restore());

  it('should show numbers that JSON has no word for', async () => {
    const { draw, titles, shown } = setUp();
    draw();
    await screen.findByRole('heading', { name: /calm-owl/ });
    expect(titles).toEqual(['calm-owl']);
    expect(screen.getByText('NaN')).toBeTruthy();
    expect(screen.getByText('∞')).toBeTruthy();
    fireEvent.click(await screen.findByRole('button', { name: 'the work' }));
    expect(shown).toEqual(['1']);
  });

  it('should keep what it has when the server goes away, and say so', async () => {
    const { draw, transport, servers } = setUp(asked =>
      asked.path === 'runs/search'
        ? {
            json: {
              runs: [
                {
                  info: { ...RUN.info, run_id: 'r2', run_name: 'trial' },
                  data: {}
                }
              ]
            }
          }
        : serve(asked)
    );
    draw();
    await screen.findByRole('button', { name: 'trial' });
    transport.answer = () => REFUSED;
    await servers.queryClient.invalidateQueries();
    await screen.findByText(/What stands here is from:/);
    expect(screen.getByRole('button', { name: 'trial' })).toBeTruthy();
    // Once is enough: not again below each heading.
    expect(screen.queryByText(/could not be read/)).toBeNull();
    expect(screen.getByRole('heading', { name: /calm-owl/ })).toBeTruthy();
    transport.answer = serve;
    await servers.queryClient.invalidateQueries();
    await waitFor(() =>
      expect(screen.queryByText(/What stands here is from:/)).toBeNull()
    );
  });

  it('should say that there is no such run', async () => {
    const { draw, close } = setUp(() => ({
      status: 404,
      code: 'RESOURCE_DOES_NOT_EXIST',
      message: 'Run with id=r1 not found'
    }));
    draw();
    await screen.findByText('There is no such run on this server');
    fireEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('should say that its server is not known, and ask nobody', () => {
    const { draw, transport } = setUp(serve, 'elsewhere');
    draw();
    screen.getByText('The tracking server of this run is not known here');
    expect(transport.asked).toEqual([]);
  });

  it('should try again after a failure', async () => {
    const { draw, transport } = setUp(() => REFUSED);
    draw();
    const again = await screen.findByRole('button', { name: 'Try again' });
    transport.answer = serve;
    fireEvent.click(again);
    await screen.findByRole('heading', { name: /calm-owl/ });
  });

  it('should keep a description that could not be saved, while the panel is moved', async () => {
    const { draw, transport } = setUp();
    const { unmount } = draw();
    fireEvent.click(
      await screen.findByRole('button', { name: 'Edit Description' })
    );
    fireEvent.change(screen.getByRole('textbox', { name: 'Description' }), {
      target: { value: 'new words' }
    });
    transport.answer = asked =>
      asked.path === 'runs/set-tag' ? REFUSED : serve(asked);
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByRole('alert');
    unmount();
    draw();
    const field = await screen.findByRole('textbox', { name: 'Description' });
    expect((field as HTMLTextAreaElement).value).toBe('new words');
  });

  describe('made by a cell', () => {
    const TAGS = [
      ['jupyter.notebook_id', 'n1'],
      ['jupyter.notebook_path', 'work/train.ipynb'],
      ['jupyter.cell_id', 'c1'],
      ['jupyter.git.commit', '0123456789abcdef'],
      ['jupyter.git.dirty', 'true'],
      ['mlflow.source.name', 'work/train.ipynb'],
      ['mlflow.source.type', 'NOTEBOOK']
    ].map(([key, value]) => ({ key, value }));
    const madeByCell = (asked: Asked): Answer =>
      asked.path === 'runs/get'
        ? { json: { run: { ...RUN, data: { tags: TAGS } } } }
        : serve(asked);
    const PLACE: CellPlace = {
      path: 'work/train.ipynb',
      notebook: 'there',
      cell: 'there',
      executionCount: 3
    };

    it('should say which, once, and lead there', async () => {
      const show = jest.fn(() => Promise.resolve(PLACE));
      const { draw } = setUp(madeByCell, 's1', {
        locate: () => Promise.resolve(PLACE),
        show
      });
      draw();
      fireEvent.click(
        await screen.findByRole('button', {
          name: 'cell [3] of work/train.ipynb'
        })
      );
      expect(show).toHaveBeenCalledWith({
        notebookId: 'n1',
        path: 'work/train.ipynb',
        cellId: 'c1'
      });
      expect(screen.queryByText('Notebook')).toBeNull();
      screen.getByText('0123456789');
      screen.getByText('with uncommitted changes');
    });

    it('should say that the notebook is not there any more', async () => {
      const { draw } = setUp(madeByCell, 's1', {
        locate: () =>
          Promise.resolve({ ...PLACE, notebook: 'gone', cell: 'gone' }),
        show: () => Promise.resolve(null)
      });
      draw();
      await screen.findByText('The notebook is not there any more.');
      expect(
        screen.queryByRole('button', { name: /work\/train\.ipynb$/ })
      ).toBeNull();
    });

    it('should say that the cell is gone when that is found out on the way', async () => {
      let place = PLACE;
      const { draw } = setUp(madeByCell, 's1', {
        locate: () => Promise.resolve(place),
        show: () => Promise.resolve((place = { ...PLACE, cell: 'gone' }))
      });
      draw();
      fireEvent.click(
        await screen.findByRole('button', { name: /cell \[3\]/ })
      );
      await screen.findByText('The cell is not in it any more.');
      screen.getByRole('button', { name: 'work/train.ipynb' });
    });

    it('should say why the notebook could not be looked for', async () => {
      const { draw } = setUp(madeByCell, 's1', {
        locate: () => Promise.resolve(PLACE),
        show: () => Promise.reject(new Error('Jupyter is gone'))
      });
      draw();
      fireEvent.click(
        await screen.findByRole('button', { name: /cell \[3\]/ })
      );
      await screen.findByText('Jupyter is gone');
    });
  });
});
