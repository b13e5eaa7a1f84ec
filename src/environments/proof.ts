import type { TranslationBundle } from '@jupyterlab/translation';
import type { Kernel } from '@jupyterlab/services';
import type { ImportCheck, KernelFacts } from '../kernel/report';
import type {
  IKernelWatch,
  KernelEnvironment,
  UnknownReason
} from '../kernel/tokens';
import type { KernelHolder } from './tokens';

/** A kernel that starts may take so long on a slow disk, milliseconds. */
const PATIENCE_MS = 60_000;
/** Reasons that pass by themselves. */
const PASSING: ReadonlySet<UnknownReason | null> = new Set([
  'busy',
  'timeout',
  'aborted',
  'restarting'
] as const);

/** Tries an import as a kernel would; null where that cannot be done. Never rejects. */
export type TryImport = (
  kernelId: string,
  module: string
) => Promise<ImportCheck | null>;

/** What the kernel said at the end of a remedy, and how the import went. */
export interface KernelAnswer {
  /** What is to be importable; null: that the kernel runs is all that was wanted. */
  readonly module: string | null;
  readonly environment: KernelEnvironment;
  /** Null: it was not tried. */
  readonly check: ImportCheck | null;
}

/** What that means. */
export interface Proof {
  /** Null: it is not known, or not so yet. */
  readonly ok: boolean | null;
  readonly message: string;
}

/** Asks the kernel, and tries the import if the kernel finds the module and the job before has not tried it. */
export async function prove(
  watch: IKernelWatch,
  module: string | null,
  tryImport: TryImport
): Promise<KernelAnswer> {
  const environment = await askAgain(watch, module);
  const { state, kernelId, report } = environment;
  const facts = state === 'known' ? (report?.facts ?? null) : null;
  const known = module === 'mlflow' ? (report?.import_check ?? null) : null;
  const check =
    known ??
    (facts !== null &&
    kernelId !== null &&
    module !== null &&
    isFound(facts, module)
      ? await tryImport(kernelId, module)
      : null);
  return { module, environment, check };
}

/** What a kernel's answer says of MLflow, or of another module that was wanted. */
export function proofOf(
  { environment, module, check }: KernelAnswer,
  trans: TranslationBundle
): Proof {
  const { state, report } = environment;
  const facts = report?.facts ?? null;
  if (state !== 'known' || facts === null) {
    return {
      ok: null,
      message: trans.__(
        'The kernel could not be asked yet; the mark in the toolbar of the notebook will tell.'
      )
    };
  }
  if (module === null) {
    return {
      ok: true,
      message: trans.__(
        'The kernel runs: Python %1, %2.',
        facts.python,
        facts.executable
      )
    };
  }
  const isMlflow = module === 'mlflow';
  if (!isFound(facts, module)) {
    return {
      ok: false,
      message: isMlflow
        ? trans.__(
            'The kernel answered that it has no MLflow (%1).',
            facts.executable
          )
        : trans.__(
            'The kernel answered that it does not find “%1” (%2).',
            module,
            facts.executable
          )
    };
  }
  if (isMlflow && isShadowed(facts)) {
    return {
      ok: false,
      message: trans.__(
        'MLflow is installed, but “import mlflow” takes “%1” for it.',
        facts.mlflow.origin ?? ''
      )
    };
  }
  if (check?.ok === false) {
    return {
      ok: false,
      message: trans.__(
        '“import %1” fails: %2: %3',
        module,
        check.error?.type ?? '',
        check.error?.message ?? ''
      )
    };
  }
  return isMlflow
    ? mlflowProof(facts, check !== null, trans)
    : {
        ok: true,
        message:
          check === null
            ? trans.__('This kernel finds “%1” now.', module)
            : trans.__('“import %1” works in this kernel.', module)
      };
}

function mlflowProof(
  facts: KernelFacts,
  isTried: boolean,
  trans: TranslationBundle
): Proof {
  const version = versionOf(facts) ?? '';
  const inUse = facts.mlflow.imported?.version ?? null;
  if (inUse !== null && inUse !== version) {
    return {
      ok: null,
      message: trans.__(
        'MLflow %1 is installed; this kernel uses %2 until it is restarted.',
        version,
        inUse
      )
    };
  }
  return {
    ok: true,
    message: isTried
      ? trans.__('MLflow %1 works in this kernel.', version)
      : trans.__(
          'This kernel has MLflow %1 now; the import was not tried.',
          version
        )
  };
}

/** Starts another kernel in place of the present one. */
export async function switchKernel(
  on: KernelHolder,
  name: string
): Promise<void> {
  const kernel: Kernel.IKernelConnection | null = await on.context.changeKernel(
    { name }
  );
  await kernel?.info;
}

/** Asks the kernel; a starting or busy one is waited for. */
async function askAgain(
  watch: IKernelWatch,
  module: string | null
): Promise<KernelEnvironment> {
  const environment = await watch.probe(
    module === null || module === 'mlflow' ? [] : [module]
  );
  return isPassing(environment) ? settled(watch) : environment;
}

function isFound(facts: KernelFacts, module: string): boolean {
  return module === 'mlflow'
    ? facts.mlflow.spec === 'module' && versionOf(facts) !== null
    : facts.modules[module] === true;
}

/** A file or folder beside the notebook is imported in the place of the installed package. */
function isShadowed({ mlflow, cwd }: KernelFacts): boolean {
  const { origin, distribution_origin: installed } = mlflow;
  const parts = (origin ?? '').split(/[\\/]/);
  return (
    origin !== null &&
    origin !== installed &&
    (parts.at(-1) === 'mlflow.py' ||
      (installed !== null &&
        parts.slice(0, -2).join('/') === cwd.split(/[\\/]/).join('/')))
  );
}

function versionOf({ mlflow }: KernelFacts): string | null {
  const { distributions } = mlflow;
  return (
    (distributions.find(each => each.name === 'mlflow') ?? distributions.at(0))
      ?.version ?? null
  );
}

function isPassing({ state, reason }: KernelEnvironment): boolean {
  return state === 'asking' || (state === 'unknown' && PASSING.has(reason));
}

function settled(watch: IKernelWatch): Promise<KernelEnvironment> {
  return new Promise(resolve => {
    const end = (): void => {
      clearTimeout(timer);
      watch.changed.disconnect(look);
      resolve(watch.environment);
    };
    const look = (): void => {
      if (!isPassing(watch.environment)) {
        end();
      }
    };
    const timer = setTimeout(end, PATIENCE_MS);
    watch.changed.connect(look);
    look();
  });
}
