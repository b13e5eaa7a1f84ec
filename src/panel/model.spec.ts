import { StateDB } from '@jupyterlab/statedb';
import { waitFor } from '@testing-library/react';
import type { JSONValue } from '@lumino/coreutils';
import { AccordionPanel, Widget } from '@lumino/widgets';
import { ServersApi } from '../servers/api';
import { EnvironmentJob } from '../servers/environment-job';
import { JobsApi } from '../jobs';
import { TrackingServers } from '../servers/model';
import {
  CONNECTED,
  failedHealth,
  FakeJupyter,
  listJson,
  serverJson,
  STATUS,
  type Reply
} from '../servers/testing/fake-jupyter';
import { Views } from '../ui/views-model';
import { LayoutKeeper, readLayout, sizesOf } from './layout';
import { PanelModel } from './model';

const LIST = 'GET servers?discover=1';
const HEALTH = 'GET servers/a/health';

describe('PanelModel', () => {
  let jupyter: FakeJupyter;
  let servers: TrackingServers;
  let model: PanelModel;

  function start(list: Reply, health?: Reply): void {
    jupyter = new FakeJupyter({
      'GET status': STATUS,
      'GET servers': list,
      [LIST]: list,
      ...(health ? { [HEALTH]: health } : {})
    });
    servers = new TrackingServers({
      api: new ServersApi(jupyter.settings),
      transport: () => ({
        send: () => Promise.resolve(new Response('{}')),
        url: path => path
      }),
      remembered: () => Promise.resolve(null),
      remember: () => undefined
    });
    const job = new EnvironmentJob({
      api: new JobsApi(jupyter.settings),
      servers,
      remembered: () => Promise.resolve(null),
      remember: () => undefined
    });
    const views = new Views({
      openTab: null,
      openBrowserTab: () => undefined,
      shareUrl: () => ''
    });
    model = new PanelModel(servers, views, job);
    servers.activate();
    servers.watch();
  }

  afterEach(() => {
    model.dispose();
    servers.dispose();
  });

  const local = (state: string, problem: unknown = null) =>
    listJson([serverJson('a', { kind: 'local', state, problem })]);
  const remote = listJson([serverJson('a')]);
  const table: ReadonlyArray<
    [string, Reply, Reply | undefined, string, string]
  > = [
    ['no server', listJson([]), undefined, 'welcome', 'empty'],
    [
      'a list that cannot be read',
      { status: 500, text: '' },
      undefined,
      'error',
      'error'
    ],
    ['a server that answers', remote, CONNECTED, 'sections', 'ready'],
    [
      'one that never answered',
      remote,
      failedHealth('upstream-unreachable'),
      'server',
      'offline'
    ],
    [
      'one that is not MLflow',
      remote,
      failedHealth('not-mlflow'),
      'server',
      'error'
    ],
    [
      'one that wants a login',
      remote,
      failedHealth('upstream-unauthenticated', 'Who?', 'signed-out'),
      'server',
      'error'
    ],
    [
      'a local one that starts',
      local('starting'),
      failedHealth('server-starting', 'Soon.', 'starting'),
      'server',
      'loading'
    ],
    [
      'a local one that was stopped',
      local('stopped'),
      failedHealth('server-stopped'),
      'server',
      'offline'
    ]
  ];
  it.each(table)(
    'should show the right thing for %s',
    async (_, list, health, stage, state) => {
      start(list, health);
      expect(model.stage).toBe('loading');
      await waitFor(() => {
        expect([model.stage, model.state]).toEqual([stage, state]);
      });
    }
  );

  it('should keep the sections of a server that goes away', async () => {
    start(remote, CONNECTED);
    await waitFor(() => {
      expect(model.state).toBe('ready');
    });
    jupyter.routes[HEALTH] = failedHealth('not-mlflow');
    servers.probe();
    await waitFor(() => {
      expect([model.stage, model.state]).toEqual(['sections', 'offline']);
    });
  });

  it('should keep what was typed into the form, but no secret, until it was used', async () => {
    start(remote, CONNECTED);
    await waitFor(() => {
      expect(model.stage).toBe('sections');
    });
    model.showAdd();
    expect(model.stage).toBe('form');
    const page = model.page;
    if (page?.kind !== 'add') {
      throw new Error('It should be the form');
    }
    model.setDraft({ ...page.draft, uri: 'http://x', password: 'secret' });
    model.closePage();
    model.showAdd();
    expect(model.page).toMatchObject({
      draft: { uri: 'http://x', password: '' }
    });
    model.closePage({ forget: true });
    model.showAdd();
    expect(model.page).toMatchObject({ draft: { uri: '' } });
  });
});

describe('The layout of the panel', () => {
  const sections = [
    { id: 'experiments', size: 2 },
    { id: 'runs', size: 3 }
  ];

  it('should begin with more room for runs', () => {
    expect(sizesOf(sections, {})).toEqual([0.4, 0.6]);
  });

  it('should close what asks to be closed, until somebody opened it', async () => {
    const open = async (remembered?: JSONValue): Promise<boolean[]> => {
      const accordion = new AccordionPanel();
      ['runs', 'history'].forEach(() => accordion.addWidget(new Widget()));
      const state = new StateDB();
      if (remembered !== undefined) {
        await state.save('jupyter-mlflow:panel-layout', remembered);
      }
      const keeper = new LayoutKeeper(
        accordion,
        () => [
          { id: 'runs', size: 4 },
          { id: 'history', size: 2, isClosed: true }
        ],
        state
      );
      await keeper.restore();
      const shown = accordion.widgets.map(widget => !widget.isHidden);
      keeper.dispose();
      accordion.dispose();
      return shown;
    };

    expect(await open()).toEqual([true, false]);
    expect(
      await open({
        runs: { expanded: false, size: 0.5 },
        history: { expanded: true, size: 0.5 }
      })
    ).toEqual([false, true]);
  });

  it('should give a section room that is opened for the first time', async () => {
    const accordion = new AccordionPanel();
    ['runs', 'history'].forEach(() => accordion.addWidget(new Widget()));
    const keeper = new LayoutKeeper(
      accordion,
      () => [
        { id: 'runs', size: 3 },
        { id: 'history', size: 1, isClosed: true }
      ],
      new StateDB()
    );
    await keeper.restore();
    // As a layout has it that has been drawn.
    accordion.setRelativeSizes([1, 0]);
    accordion.expand(1);
    expect(accordion.relativeSizes()).toEqual([0.75, 0.25]);
    accordion.setRelativeSizes([0.2, 0.8]);
    accordion.collapse(1);
    accordion.expand(1);
    expect(accordion.relativeSizes()[1]).toBeGreaterThan(0.25);
    keeper.dispose();
    accordion.dispose();
  });

  it('should come back as it was, new sections included', () => {
    const layout = readLayout({
      runs: { expanded: true, size: 0.5 },
      gone: { expanded: false, size: 0.5 }
    });
    const sizes = sizesOf(
      [
        { id: 'runs', size: 3 },
        { id: 'models', size: 0.5 }
      ],
      layout
    );
    expect(sizes).toEqual([0.5, 0.5]);
  });

  it.each([
    undefined,
    7,
    { runs: 3 },
    { runs: { expanded: 'yes', size: 1 } },
    { runs: { expanded: true, size: 9 } }
  ])('should not trust %j', remembered => {
    expect(readLayout(remembered)).toEqual({});
  });
});
