import * as v from 'valibot';
import { RouteClient } from '../servers/request';
import {
  executionSchema,
  executionsSchema,
  outputsSchema,
  recordingSchema,
  rulesSchema,
  sendingSchema,
  wordsSchema,
  type Execution,
  type Outcome,
  type Outputs,
  type Recording,
  type Rules,
  type Send,
  type Sending,
  type Target
} from './answers';

/** For whom an answer to the two questions holds. */
export type Scope = 'notebook' | 'folder' | 'personal';

/** An answer to the two questions. */
export interface Rule {
  readonly keep: boolean;
  readonly send: Send;
  readonly target: Target | null;
}

/** Which rule of a person's. */
export type WhichRule =
  | { readonly scope: 'personal' }
  | { readonly scope: 'folder'; readonly folder: string }
  | { readonly scope: 'notebook'; readonly id: string };

/** Which executions of a notebook. */
export interface HistoryQuery {
  readonly path: string;
  readonly status?: Outcome;
  /** In the code, letters of either case. */
  readonly text?: string;
  readonly cell?: string;
  /** 500 at most. */
  readonly limit?: number;
}

/** What a deletion is about. */
export type Forgotten =
  | { readonly id: string }
  | { readonly path: string; readonly cell?: string }
  | { readonly all: '1' };

/** What is to become of what was refused; without `ids` of all of a notebook. */
export type Settlement =
  | { readonly do: 'resend' | 'drop'; readonly ids?: ReadonlyArray<string> }
  | {
      readonly do: 'redirect';
      readonly ids?: ReadonlyArray<string>;
      readonly target: Target;
      /** What the notebook runs from now on goes there, too. */
      readonly later: boolean;
    };

const anything = v.unknown();

/** The routes of the server extension about recording (docs/architecture.md). */
export class RecorderApi extends RouteClient {
  recording(path: string, signal?: AbortSignal): Promise<Recording> {
    return this.request(
      recordingSchema,
      'GET',
      `recording?${search({ path })}`,
      { signal }
    );
  }

  /** Answers the two questions, for a notebook, the folder that it is in, or everything of this person. */
  setRule(path: string, scope: Scope, rule: Rule): Promise<Recording> {
    return this.request(recordingSchema, 'PUT', 'recording', {
      body: { path, scope, ...rule }
    });
  }

  /** Takes a rule away: what is wider holds again. */
  forgetRule(path: string, scope: Scope): Promise<Recording> {
    return this.request(recordingSchema, 'PUT', 'recording', {
      body: { path, scope, forget: true }
    });
  }

  /** All rules of this person. */
  rules(signal?: AbortSignal): Promise<Rules> {
    return this.request(rulesSchema, 'GET', 'recording/rules', { signal });
  }

  /** Makes another rule of it; null takes it away. */
  changeRule(which: WhichRule, rule: Rule | null): Promise<Rules> {
    return this.request(rulesSchema, 'PUT', 'recording/rules', {
      body: { ...which, rule }
    });
  }

  /** How much history is kept. @param path - of any notebook. */
  setRetention(
    path: string,
    retention: { days?: number; bytes?: number }
  ): Promise<Recording> {
    return this.request(recordingSchema, 'PATCH', 'recording', {
      body: { path, retention }
    });
  }

  /** What is masked beside what looks like a secret. */
  async secretWords(signal?: AbortSignal): Promise<ReadonlyArray<string>> {
    const { secret_words } = await this.request(
      wordsSchema,
      'GET',
      'preferences',
      { signal }
    );
    return secret_words;
  }

  /** @throws ApiError `invalid-request` for a word that would mask everything. */
  async setSecretWords(
    words: ReadonlyArray<string>
  ): Promise<ReadonlyArray<string>> {
    const { secret_words } = await this.request(
      wordsSchema,
      'PATCH',
      'preferences',
      { body: { secret_words: words } }
    );
    return secret_words;
  }

  /** At once, also in the midst of a cell. */
  setPaused(path: string, paused: boolean): Promise<Recording> {
    return this.request(recordingSchema, 'PATCH', 'recording', {
      body: { path, paused }
    });
  }

  /** The person has answered the one offer. */
  setOffered(path: string): Promise<Recording> {
    return this.request(recordingSchema, 'PATCH', 'recording', {
      body: { path, offered: true }
    });
  }

  /** Says which notebook this page's session with a kernel is for: two notebooks may share a kernel. */
  async tellClient(
    kernel_id: string,
    session: string,
    path: string
  ): Promise<void> {
    await this.request(anything, 'POST', 'recording/clients', {
      body: { kernel_id, session, path }
    });
  }

  /** A page of executions, the newest first. @param before - `next` of the page before. */
  executions(
    query: HistoryQuery,
    before: string | null,
    signal?: AbortSignal
  ): Promise<{ executions: Execution[]; next: string | null }> {
    return this.request(
      executionsSchema,
      'GET',
      `executions?${search({ ...query, before: before ?? undefined })}`,
      { signal }
    );
  }

  /** @throws ApiError `unknown-execution` for one that is not kept (any more). */
  execution(id: string, signal?: AbortSignal): Promise<Execution> {
    return this.request(
      executionSchema,
      'GET',
      `executions/${encodeURIComponent(id)}`,
      { signal }
    );
  }

  outputs(id: string, signal?: AbortSignal): Promise<Outputs> {
    return this.request(
      outputsSchema,
      'GET',
      `executions/${encodeURIComponent(id)}/outputs`,
      { signal }
    );
  }

  /** What would be sent to MLflow of an execution, exactly. */
  preview(id: string, signal?: AbortSignal): Promise<unknown> {
    return this.request(
      anything,
      'GET',
      `executions/${encodeURIComponent(id)}/preview`,
      { signal }
    );
  }

  /** Forgets executions; how many. */
  async forget(what: Forgotten): Promise<number> {
    const { deleted } = await this.request(
      v.object({ deleted: v.number() }),
      'DELETE',
      `executions?${search({ ...what })}`
    );
    return deleted;
  }

  /** What of a notebook has not been sent yet, and what MLflow has refused for good. */
  sending(path: string, signal?: AbortSignal): Promise<Sending> {
    return this.request(sendingSchema, 'GET', `sending?${search({ path })}`, {
      signal
    });
  }

  /** What is to become of what was refused of a notebook, or whose artifacts are here; of how many it was done. */
  async settleAll(path: string, what: Settlement): Promise<number> {
    const { settled } = await this.request(
      v.object({ settled: v.number() }),
      'POST',
      'sending',
      { body: { path, ...what } }
    );
    return settled;
  }
}

function search(of: Record<string, string | number | undefined>): string {
  const known = Object.entries(of).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]]
  );
  return new URLSearchParams(known).toString();
}
