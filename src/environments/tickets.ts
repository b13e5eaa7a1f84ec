import type { IStateDB } from '@jupyterlab/statedb';
import * as v from 'valibot';
import { JOBS_KEY } from './tokens';

const ticketSchema = v.object({
  jobId: v.string(),
  kind: v.picklist([
    'create-environment',
    'install',
    'register-kernel',
    'repair-kernel',
    'remove-kernel',
    'remove-environment',
    'check-imports'
  ]),
  label: v.string(),
  path: v.nullable(v.string()),
  module: v.optional(v.string(), 'mlflow')
});

/** What is remembered of a running job, so that a reload finds it again. */
export type Ticket = v.InferOutput<typeof ticketSchema>;

/** The tickets in what was remembered; what is none is left out. */
export function readTickets(remembered: unknown): ReadonlyArray<Ticket> {
  return Array.isArray(remembered)
    ? remembered.flatMap(each => {
        const ticket = v.safeParse(ticketSchema, each);
        return ticket.success ? [ticket.output] : [];
      })
    : [];
}

/** The jobs that run, as a reload of the page finds them. */
export class Tickets {
  constructor(private readonly _state: Pick<IStateDB, 'fetch' | 'save'>) {}

  async all(): Promise<ReadonlyArray<Ticket>> {
    return readTickets(await this._state.fetch(JOBS_KEY));
  }

  /** @param isRunning - otherwise it is forgotten. */
  async remember(ticket: Ticket | null, isRunning: boolean): Promise<void> {
    if (ticket === null) {
      return;
    }
    try {
      const others = (await this.all()).filter(
        each => each.jobId !== ticket.jobId
      );
      await this._state.save(
        JOBS_KEY,
        (isRunning ? [...others, ticket] : others).map(each => ({ ...each }))
      );
    } catch {
      // A job that is not found again after a reload still does its work.
    }
  }
}
