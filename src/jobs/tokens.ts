import type { Problem } from '../servers/tokens';

/** Agreements that an installation may need (`needs-consent`). */
export type Consent = 'system' | 'conda-base';

/** What can be asked of POST `jobs`: the table in docs/architecture.md. */
export type JobOrder =
  | {
      readonly kind: 'create-environment';
      readonly name?: string;
      readonly folder?: string;
      readonly python?: string;
      readonly mlflow?: string;
      readonly packages?: ReadonlyArray<string>;
      readonly requirements?: string;
      readonly kernel?: { readonly display_name?: string };
    }
  | {
      readonly kind: 'install';
      readonly kernel_id?: string;
      readonly executable?: string;
      readonly packages: ReadonlyArray<string>;
      readonly consent?: ReadonlyArray<Consent>;
      readonly reinstall?: boolean;
    }
  | {
      readonly kind: 'register-kernel';
      readonly executable: string;
      readonly consent?: ReadonlyArray<Consent>;
    }
  | {
      readonly kind: 'repair-kernel';
      readonly kernel_name: string;
      readonly executable?: string;
      readonly consent?: ReadonlyArray<Consent>;
    }
  | {
      readonly kind: 'remove-kernel';
      readonly kernel_name: string;
      readonly resource_dir?: string;
    }
  | { readonly kind: 'remove-environment'; readonly prefix: string }
  | {
      readonly kind: 'check-imports';
      readonly kernel_id: string;
      readonly module?: string;
      /** Nobody has asked for it: it gives way to an installation. */
      readonly background?: boolean;
    };

/** Work that the Jupyter server does for us, in the words of docs/architecture.md. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly step: string;
  readonly steps: ReadonlyArray<string>;
  readonly problem: Problem | null;
  readonly result: Readonly<Record<string, unknown>> | null;
}

/** A piece of a job's output; `next_offset` is where to go on. */
export interface JobLog {
  readonly text: string;
  readonly next_offset: number;
  readonly done: boolean;
}

/** How a job stands, for a view. Replaced, never mutated. */
export interface JobProgress {
  /** `idle`: there is no job. */
  readonly phase:
    'idle' | 'beginning' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly steps: ReadonlyArray<string>;
  readonly step: string;
  /** The output so far, its beginning cut off where it is long. */
  readonly log: string;
  /** Why it failed; while it runs, why it cannot be asked just now. */
  readonly problem: Problem | null;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly isCancelling: boolean;
}
