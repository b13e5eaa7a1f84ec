import { cleanup, configure, screen, waitFor } from '@testing-library/react';
import { SERVER } from '../ui/testing/harness';
import { AT, card, RUN, setUp, widget } from './testing/drawn';

// A busy machine takes its time.
configure({ asyncUtilTimeout: 15_000 });
jest.setTimeout(60_000);

afterEach(() => {
  cleanup();
});

describe('an output about the runs that are found', () => {
  const asks = {
    server_id: SERVER.id,
    note: 'There are no runs yet.',
    experiment_ids: [],
    experiment_name: 'not yet',
    filter: 'params.a = "b"',
    max_results: 10,
    run_ids: [],
    all: true,
    snapshot: { runs: [], rows: [], ...AT }
  };
  const info = { run_id: RUN, run_name: 'live one', experiment_id: '7' };

  it('should begin when there is one, and keep it', async () => {
    const run = { status: 'RUNNING', losses: [1] };
    const { transport, servers, draw } = setUp(run);
    servers.interval = 5;
    const { answer } = transport;
    const { kept } = draw('compare', asks);
    await waitFor(() => expect(widget()?.dataset.state).toBe('live'));
    expect(screen.getByText('No runs match.')).toBeTruthy();
    expect(kept).toEqual([]);
    transport.answer = asked =>
      asked.path === 'experiments/get-by-name'
        ? { json: { experiment: { experiment_id: '7', name: 'not yet' } } }
        : asked.path === 'runs/search'
          ? { json: { runs: [{ info: { ...info, status: run.status } }] } }
          : answer(asked);
    await screen.findByText('live one');
    const search = transport.asked.find(({ path }) => path === 'runs/search');
    expect(search?.body).toMatchObject({
      experiment_ids: ['7'],
      filter: 'params.a = "b"',
      order_by: ['attributes.start_time DESC'],
      max_results: 10
    });
    await waitFor(() => expect(kept).toHaveLength(1));
    expect(kept[0]['text/plain']).toContain('metric loss');
  });

  it('should leave a notebook as it is for newer runs of somebody else', async () => {
    const { transport, draw } = setUp({ status: 'FINISHED', losses: [1] });
    const { answer } = transport;
    transport.answer = asked =>
      asked.path === 'runs/search'
        ? { json: { runs: [{ info: { ...info, status: 'FINISHED' } }] } }
        : answer(asked);
    const before = [['d'.repeat(32), 'before', 'FINISHED']];
    const { kept } = draw('compare', {
      ...asks,
      experiment_ids: ['7'],
      run_ids: [before[0][0]],
      snapshot: { runs: before, rows: [], ...AT }
    });
    await screen.findByText('live one');
    expect(widget()?.dataset.state).toBe('live');
    expect(kept).toEqual([]);
  });

  it('should keep what was saved where nothing is found any more, and say so', async () => {
    const { transport, draw } = setUp({ status: 'FINISHED', losses: [1] });
    transport.answer = () => ({ json: {} });
    draw('compare', {
      ...asks,
      experiment_ids: ['7'],
      snapshot: { runs: [[RUN, 'before', 'FINISHED']], rows: [], ...AT }
    });
    expect(
      await screen.findByText(/not on the tracking server any more/)
    ).toBeTruthy();
    expect(screen.getByText('before')).toBeTruthy();
  });

  it.each([
    ['card', { run_id: null, experiment_ids: ['7'] }],
    ['compare', { run_ids: [], experiment_name: null }],
    ['chart', { run_ids: [], experiment_name: null, keys: ['loss'] }]
  ] as const)(
    'should say so where a %s finds no run and nothing was saved',
    async (kind, more) => {
      const { transport, draw } = setUp({ status: 'FINISHED', losses: [1] });
      transport.answer = () => ({ json: {} });
      draw(kind, { ...asks, note: null, ...more, snapshot: null });
      expect(await screen.findByText('No runs match.')).toBeTruthy();
      expect(widget()?.dataset.state).toBe('live');
    }
  );

  it('should be the card of the first', async () => {
    const { transport, draw } = setUp({ status: 'FINISHED', losses: [1] });
    const { answer } = transport;
    transport.answer = asked =>
      asked.path === 'runs/search'
        ? { json: { runs: [{ info: { ...info, status: 'FINISHED' } }] } }
        : answer(asked);
    const { kept } = draw(
      'card',
      card(null, {
        run_id: null,
        experiment_ids: ['7'],
        order_by: 'metrics.`loss` ASC',
        max_results: 1
      })
    );
    await screen.findByText('live one');
    await waitFor(() => expect(kept).toHaveLength(1));
    expect(
      kept[0]['application/vnd.jupyter-mlflow.card.v1+json']
    ).toMatchObject({ run_id: RUN });
  });
});
