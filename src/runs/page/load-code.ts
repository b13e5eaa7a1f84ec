import type { TrackingServer } from '../../servers/tokens';
import type { RunModel } from './models-of-run';

/** What the code needs to know about a run. */
export interface LoadableRun {
  readonly runId: string;
  /** Null where the kernel has it already, or cannot reach the server by any address that is known here. */
  readonly trackingUri: string | null;
  readonly models: ReadonlyArray<RunModel>;
}

/** A Python string literal: JSON's are. */
function literal(text: string): string {
  return JSON.stringify(text);
}

/**
 * The address to give a kernel. Null for the server of Jupyter's environment, which kernels inherit, and for stores
 * that Jupyter serves at no address of their own.
 */
export function uriForKernel(server: TrackingServer): string | null {
  if (server.origin === 'environment') {
    return null;
  }
  const uri = server.kind === 'remote' ? server.uri : server.page;
  return uri !== null && /^https?:\/\//i.test(uri)
    ? uri.replace(/\/+$/, '')
    : null;
}

/** Python that loads a run, and its models if it has some. */
export function loadCode(run: LoadableRun): string {
  const lines = ['import mlflow', ''];
  if (run.trackingUri !== null) {
    lines.push(`mlflow.set_tracking_uri(${literal(run.trackingUri)})`);
  }
  lines.push(
    `run = mlflow.get_run(${literal(run.runId)})`,
    'run.data.params, run.data.metrics'
  );
  if (run.models.length > 0) {
    // The value of the last line is shown: then it is the model's, and the line above would say nothing.
    lines.pop();
    lines.push('');
    run.models.forEach(({ name }, index) => {
      const load = `model = mlflow.pyfunc.load_model(${literal(`runs:/${run.runId}/${name}`)})`;
      lines.push(index === 0 ? load : `# ${load}`);
    });
  }
  return lines.join('\n');
}
