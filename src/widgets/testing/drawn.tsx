import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { render } from '@testing-library/react';
import { RunSettings } from '../../runs';
import { UiProvider } from '../../ui/context';
import {
  FakeServers,
  FakeTransport,
  SERVER,
  type Answer,
  type Asked
} from '../../ui/testing/harness';
import { HistoryReader } from '../histories';
import { WidgetModel } from '../model';
import type { WidgetServices } from '../services';
import type { WidgetKind, WidgetLayers } from '../tokens';
import WidgetRoot from '../view';

export const RUN = 'c'.repeat(32);
export const AT = { at: 1_700_000_000_000, truncated: false };

/** A run as the fake server has it now. */
export interface FakeRun {
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

/** A card of the run as a kernel writes it. */
export function card(snapshot: object | null, more: object = {}): object {
  return {
    server_id: SERVER.id,
    note: null,
    run_id: RUN,
    experiment_id: '1',
    snapshot,
    ...more
  };
}

export const SAVED = {
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

/** A fake server with one run, and outputs that are drawn of it. */
export function setUp(run: FakeRun) {
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

/** The output that is drawn. */
export function widget(): HTMLElement | null {
  return document.querySelector<HTMLElement>('[data-mlflow-widget]');
}
