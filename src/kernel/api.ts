import { RouteClient } from '../servers/request';
import { type KernelReport, kernelReportSchema } from './report';

/** What can be changed in a kernel: for the runs to come, and of the one that is open. */
export interface KernelOptions {
  readonly autolog?: boolean;
  readonly systemMetrics?: boolean;
  /** Name of the experiment; MLflow makes it if need be. */
  readonly experiment?: string;
  /** Id of the run that is to end as finished, if it is still the active one. */
  readonly endRun?: string;
}

/** The routes of the server extension about kernels (docs/architecture.md). Each answers with the kernel's report. */
export class KernelsApi extends RouteClient {
  /** What is known; asks no kernel. */
  async report(id: string, signal?: AbortSignal): Promise<KernelReport> {
    return this.request(kernelReportSchema, 'GET', pathOf(id), { signal });
  }

  /**
   * Asks the kernel; a busy one is `unknown` after some seconds.
   *
   * @param modules - outermost ones: whether an import would find them is told from now on.
   */
  async probe(
    id: string,
    signal?: AbortSignal,
    modules: ReadonlyArray<string> = []
  ): Promise<KernelReport> {
    return this.request(kernelReportSchema, 'POST', pathOf(id, 'probe'), {
      body: modules.length > 0 ? { modules } : {},
      signal
    });
  }

  /**
   * Lets the kernel log to a server from now on.
   *
   * @param options.credentials - the person agrees that the kernel gets the server's login.
   * @throws ApiError; with `kernel-busy` it is done when the running cell has ended.
   */
  async tracking(
    id: string,
    serverId: string,
    options: { credentials?: boolean; signal?: AbortSignal } = {}
  ): Promise<KernelReport> {
    const { credentials, signal } = options;
    return this.request(kernelReportSchema, 'POST', pathOf(id, 'tracking'), {
      body: { server_id: serverId, ...(credentials && { credentials }) },
      signal
    });
  }

  /** @throws ApiError; with `kernel-busy` it is done when the running cell has ended. */
  async options(
    id: string,
    options: KernelOptions,
    signal?: AbortSignal
  ): Promise<KernelReport> {
    const { autolog, systemMetrics, experiment, endRun } = options;
    return this.request(kernelReportSchema, 'POST', pathOf(id, 'options'), {
      body: {
        ...(autolog !== undefined && { autolog }),
        ...(systemMetrics !== undefined && { system_metrics: systemMetrics }),
        ...(experiment !== undefined && { experiment }),
        ...(endRun !== undefined && { end_run: endRun })
      },
      signal
    });
  }
}

function pathOf(id: string, action?: string): string {
  const path = `kernels/${encodeURIComponent(id)}`;
  return action === undefined ? path : `${path}/${action}`;
}
