import * as v from 'valibot';
import { problemSchema, RouteClient } from '../servers/request';
import type { Job, JobLog, JobOrder } from './tokens';

const job = v.object({
  id: v.string(),
  kind: v.string(),
  state: v.picklist(['running', 'done', 'failed', 'cancelled']),
  step: v.string(),
  steps: v.array(v.string()),
  problem: v.nullable(problemSchema),
  result: v.optional(v.nullable(v.record(v.string(), v.unknown())), null)
});

const jobLog = v.object({
  text: v.string(),
  next_offset: v.number(),
  done: v.boolean()
});

/** The routes of the server extension about jobs (docs/architecture.md). */
export class JobsApi extends RouteClient {
  /** Begins one. @throws ApiError for what is refused before anything is done. */
  async create(order: JobOrder): Promise<Job> {
    return this.request(job, 'POST', 'jobs', { body: order });
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
