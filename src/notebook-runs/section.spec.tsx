import { act, screen } from '@testing-library/react';
import { ActiveNotebook } from '../notebooks';
import { FakePanel, FakeTracker } from '../notebooks/testing/fake-notebooks';
import type { RunMemory } from '../runs';
import {
  FakeServers,
  FakeTransport,
  renderView,
  withLayout,
  type Answer,
  type Asked
} from '../ui/testing/harness';
import { NotebookRunsModel } from './model';
import NotebookRunsSection from './section';

interface FakeRun {
  name: string;
  experiment: string;
  tags: Record<string, string>;
}

const ID = 'jupyter.notebook_id';
const PATH = 'jupyter.notebook_path';

/** A server with three experiments that searches runs by one tag, in the experiments that it is given. */
function serve(runs: FakeRun[]) {
  return ({ path, body }: Asked): Answer => {
    if (path === 'experiments/search') {
      const experiments = ['3', '2', '1'].map(id => ({
        experiment_id: id,
        name: id,
        lifecycle_stage: 'active'
      }));
      return { json: { experiments } };
    }
    if (path === 'runs/search') {
      const [, key, value] =
        /^tags\.`?([\w.]+)`? = ["'](.*)["']$/.exec(String(body.filter)) ?? [];
      const asked = body.experiment_ids as unknown as string[];
      const found = runs.filter(
        run =>
          asked.includes(run.experiment) &&
          (key === undefined || run.tags[key] === value)
      );
      return {
        json: {
          runs: found.map(run => ({
            info: {
              run_id: run.name,
              run_name: run.name,
              experiment_id: run.experiment,
              status: 'FINISHED',
              start_time: 1000,
              end_time: 2000,
              lifecycle_stage: 'active'
            },
            data: {
              tags: Object.entries(run.tags).map(([k, v]) => ({
                key: k,
                value: v
              }))
            }
          }))
        }
      };
    }
    return { json: {} };
  };
}

function setUp(
  runs: FakeRun[],
  given: { ids?: Record<string, string>; memory?: Partial<RunMemory> } = {}
) {
  const { ids = {}, memory = {} } = given;
  const transport = new FakeTransport(serve(runs));
  const servers = new FakeServers(transport);
  const tracker = new FakeTracker();
  const active = new ActiveNotebook(tracker.asTracker);
  const services = {
    views: {} as never,
    target: {} as never,
    actions: {} as never,
    model: new NotebookRunsModel({
      fetch: () => Promise.resolve(undefined),
      save: () => undefined,
      ...memory
    }),
    active,
    records: {
      byPath: (path: string) =>
        Promise.resolve(path in ids ? { id: ids[path], path } : null)
    },
    experimentOf: () => null
  };
  const draw = () =>
    renderView(<NotebookRunsSection services={services} />, servers);
  return { transport, active, tracker, servers, draw };
}

describe('NotebookRunsSection', () => {
  let restore: () => void;
  beforeEach(() => {
    restore = withLayout();
  });
  afterEach(() => restore());

  it('should say what would appear, and ask nobody, without a notebook', () => {
    const { draw, transport } = setUp([]);
    draw();
    screen.getByText('No notebook is open');
    expect(transport.asked).toEqual([]);
  });

  it('should show the runs of the notebook by its id, in whichever experiments', async () => {
    const { draw, tracker } = setUp(
      [
        { name: 'owl', experiment: '1', tags: { [ID]: 'n1' } },
        { name: 'fox', experiment: '3', tags: { [ID]: 'n1' } },
        {
          name: 'other',
          experiment: '3',
          tags: { [ID]: 'n2', [PATH]: 'work/a.ipynb' }
        }
      ],
      { ids: { 'work/a.ipynb': 'n1' } }
    );
    tracker.use(new FakePanel('work/a.ipynb'));
    draw();
    await screen.findByRole('treeitem', { name: /owl/ });
    screen.getByRole('tree', { name: 'Made by a.ipynb' });
    screen.getByRole('treeitem', { name: /fox/ });
    expect(screen.queryByRole('treeitem', { name: /other/ })).toBeNull();
    screen.getByText('2 runs');
  });

  it('should go by the path where Jupyter knows no id', async () => {
    const { draw, tracker } = setUp([
      { name: 'owl', experiment: '2', tags: { [PATH]: "it's.ipynb" } }
    ]);
    tracker.use(new FakePanel("it's.ipynb"));
    draw();
    await screen.findByRole('treeitem', { name: /owl/ });
  });

  it('should say that it cannot search for a path with both kinds of quotes', async () => {
    const { draw, tracker, transport } = setUp([]);
    tracker.use(new FakePanel(`it's "x".ipynb`));
    draw();
    await screen.findByText('The runs of this notebook cannot be found');
    expect(transport.asked).toEqual([]);
  });

  it('should follow the active notebook, and be empty with words that help', async () => {
    const { draw, tracker } = setUp(
      [{ name: 'owl', experiment: '1', tags: { [ID]: 'n1' } }],
      { ids: { 'a.ipynb': 'n1', 'b.ipynb': 'n2' } }
    );
    tracker.use(new FakePanel('b.ipynb'));
    draw();
    await screen.findByText('This notebook has made no runs');
    screen.getByText(/cells start appear here/);
    act(() => tracker.use(new FakePanel('a.ipynb')));
    await screen.findByRole('treeitem', { name: /owl/ });
  });

  it('should keep its runs when the notebook is renamed', async () => {
    const panel = new FakePanel('a.ipynb');
    const { draw, tracker } = setUp(
      [{ name: 'owl', experiment: '1', tags: { [ID]: 'n1' } }],
      { ids: { 'a.ipynb': 'n1', 'c.ipynb': 'n1' } }
    );
    tracker.use(panel);
    draw();
    await screen.findByRole('treeitem', { name: /owl/ });
    act(() => panel.rename('c.ipynb'));
    await screen.findByRole('tree', { name: 'Made by c.ipynb' });
    screen.getByRole('treeitem', { name: /owl/ });
  });

  it('should look first where the runs were last time, and remember where they are', async () => {
    const saved: unknown[] = [];
    const { draw, tracker, transport } = setUp(
      [
        { name: 'owl', experiment: '2', tags: { [ID]: 'n1' } },
        { name: 'fox', experiment: '3', tags: { [ID]: 'n1' } }
      ],
      {
        ids: { 'a.ipynb': 'n1' },
        memory: {
          fetch: () => Promise.resolve({ experiments: ['2', 7] }),
          save: (...what) => saved.push(what)
        }
      }
    );
    tracker.use(new FakePanel('a.ipynb'));
    draw();
    await screen.findByRole('treeitem', { name: /fox/ });
    expect(transport.asked[0].body.experiment_ids).toEqual(['2']);
    expect(saved).toEqual([
      ['notebook-runs', 's1', 'n1', { metrics: null, experiments: ['2', '3'] }]
    ]);
  });

  it('should ask at once when the kernel begins or ends something, wherever the server is', async () => {
    const runs: FakeRun[] = [];
    const { draw, tracker, servers } = setUp(runs);
    servers.interval = 3_600_000;
    const panel = new FakePanel('a.ipynb');
    tracker.use(panel);
    draw();
    await screen.findByText('This notebook has made no runs');
    runs.push({ name: 'owl', experiment: '2', tags: { [PATH]: 'a.ipynb' } });
    act(() => panel.setStatus('busy'));
    await screen.findByRole('treeitem', { name: /owl/ });
  });

  it('should say that the server does not answer, and try again', async () => {
    const { draw, tracker, transport } = setUp([
      { name: 'owl', experiment: '1', tags: { [PATH]: 'a.ipynb' } }
    ]);
    const answer = transport.answer;
    transport.answer = () => ({
      status: 503,
      code: 'TEMPORARILY_UNAVAILABLE',
      message: 'The database is gone'
    });
    tracker.use(new FakePanel('a.ipynb'));
    draw();
    const again = await screen.findByRole('button', { name: 'Try again' });
    transport.answer = answer;
    act(() => again.click());
    await screen.findByRole('treeitem', { name: /owl/ });
  });
});
