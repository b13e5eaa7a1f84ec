import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IConsoleTracker } from '@jupyterlab/console';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { EnvironmentsApi } from '../environments';
import type { IKernelspecActions } from '../environments/kernelspec-tokens';
import type { IEnvironmentActions, KernelHolder } from '../environments/tokens';
import type { IKernelEnvironments } from '../kernel/tokens';
import type { UiServices } from '../ui/context';
import { EnvironmentsModel } from './model';
import { nameOf } from './rows';
import { OfferRunner } from './runner';
import EnvironmentPage, { type EnvironmentPageServices } from './view';

/** Puts the page together when it is first opened. */
export function environmentPage(
  app: JupyterFrontEnd,
  given: {
    ui: UiServices;
    kernels: IKernelEnvironments;
    actions: IEnvironmentActions;
    kernelspecs: IKernelspecActions;
    notebooks: INotebookTracker | null;
    consoles: IConsoleTracker | null;
  }
): () => JSX.Element {
  const { ui, kernels, actions, kernelspecs, notebooks, consoles } = given;
  const { contents, serverSettings } = app.serviceManager;
  /** The notebook or console of a path, as a kernel's watch has it. */
  const find = (path: string) => {
    const isIt = ({ sessionContext }: { sessionContext: { path: string } }) =>
      contents.localPath(sessionContext.path) === path;
    return {
      panel: notebooks?.find(isIt) ?? null,
      console: consoles?.find(isIt) ?? null
    };
  };
  const model = new EnvironmentsModel({
    api: new EnvironmentsApi(serverSettings),
    kernels,
    nameOf: path =>
      // The path of a console is an identifier.
      find(path).console?.sessionContext.name ?? nameOf(path),
    changes: [actions.ended, app.serviceManager.kernelspecs.specsChanged]
  });
  const active = (): KernelHolder | null => {
    const watch = kernels.current;
    const { panel, console } = find(watch?.environment.path ?? '');
    const context = (panel ?? console)?.sessionContext;
    return watch && context
      ? { watch, context, notebook: panel?.context.localPath ?? null }
      : null;
  };
  const runner = new OfferRunner({ ui, model, actions, kernelspecs, active });
  const services: EnvironmentPageServices = {
    model,
    onTake: offer => void runner.run(offer),
    onCreate: () => void runner.create()
  };
  return () => <EnvironmentPage services={services} />;
}
