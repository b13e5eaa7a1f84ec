import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { act, cleanup, render, screen, waitFor } from '@testing-library/react';
import { RunSettings } from '../runs';
import { UiProvider } from '../ui/context';
import {
  FakeServers,
  FakeTransport,
  SERVER,
  type Answer,
  type Asked
} from '../ui/testing/harness';
import { HistoryReader } from './histories';
import { WidgetModel } from './model';
import type { WidgetServices } from './services';
import type { WidgetKind, WidgetLayers } from './tokens';
import WidgetRoot from './view';

const RUN = 'c'.repeat(32);
const AT = { at: 1_700_000_000_000, truncated: false };

/** A run as the fake server has it now. */
interface FakeRun {
  status: string;
  losses: number[];
}

function answerOf(run: FakeRun, asked: Asked): Answer {
  switch (asked.path) {
    case 'runs/get':
      return {
        json: {
          run: {
            info: {
              run_id: asked.body.run_id,
              run_name: 'live one',
              experiment_id: '1',
              status: run.status,
              start_time: 1,
              ...(run.status === 'RUNNING' ? {} : { end_time: 2000 }),
              lifecycle_stage: 'active',
              artifact_uri: 'mlflow-artifacts:/1/x/artifacts'
            },
            data: {
              metrics: [
                {
                  key: 'loss',
                  value: run.losses.at(-1),
                  step: run.losses.length - 1,
                  timestamp: run.losses.length
                }
              ]
            }
          }
        }
      };
    case 'metrics/get-history':
    case 'metrics/get-history-bulk-interval': {
      const token = asked.body.page_token;
      const from =
        typeof token === 'string'
          ? (JSON.parse(atob(token)) as { offset: number }).offset
          : 0;
      return {
        json: {
          metrics: run.losses
            .map((value, step) => ({
              key: 'loss',
              value,
              step,
              timestamp: step + 1,
              run_id: RUN
            }))
            .slice(from)
        }
      };
    }
    case 'artifacts/list':
      return { json: { files: [] } };
    default:
      return { status: 404, code: 'RESOURCE_DOES_NOT_EXIST', message: 'no' };
  }
}

function card(snapshot: object | null, more: object = {}): object {
  return {
    server_id: SERVER.id,
    note: null,
    run_id: RUN,
    experiment_id: '1',
    snapshot,
    ...more
  };
}

const SAVED = {
  name: 'saved one',
  status: 'RUNNING',
  lifecycle_stage: 'active',
  start_time: 1,
  end_time: null,
  metrics: [['loss', 7]],
  params: [],
  tags: [],
  ...AT
};

function setUp(run: FakeRun) {
  const transport = new FakeTransport(asked => answerOf(run, asked));
  const servers = new FakeServers(transport);
  const services: WidgetServices = {
    servers: servers.asServers,
    views: {
      open: () => undefined
    } as unknown as WidgetServices['views'],
    settings: new RunSettings(),
    histories: new HistoryReader(servers.asServers),
    isOwnKernel: () => false,
    place: {
      canInsert: () => true,
      insert: () => Promise.resolve(),
      trust: () => () => Promise.resolve()
    }
  };
  const draw = (
    kind: WidgetKind,
    json: unknown,
    isTrusted = true
  ): { model: WidgetModel; kept: WidgetLayers[] } => {
    const kept: WidgetLayers[] = [];
    const model = new WidgetModel({
      kind,
      onLayers: layers => kept.push(layers)
    });
    model.setContent(json, isTrusted);
    model.setVisible(true);
    render(
      <UiProvider
        services={{
          translator: nullTranslator,
          commands: new CommandRegistry(),
          rendermime: null
        }}
        visible={true}
      >
        <WidgetRoot model={model} services={services} />
      </UiProvider>
    );
    return { model, kept };
  };
  return { transport, servers, draw };
}

afterEach(() => {
  cleanup();
  jest.useRealTimers();
});

function widget(): HTMLElement | null {
  return document.querySelector<HTMLElement>('[data-mlflow-widget]');
}

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
