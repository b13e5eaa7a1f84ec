import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { Suspense, type ComponentProps } from 'react';
import { ISelectedExperiment } from '../experiments/tokens';
import type { Run } from '../mlflow';
import { IMlflowPanel } from '../panel/tokens';
import { lateView } from '../servers/late';
import { IExecutionViews } from '../recorder/tokens';
import { ITrackingServers } from '../servers/tokens';
import { TRANSLATION_DOMAIN, type UiServices } from '../ui/context';
import { mlflowIcon } from '../ui/icons';
import { once } from '../ui/once';
import { IUiServices } from '../ui/plugin';
import { lastingState } from '../ui/state';
import { EmptyState, LoadingState } from '../ui/states';
import { IViews, type ViewAddress } from '../ui/views';
import { parseAddress } from '../ui/views-model';
import { addRunPageCommands, asRunId, RunCommandIDs } from './commands-run';
import { IRunTarget, type RunRef } from './commands-tokens';
import { runPageKeys } from './page/keys';
import { Folds, RunPages } from './page/model';
import { RunTarget } from './target';
import { IRunTools, type RunTools } from './tools';

/** Where the folded sections are remembered between sessions. */
const FOLDS_KEY = 'jupyter-mlflow:run-folds';
/** Begins the ids of the main area's views. */
const VIEW_ID = 'mlflow-view:';

/** Provides the run that commands without arguments act on. */
export const runTargetPlugin: JupyterFrontEndPlugin<RunTarget> = {
  id: 'jupyter-mlflow:run-target',
  description: 'The MLflow run that commands without arguments act on.',
  autoStart: true,
  provides: IRunTarget,
  activate: (): RunTarget => new RunTarget()
};

function refOf(address: ViewAddress | null): RunRef | null {
  const runId = address?.kind === 'run' ? asRunId(address.args.runId) : null;
  return address && runId !== null
    ? { serverId: address.serverId, runId }
    : null;
}

/** The page of a run, and the commands about one. */
export const runPagePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlflow:run-page',
  description: 'The page of an MLflow run.',
  autoStart: true,
  requires: [
    IUiServices,
    IViews,
    ITrackingServers,
    ISelectedExperiment,
    IRunTarget,
    IRunTools
  ],
  optional: [
    IMlflowPanel,
    ILabShell,
    INotebookTracker,
    IStateDB,
    ICommandPalette,
    IDocumentManager,
    IExecutionViews
  ],
  activate: (
    app: JupyterFrontEnd,
    ui: UiServices,
    views: IViews,
    servers: ITrackingServers,
    selection: ISelectedExperiment,
    target: RunTarget,
    tools: RunTools,
    panel: IMlflowPanel | null,
    labShell: ILabShell | null,
    tracker: INotebookTracker | null,
    stateDB: IStateDB | null,
    palette: ICommandPalette | null,
    documents: IDocumentManager | null,
    executions: IExecutionViews | null
  ) => {
    const trans = ui.translator.load(TRANSLATION_DOMAIN);
    const actions = once(async () => {
      const [{ RunPageActions }, { notebookTarget }, { cellPlaces }, runs] =
        await Promise.all([
          import('./page/actions'),
          import('./page/code-target'),
          import('../notebooks'),
          tools.actions()
        ]);
      return new RunPageActions({
        runs,
        servers,
        views,
        notebook: notebookTarget(app, tracker),
        cells: tracker && cellPlaces(app, tracker, labShell && documents),
        executions,
        trans,
        openBrowserTab: url => {
          window.open(url, '_blank', 'noopener');
        }
      });
    });
    const Page = lateView(servers, async () => {
      const [{ default: Content }, loaded] = await Promise.all([
        import('./page/page'),
        actions()
      ]);
      return (props: Omit<ComponentProps<typeof Content>, 'actions'>) => (
        <Content {...props} actions={loaded} />
      );
    });
    const state = lastingState(
      labShell,
      stateDB,
      app.serviceManager.serverSettings.baseUrl
    );
    const pages = new RunPages(
      new Folds({
        fetch: () => state.fetch(FOLDS_KEY),
        save: folded => {
          void state.save(FOLDS_KEY, folded).catch(() => undefined);
        }
      })
    );
    const showExperiment = (serverId: string, experimentId: string): void => {
      if (servers.current?.id !== serverId) {
        servers.select(serverId);
      }
      selection.select(serverId, experimentId);
      // Where the page stands in the panel, the lists stand behind it.
      while (views.panelView) {
        views.back();
      }
      panel?.activate();
    };

    const onStage = (ref: RunRef, isDeleted: boolean): void => {
      const { current } = target;
      if (current?.runId === ref.runId && current.serverId === ref.serverId) {
        target.set({ ...ref, isDeleted });
      }
    };

    views.register('run', {
      label: trans.__('Run'),
      icon: mlflowIcon,
      inPanel: true,
      create: (address, host) => {
        const ref = refOf(address);
        return ref ? (
          <Suspense
            fallback={<LoadingState label={trans.__('Loading the run')} />}
          >
            <Page
              // Another run in the same place is another page.
              key={`${ref.serverId}/${ref.runId}`}
              run={ref}
              host={host}
              pages={pages}
              showExperiment={showExperiment}
              onStage={onStage}
            />
          </Suspense>
        ) : (
          <EmptyState title={trans.__('This address names no run')}>
            {trans.__('Open the run from the MLflow panel instead.')}
          </EmptyState>
        );
      }
    });

    /** What stands in front is what commands are about. */
    const follow = (): void => {
      const id = app.shell.currentWidget?.id ?? '';
      const ref = refOf(
        views.panelView ??
          (id.startsWith(VIEW_ID)
            ? parseAddress(id.slice(VIEW_ID.length))
            : null)
      );
      if (ref) {
        const run = servers.queryClient?.getQueryData<Run>(
          runPageKeys.run(ref)
        );
        const isDeleted = run?.info.lifecycleStage === 'deleted';
        target.set({ ...ref, isDeleted });
      }
    };
    labShell?.currentChanged.connect(follow);
    views.panelViewChanged.connect(follow);
    addRunPageCommands({
      commands: app.commands,
      palette,
      trans,
      servers,
      views,
      target,
      actions,
      canInsert: () => Boolean(tracker?.currentWidget)
    });
    if (tracker && !labShell && window.location.hash) {
      void import('../notebooks').then(({ showCellOfAddress }) =>
        showCellOfAddress(tracker, window.location.hash)
      );
    }
    tracker?.currentChanged.connect(() =>
      app.commands.notifyCommandChanged(RunCommandIDs.insertCode)
    );
  }
};
