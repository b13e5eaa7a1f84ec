import * as v from 'valibot';
import { problemSchema, RouteClient } from './request';

const job = v.object({
  id: v.string(),
  kind: v.string(),
  state: v.picklist(['running', 'done', 'failed', 'cancelled']),
  step: v.string(),
  steps: v.array(v.string()),
  problem: v.nullable(problemSchema)
});

const jobLog = v.object({
  text: v.string(),
  next_offset: v.number(),
  done: v.boolean()
});

const environments = v.object({
  interpreters: v.array(
    v.object({
      executable: v.string(),
      version: v.nullable(v.string()),
      mlflow: v.nullable(v.string())
    })
  ),
  uv: v.boolean()
});

/** Work that the Jupyter server does for us, in the words of docs/architecture.md. */
export type Job = v.InferOutput<typeof job>;

/** A piece of a job's output; `next_offset` is where to go on. */
export type JobLog = v.InferOutput<typeof jobLog>;

/** The interpreters that the Jupyter server sees. */
export type Environments = v.InferOutput<typeof environments>;

/** The routes of the server extension about environments and the jobs that make them. */
export class JobsApi extends RouteClient {
  async environments(signal?: AbortSignal): Promise<Environments> {
    return this.request(environments, 'GET', 'environments', { signal });
  }

  /** Begins to make an environment that holds MLflow. */
  async createEnvironment(): Promise<Job> {
    return this.request(job, 'POST', 'jobs', {
      body: { kind: 'create-environment' }
    });
  }

  async get(id: string, signal?: AbortSignal): Promise<Job> {
    return this.request(job, 'GET', `jobs/${encodeURIComponent(id)}`, {
      signal
    });
  }

  /** @param offset - where the last piece ended; 0 for all. */
  async log(id: string, offset: number, signal?: AbortSignal): Promise<JobLog> {
    return this.request(
      jobLog,
      'GET',
      `jobs/${encodeURIComponent(id)}/log?offset=${offset}`,
      { signal }
    );
  }

  async cancel(id: string): Promise<Job> {
    return this.request(job, 'DELETE', `jobs/${encodeURIComponent(id)}`);
  }
}
