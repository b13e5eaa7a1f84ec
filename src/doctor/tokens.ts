import type { ImportCheck, KernelFacts, KernelReport } from '../kernel/report';
import type { TrackingServer } from '../servers/tokens';

/**
 * - `error`: work cannot go on (`import mlflow` fails).
 * - `warning`: work goes on, and will not do what the person expects.
 * - `info`: worth knowing.
 */
export type Severity = 'error' | 'warning' | 'info';

/** What can be done about a finding. The view knows the words; the data are all that doing it needs. */
export type Remedy =
  | { readonly kind: 'switch-kernel'; readonly kernelName: string | null }
  | {
      readonly kind: 'install';
      /** Requirements such as `mlflow==3.1.0`. */
      readonly packages: ReadonlyArray<string>;
      /** Even if the metadata say that they are there. */
      readonly reinstall?: boolean;
      /** What is to be importable afterwards; MLflow if not given. */
      readonly module?: string;
    }
  | {
      readonly kind: 'create-environment';
      /** Prefilled; null is the newest. */
      readonly mlflow: string | null;
      readonly packages: ReadonlyArray<string>;
    }
  /** The person is asked which package brings the module. */
  | { readonly kind: 'install-named'; readonly module: string }
  | { readonly kind: 'register-kernel'; readonly executable: string }
  | { readonly kind: 'repair-kernel'; readonly kernelName: string }
  | { readonly kind: 'remove-kernel'; readonly kernelName: string }
  | {
      readonly kind: 'use-panel-server';
      readonly serverId: string;
      /** As the panel calls it. */
      readonly name: string;
    }
  /** What was remembered with the former. */
  | { readonly kind: 'forget-server' }
  | {
      readonly kind: 'show-server';
      /** A known server, or a store that can be added. */
      readonly serverId: string | null;
      readonly uri: string | null;
      /** As the person knows it, such as `./mlruns`. */
      readonly label: string;
    }
  | { readonly kind: 'restart-kernel' }
  | { readonly kind: 'end-run'; readonly runId: string }
  | {
      readonly kind: 'rename-file';
      readonly path: string;
      /** From Jupyter's root; null where Jupyter does not reach it. */
      readonly contentsPath: string | null;
    }
  | { readonly kind: 'open-terminal' }
  | {
      readonly kind: 'show-commands';
      readonly of: Remedy;
      /** What would help as well, the best first. */
      readonly others?: ReadonlyArray<Remedy>;
    }
  | { readonly kind: 'check-thoroughly' };

/** Something that is certainly so, what it means, and what helps. */
export interface Finding {
  /** A word of docs/doctor.md. */
  readonly id: string;
  readonly severity: Severity;
  /** One sentence for the person: a template of the translator, with its arguments. */
  readonly message: readonly [string, ...string[]];
  /** What was seen, each a line that can be checked: "sys.prefix: /home/…". */
  readonly evidence: ReadonlyArray<string>;
  /** The best first. */
  readonly remedies: ReadonlyArray<Remedy>;
}

/** An exception that a cell raised in this session. */
export interface CellError {
  readonly name: string;
  readonly value: string;
  readonly traceback: ReadonlyArray<string>;
}

/** A kernelspec as GET `environments` describes it. */
export interface KernelspecFacts {
  readonly name: string;
  readonly displayName: string;
  readonly language: string;
  readonly argv: ReadonlyArray<string>;
  readonly resourceDir: string;
  readonly executable: string | null;
  readonly prefix: string | null;
  readonly problem: string | null;
  readonly mlflow: string | null;
  readonly python: string | null;
}

/** Everything that findings are made of. Null is "not known", which is never evidence. */
export interface DoctorInput {
  readonly report: KernelReport | null;
  readonly facts: KernelFacts | null;
  readonly kernelspecs: ReadonlyArray<KernelspecFacts> | null;
  /** Of the kernelspec that a notebook without a living kernel names. */
  readonly kernelName?: string | null;
  /** The panel's server, and what version it says it is. */
  readonly server: TrackingServer | null;
  readonly serverVersion: string | null;
  /** Those of other servers that are in the list, by id, as far as they are known. */
  readonly versions?: Readonly<Record<string, string>>;
  /** False: the person wants no kernel to be led to that server. */
  readonly mayConnect?: boolean;
  /** Whether that server has refused a request for want of a login. */
  readonly serverNeedsLogin?: boolean | null;
  /** The last thorough check of this process of the kernel, if one was made and still holds. */
  readonly imported: Pick<ImportCheck, 'ok' | 'error'> | null;
}
