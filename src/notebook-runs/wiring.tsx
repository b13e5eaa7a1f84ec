import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IKernelEnvironments } from '../kernel/tokens';
import { ActiveNotebook, NotebookRecords } from '../notebooks';
import type { RunTarget } from '../runs';
import type { RunTools } from '../runs/tools';
import type { IViews } from '../ui/views';
import type { NotebookRunsServices } from './context';
import { NotebookRunsModel } from './model';
import NotebookRunsSection from './section';

/** The experiment of a notebook's kernel, if it logs to a server that is known here. */
function experimentOf(
  kernels: IKernelEnvironments | null,
  path: string,
  serverId: string
): string | null {
  const environment = kernels?.current?.environment;
  const report = environment?.path === path ? environment.report : null;
  return report?.logs_to?.server_id === serverId
    ? (report.facts?.experiment.id ?? null)
    : null;
}

/** Puts the section together when it is first shown. */
export async function notebookRuns(
  app: JupyterFrontEnd,
  given: {
    views: IViews;
    target: RunTarget;
    tools: RunTools;
    tracker: INotebookTracker;
    kernels: IKernelEnvironments | null;
  }
): Promise<() => JSX.Element> {
  const { views, target, tools, tracker, kernels } = given;
  const services: NotebookRunsServices = {
    views,
    target,
    actions: await tools.actions(),
    model: new NotebookRunsModel(tools.memory),
    // eslint-disable-next-line jupyter/require-disposable-ownership -- lives as long as the application
    active: new ActiveNotebook(tracker),
    records: new NotebookRecords(app.serviceManager.serverSettings),
    experimentOf: (path, serverId) => experimentOf(kernels, path, serverId)
  };
  return () => <NotebookRunsSection services={services} />;
}
