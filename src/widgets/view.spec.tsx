import {
  act,
  cleanup,
  configure,
  screen,
  waitFor
} from '@testing-library/react';
import { SERVER } from '../ui/testing/harness';
import { AT, card, RUN, SAVED, setUp, widget } from './testing/drawn';

// A busy machine takes its time.
configure({ asyncUtilTimeout: 15_000 });
jest.setTimeout(60_000);

afterEach(() => {
  cleanup();
  jest.useRealTimers();
});

describe('an output', () => {
  it('should ask nothing in a notebook that is not trusted', async () => {
    const { transport, servers, draw } = setUp({
      status: 'RUNNING',
      losses: [1]
    });
    const activate = jest.spyOn(servers, 'activate');
    const watch = jest.spyOn(servers, 'watch');
    draw('card', card(SAVED), false);
    expect(widget()?.dataset.state).toBe('static');
    expect(screen.getByText('saved one')).toBeTruthy();
    expect(screen.queryByRole('link')).toBeNull();
    expect(screen.queryByRole('toolbar')).toBeNull();
    await act(() => Promise.resolve());
    expect(transport.asked).toEqual([]);
    expect(activate).not.toHaveBeenCalled();
    expect(watch).not.toHaveBeenCalled();
  });

  it('should show what was saved at once, then what is, and keep the end of the run', async () => {
    const run = { status: 'RUNNING', losses: [1, 0.5] };
    const { transport, servers, draw } = setUp(run);
    const { model, kept } = draw('card', card(null));
    await screen.findByText('live one');
    expect(widget()?.dataset.state).toBe('live');
    // Nothing was saved: what has come is.
    await waitFor(() => expect(kept).toHaveLength(1));
    const layers = kept[0];
    expect(layers['text/plain']).toContain('metric loss  0.5');
    act(() =>
      model.setContent(
        layers['application/vnd.jupyter-mlflow.card.v1+json'],
        true
      )
    );
    run.losses.push(0.25);
    await servers.queryClient.invalidateQueries({
      queryKey: [SERVER.id, 'run']
    });
    await screen.findByText('0.25');
    // A notebook does not change because a run goes on.
    expect(kept).toHaveLength(1);
    run.status = 'FINISHED';
    await servers.queryClient.invalidateQueries({
      queryKey: [SERVER.id, 'run']
    });
    await waitFor(() => expect(kept).toHaveLength(2));
    expect(kept[1]['text/plain']).toContain('FINISHED');
    expect(kept[1]['text/plain']).toContain('metric loss  0.25');
    expect(transport.count('runs/get')).toBe(3);
  });

  it('should poll a run while it runs, and no longer', async () => {
    jest.useFakeTimers({ advanceTimers: true });
    const run = { status: 'RUNNING', losses: [1] };
    const { transport, servers, draw } = setUp(run);
    servers.interval = 5;
    const { model } = draw('card', card(null));
    await waitFor(() => expect(transport.count('runs/get')).toBeGreaterThan(3));
    run.status = 'FINISHED';
    await screen.findByText('Finished');
    const count = transport.count('runs/get');
    // Time for many more polls; what is asked in it is nothing.
    await act(() => jest.advanceTimersByTimeAsync(1000));
    expect(transport.count('runs/get')).toBe(count);
    expect(model.isLive).toBe(true);
  });

  it('should ask nothing out of sight, and nothing when it is told not to be live', async () => {
    jest.useFakeTimers({ advanceTimers: true });
    const { transport, servers, draw } = setUp({
      status: 'RUNNING',
      losses: [1]
    });
    servers.interval = 5;
    const { model } = draw('card', card(SAVED));
    await screen.findByText('live one');
    act(() => model.setVisible(false));
    const count = transport.count('runs/get');
    await act(() => jest.advanceTimersByTimeAsync(1000));
    expect(transport.count('runs/get')).toBeLessThanOrEqual(count + 1);
    act(() => {
      model.setLive(false);
      model.setVisible(true);
    });
    const later = transport.count('runs/get');
    await act(() => jest.advanceTimersByTimeAsync(1000));
    expect(transport.count('runs/get')).toBe(later);
    expect(screen.getByText('live one')).toBeTruthy();
  });

  it('should ask once for what twenty outputs show', async () => {
    const { transport, draw } = setUp({ status: 'RUNNING', losses: [1, 2] });
    for (let i = 0; i < 20; i++) {
      draw('card', card(null));
    }
    await waitFor(() =>
      expect(screen.getAllByText('live one')).toHaveLength(20)
    );
    await waitFor(() => expect(transport.count('artifacts/list')).toBe(1));
    expect(transport.count('runs/get')).toBe(1);
    expect(transport.count('metrics/get-history')).toBe(1);
  });

  it('should ask as often as there are different things in twenty outputs', async () => {
    const { transport, draw } = setUp({ status: 'RUNNING', losses: [1, 2] });
    const other = 'd'.repeat(32);
    for (let i = 0; i < 5; i++) {
      draw('card', card(null));
      draw('card', card(null, { run_id: other }));
      for (const ids of [
        [RUN, other],
        [other, RUN]
      ]) {
        draw('compare', {
          server_id: SERVER.id,
          note: null,
          run_ids: ids,
          snapshot: null
        });
      }
    }
    await waitFor(() =>
      expect(screen.getAllByText('live one').length).toBeGreaterThanOrEqual(30)
    );
    await waitFor(() => expect(transport.count('artifacts/list')).toBe(2));
    expect(transport.count('runs/get')).toBe(2);
    expect(transport.count('metrics/get-history')).toBe(2);
  });

  it('should read of a history only what is new while the run goes on', async () => {
    const run = { status: 'RUNNING', losses: [1, 0.5] };
    const { transport, servers, draw } = setUp(run);
    draw('card', card(null));
    await screen.findByText('█▁');
    run.losses.push(0.75);
    await servers.queryClient.invalidateQueries({
      queryKey: [SERVER.id, 'run']
    });
    await screen.findByText('█▁▅');
    const histories = transport.asked.filter(
      ({ path }) => path === 'metrics/get-history'
    );
    expect(histories).toHaveLength(2);
    expect(histories[1].body.page_token).toBe(
      btoa(JSON.stringify({ offset: 2 }))
    );
    run.status = 'FINISHED';
    await servers.queryClient.invalidateQueries({
      queryKey: [SERVER.id, 'run']
    });
    await waitFor(() =>
      expect(transport.count('metrics/get-history-bulk-interval')).toBe(1)
    );
  });

  it.each([
    [{ server_id: null }, /not among those that Jupyter knows/],
    [{ server_id: 'other' }, /not among those that Jupyter knows/]
  ])('should stay as it was saved with %o', async (more, sentence) => {
    const { transport, draw } = setUp({ status: 'RUNNING', losses: [1] });
    draw('card', card(SAVED, more));
    expect(await screen.findByText(sentence)).toBeTruthy();
    expect(screen.getByText('saved one')).toBeTruthy();
    expect(widget()?.dataset.state).toBe('static');
    expect(transport.asked).toEqual([]);
  });

  it('should keep what was saved of a run that is gone, and say so', async () => {
    const { servers, transport, draw } = setUp({ status: 'X', losses: [] });
    transport.answer = () => ({
      status: 404,
      code: 'RESOURCE_DOES_NOT_EXIST',
      message: 'Run not found'
    });
    expect(servers.isLoading).toBe(false);
    const { kept } = draw('card', card(SAVED));
    expect(
      await screen.findByText(/not on the tracking server any more/)
    ).toBeTruthy();
    expect(screen.getByText('saved one')).toBeTruthy();
    expect(widget()?.dataset.state).toBe('static');
    expect(kept).toEqual([]);
  });

  it('should stay as it was saved while the server does not answer', async () => {
    const { transport, draw } = setUp({ status: 'RUNNING', losses: [1] });
    transport.answer = () => ({
      status: 503,
      code: 'TEMPORARILY_UNAVAILABLE',
      message: 'database gone'
    });
    const { kept } = draw('card', card(SAVED));
    expect(await screen.findByText(/As it was on/)).toBeTruthy();
    expect(screen.getByText('saved one')).toBeTruthy();
    expect(widget()?.dataset.state).toBe('static');
    expect(kept).toEqual([]);
  });

  it('should be live again when the server answers again', async () => {
    jest.useFakeTimers({ advanceTimers: true });
    const run = { status: 'RUNNING', losses: [1] };
    const { transport, servers, draw } = setUp(run);
    servers.interval = 5;
    const { answer } = transport;
    transport.answer = () => ({
      status: 503,
      code: 'TEMPORARILY_UNAVAILABLE',
      message: 'database gone'
    });
    draw('card', card(SAVED));
    expect(await screen.findByText(/As it was on/)).toBeTruthy();
    const count = transport.count('runs/get');
    await act(() => jest.advanceTimersByTimeAsync(3000));
    // Not each second: it has trouble enough.
    expect(transport.count('runs/get')).toBe(count);
    transport.answer = answer;
    await act(() => jest.advanceTimersByTimeAsync(4000));
    expect(await screen.findByText('live one')).toBeTruthy();
    expect(widget()?.dataset.state).toBe('live');
  });

  it('should say that it waits where nothing was saved, and that nothing was where nothing is asked', () => {
    const { transport, draw } = setUp({ status: 'RUNNING', losses: [1] });
    transport.answer = () => new Promise(() => undefined);
    const { model } = draw('card', card(null));
    expect(screen.getByRole('status', { name: 'Loading' })).toBeTruthy();
    expect(screen.queryByText(/Nothing was saved/)).toBeNull();
    act(() => model.setLive(false));
    expect(screen.queryByRole('status', { name: 'Loading' })).toBeNull();
    expect(screen.getByText(/Nothing was saved/)).toBeTruthy();
    expect(widget()?.dataset.state).toBe('static');
  });

  it('should say what is wrong where nothing was saved', async () => {
    const { transport, draw } = setUp({ status: 'RUNNING', losses: [1] });
    transport.answer = () => ({
      status: 503,
      code: 'TEMPORARILY_UNAVAILABLE',
      message: 'database gone'
    });
    draw('card', card(null));
    await waitFor(() => expect(widget()?.dataset.state).toBe('error'));
  });

  it('should say that a content is none', () => {
    const { transport, draw } = setUp({ status: 'RUNNING', losses: [1] });
    draw('chart', { run_ids: 7 });
    expect(screen.getByRole('alert').textContent).toContain('cannot be drawn');
    expect(widget()?.dataset.state).toBe('error');
    expect(transport.asked).toEqual([]);
  });

  it('should draw words of the kernel as words', () => {
    const { draw } = setUp({ status: 'RUNNING', losses: [1] });
    draw('status', {
      topic: 'check',
      server_id: null,
      note: '<b>note</b>',
      snapshot: { rows: [['logs to', '\u202e<i>x</i>']], ...AT }
    });
    expect(screen.getByText('<b>note</b>')).toBeTruthy();
    expect(screen.getByText('\ufffd<i>x</i>')).toBeTruthy();
  });
});
