import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import type { ITransport } from '../mlflow';

/** Something that is wrong, as the Jupyter server says it: what happened, and what to do. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** The end of a log, when there is one. */
  readonly log: string | null;
}

/** Where a server in the list comes from. */
export type ServerOrigin = 'config' | 'environment' | 'user';

/** A tracking server as the Jupyter server describes it: never with credentials. */
export interface TrackingServer {
  readonly id: string;
  readonly name: string;
  readonly origin: ServerOrigin;
  /** `local`: started by Jupyter over a store. */
  readonly kind: 'remote' | 'local';
  /** Address or store URI, credentials removed. */
  readonly uri: string;
  /** Address of MLflow's own page for this browser, or null. */
  readonly page: string | null;
  /** Of a local server's process; a remote one is always `ready`. */
  readonly state: 'stopped' | 'starting' | 'ready' | 'failed';
  readonly problem: Problem | null;
  readonly removable: boolean;
  /** Milliseconds between polls, at least. */
  readonly minPollInterval: number;
  /** Where a local server keeps runs and files; null for remote ones. */
  readonly store: { readonly runs: string; readonly artifacts: string } | null;
}

/** A tracking server or store that was found and can be used with one click. */
export interface ServerSuggestion {
  readonly id: string;
  readonly kind: 'start-here' | 'mlruns' | 'mlflow-db' | 'loopback';
  /** What to POST as `uri` to use it. */
  readonly uri: string;
  /** Path or address as a person reads it. */
  readonly label: string;
  /** MLflow version where known (a loopback server's). */
  readonly version: string | null;
  /** A job must first make an environment with MLflow. */
  readonly needsEnvironment: boolean;
}

export type HealthState =
  'unknown' | 'connecting' | 'connected' | 'starting' | 'failed' | 'signed-out';

/** How the current server answers. */
export interface Health {
  readonly state: HealthState;
  readonly version: string | null;
  /** Milliseconds of the last probe. */
  readonly latency: number | null;
  readonly problem: Problem | null;
  /** When it last answered, milliseconds since the epoch. */
  readonly lastAnswer: number | null;
}

/** What a person gives to add a server. */
export interface NewServer {
  readonly name?: string;
  readonly uri: string;
  readonly auth?:
    | {
        readonly kind: 'basic';
        readonly username: string;
        readonly password: string;
      }
    | { readonly kind: 'token'; readonly token: string };
  /** Path of a CA bundle on the Jupyter server's machine. */
  readonly ca?: string;
  readonly workspace?: string;
}

/** What of an added server can be changed; address and workspace are what it is, and cannot. */
export interface ServerChange {
  readonly name?: string;
  /** Null forgets the credentials. */
  readonly auth?: NewServer['auth'] | null;
  /** Null forgets the CA bundle. */
  readonly ca?: string | null;
}

/** What the administrator allows here. */
export interface ServerFeatures {
  /** Jupyter may start tracking servers over stores. */
  readonly localServers: boolean;
  /** Jupyter may make environments. */
  readonly jobs: boolean;
  /** A person may add servers. */
  readonly addServers: boolean;
}

/** What the cache and the servers tell each other. */
export interface QueryHooks {
  /** To be told of every failed query. */
  readonly onError: (reason: unknown, key: QueryKey) => void;
  /** Somebody came to look at this browser tab, or has left it. */
  readonly presenceChanged: ISignal<unknown, boolean>;
}

/**
 * The tracking servers this Jupyter server knows, which one is current, and how it is.
 * Asks nothing of anyone before `activate()`, which the panel calls when it is first shown.
 */
export interface ITrackingServers extends IDisposable {
  readonly servers: ReadonlyArray<TrackingServer>;
  readonly suggestions: ReadonlyArray<ServerSuggestion>;
  readonly current: TrackingServer | null;
  readonly health: Health;
  /** True until the first list has come. */
  readonly isLoading: boolean;
  /** Why the list itself could not be read. */
  readonly error: Problem | null;
  readonly features: ServerFeatures;
  /** Absolute path of Jupyter's root folder; null until it is known. */
  readonly rootDir: string | null;
  /** Anything above changed. */
  readonly changed: ISignal<ITrackingServers, void>;
  /** The current server is another one. */
  readonly currentChanged: ISignal<ITrackingServers, TrackingServer | null>;
  /** One cache for every view; keys begin with the server's id. Null until somebody asks for it, by `queriesOf`. */
  readonly queryClient: QueryClient | null;
  /** For `queriesOf`: has the cache made, and keeps it. */
  takeQueryClient(make: (hooks: QueryHooks) => QueryClient): QueryClient;

  /** Reads the list, once: called when a view is first shown. */
  activate(): void;
  readonly isActivated: boolean;
  /** Counts visible views; nothing is polled while there are none. Dispose to leave. */
  watch(): IDisposable;
  /** Reads the list again, looks around for stores and servers, and asks the current server how it is. */
  refresh(): Promise<void>;
  /** Asks the current server now how it is. */
  probe(): void;
  select(id: string): void;
  /** Adds a server and makes it the current one. @throws ApiError; nothing is kept then. */
  add(server: NewServer): Promise<TrackingServer>;
  /** @throws ApiError; nothing is changed then. */
  update(id: string, change: ServerChange): Promise<TrackingServer>;
  remove(id: string): Promise<void>;
  start(id: string, options?: { migrate?: boolean }): Promise<void>;
  stop(id: string): Promise<void>;
  /** How requests reach a server; the same object for the same id. `clientOf` makes the client of it. */
  transport(serverId: string): ITransport;
  /**
   * Milliseconds until a live view asks again, from how long its last answer took; false while nobody looks and
   * while the server is known not to answer (its recovery makes every view ask again).
   * For TanStack Query's `refetchInterval`: the same for the same answer.
   *
   * @param isOwn - what is looked at is made here and now, by a kernel of this Jupyter: asked each second wherever it lives.
   */
  pollInterval(
    serverId: string,
    lastAnswerMs: number,
    isOwn?: boolean
  ): number | false;
}

export const ITrackingServers = new Token<ITrackingServers>(
  'jupyter-mlflow:ITrackingServers',
  'The MLflow tracking servers that are known, and the current one.'
);
