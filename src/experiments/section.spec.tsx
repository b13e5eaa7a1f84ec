import {
  act,
  fireEvent,
  screen,
  waitFor,
  within
} from '@testing-library/react';
import {
  FakeServers,
  FakeTransport,
  renderView,
  trans,
  withLayout,
  type Answer,
  type Asked
} from '../ui/testing/harness';
import { ExperimentActions } from './actions';
import { ExperimentsModel } from './model';
import ExperimentsSection from './section';
import { SelectedExperiment } from './selection';

interface Known {
  id: string;
  name: string;
  stage?: 'active' | 'deleted';
  tags?: Record<string, string>;
}

function wire({ id, name, stage = 'active', tags = {} }: Known) {
  return {
    experiment_id: id,
    name,
    lifecycle_stage: stage,
    creation_time: 1000 + Number(id),
    last_update_time: 2000 + Number(id),
    tags: Object.entries(tags).map(([key, value]) => ({ key, value }))
  };
}

/** A server that searches as MLflow does, by name and in pages. */
function serve(known: Known[]) {
  return ({ path, body }: Asked): Answer => {
    if (path === 'experiments/search') {
      const stage = body.view_type === 'DELETED_ONLY' ? 'deleted' : 'active';
      const like = /ILIKE '%(.*)%'/.exec(String(body.filter ?? ''))?.[1];
      const pattern =
        like === undefined ? null : new RegExp(like.replace(/_/g, '.'), 'i');
      const all = known.filter(
        one =>
          (one.stage ?? 'active') === stage &&
          (pattern === null || pattern.test(one.name))
      );
      const from = Number(body.page_token ?? 0);
      const size = Number(body.max_results);
      const to = from + size;
      return {
        json: {
          experiments: all.slice(from, to).map(wire),
          ...(to < all.length ? { next_page_token: String(to) } : {})
        }
      };
    }
    if (path === 'experiments/get') {
      const found = known.find(one => one.id === body.experiment_id);
      return found
        ? { json: { experiment: wire(found) } }
        : {
            status: 404,
            code: 'RESOURCE_DOES_NOT_EXIST',
            message: 'No Experiment with id exists'
          };
    }
    if (path === 'experiments/set-experiment-tag') {
      const found = known.find(one => one.id === body.experiment_id);
      if (found) {
        found.tags = {
          ...found.tags,
          [String(body.key)]: String(body.value)
        };
      }
      return { json: {} };
    }
    return { status: 404, code: 'ENDPOINT_NOT_FOUND', message: path };
  };
}

function setUp(known: Known[], remembered: Record<string, string> = {}) {
  const transport = new FakeTransport(serve(known));
  const servers = new FakeServers(transport);
  const model = new ExperimentsModel({
    fetch: () => Promise.resolve(undefined),
    save: () => undefined
  });
  const selection = new SelectedExperiment({
    fetch: () => Promise.resolve(remembered),
    save: () => undefined
  });
  const actions = new ExperimentActions({
    servers: servers.asServers,
    selection,
    model,
    trans
  });
  const draw = () =>
    renderView(
      <ExperimentsSection services={{ model, selection, actions }} />,
      servers
    );
  return { transport, servers, model, selection, actions, draw };
}

const names = () => screen.queryAllByRole('option').map(row => row.title);

describe('ExperimentsSection', () => {
  let restore: () => void;
  beforeEach(() => {
    restore = withLayout();
  });
  afterEach(() => restore());

  it('should list experiments, newest first, and select the first one', async () => {
    const { draw, selection } = setUp([
      { id: '1', name: 'one' },
      { id: '2', name: '<b>two</b>' }
    ]);
    draw();
    await screen.findByRole('option', { name: /two/ });
    expect(names()).toEqual(['<b>two</b>', 'one']);
    await waitFor(() => expect(selection.get('s1')).toBe('2'));
  });

  it('should keep the selection that was remembered', async () => {
    const { draw, selection } = setUp(
      [
        { id: '1', name: 'one' },
        { id: '2', name: 'two' }
      ],
      { s1: '1' }
    );
    draw();
    const row = await screen.findByRole('option', { name: /one/ });
    expect(selection.get('s1')).toBe('1');
    expect(row.getAttribute('aria-selected')).toBe('true');
  });

  it('should search as one types, without a request, and say when nothing matches', async () => {
    const { draw, transport } = setUp([
      { id: '1', name: 'alpha' },
      { id: '2', name: 'beta' }
    ]);
    draw();
    await screen.findAllByRole('option');
    const before = transport.count('experiments/search');
    const field = screen.getByRole('searchbox');
    fireEvent.change(field, { target: { value: 'ALP' } });
    expect(names()).toEqual(['alpha']);
    fireEvent.change(field, { target: { value: 'x"y' } });
    expect(screen.getByText('No experiments match “x"y”')).toBeTruthy();
    fireEvent.click(
      within(screen.getByRole('status')).getByRole('button', {
        name: 'Clear the search'
      })
    );
    expect(names()).toEqual(['beta', 'alpha']);
    expect(transport.count('experiments/search')).toBe(before);
  });

  it('should let the server search where there are more than one page', async () => {
    const many = Array.from({ length: 2500 }, (_, i) => ({
      id: String(i),
      name: i === 3 ? "the 'odd' one" : `experiment ${i}`
    }));
    const { draw, transport } = setUp(many);
    draw();
    await screen.findAllByRole('option');
    expect(screen.queryAllByRole('option').length).toBeLessThan(60);
    fireEvent.change(screen.getByRole('searchbox'), {
      target: { value: "'odd'" }
    });
    await waitFor(() => expect(names()).toEqual(["the 'odd' one"]));
    expect(transport.asked.at(-1)?.body.filter).toBe("name ILIKE '%_odd_%'");
  });

  it('should begin to search when somebody types on the list', async () => {
    const { draw, model } = setUp([{ id: '1', name: 'alpha' }]);
    draw();
    await screen.findAllByRole('option');
    fireEvent.keyDown(screen.getByRole('listbox'), { key: 'q' });
    expect(model.view.search).toBe('q');
    expect(document.activeElement).toBe(screen.getByRole('searchbox'));
  });

  it('should move by arrows and select by Enter', async () => {
    const { draw, selection } = setUp(
      [
        { id: '1', name: 'one' },
        { id: '2', name: 'two' }
      ],
      { s1: '2' }
    );
    draw();
    await screen.findAllByRole('option');
    const list = screen.getByRole('listbox');
    fireEvent.keyDown(list, { key: 'ArrowDown' });
    expect(selection.get('s1')).toBe('2');
    fireEvent.keyDown(list, { key: 'Enter' });
    expect(selection.get('s1')).toBe('1');
  });

  it('should say that the selected experiment was deleted meanwhile', async () => {
    const { draw, selection } = setUp(
      [
        { id: '1', name: 'one' },
        { id: '7', name: 'lost', stage: 'deleted' }
      ],
      { s1: '7' }
    );
    draw();
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('The experiment “lost” was deleted.');
    fireEvent.click(within(alert).getByRole('button', { name: 'Dismiss' }));
    expect(selection.get('s1')).toBeNull();
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  });

  it('should show why the list could not be read, and read it again', async () => {
    const { draw, transport } = setUp([{ id: '1', name: 'one' }]);
    const answer = transport.answer;
    transport.answer = () => ({
      status: 403,
      code: 'PERMISSION_DENIED',
      message: 'Permission denied'
    });
    draw();
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('The experiments could not be read');
    transport.answer = answer;
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByRole('option', { name: /one/ });
  });

  it('should show what there is to do where there is nothing', async () => {
    const { draw, model } = setUp([]);
    draw();
    await screen.findByText('No experiments yet');
    act(() => model.set({ stage: 'deleted' }));
    await screen.findByText('No deleted experiments');
  });

  it('should keep what was typed into the description when saving fails', async () => {
    const { draw, transport, model } = setUp([{ id: '1', name: 'one' }], {
      s1: '1'
    });
    model.set({ details: true });
    const { unmount } = draw();
    fireEvent.click(
      await screen.findByRole('button', { name: 'Edit Description' })
    );
    const answer = transport.answer;
    transport.answer = asked =>
      asked.path === 'experiments/set-experiment-tag'
        ? { status: 503, code: 'TEMPORARILY_UNAVAILABLE', message: 'locked' }
        : answer(asked);
    fireEvent.change(screen.getByRole('textbox', { name: 'Description' }), {
      target: { value: 'two hours of work' }
    });
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByRole('alert');
    // A moved panel unmounts what it shows.
    unmount();
    transport.answer = answer;
    draw();
    const field = await screen.findByRole('textbox', { name: 'Description' });
    expect((field as HTMLTextAreaElement).value).toBe('two hours of work');
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() =>
      expect(screen.queryByRole('textbox', { name: 'Description' })).toBeNull()
    );
    expect(screen.getByText('two hours of work')).toBeTruthy();
  });
});
