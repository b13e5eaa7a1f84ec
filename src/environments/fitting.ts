import type { Interpreter, Kernelspec } from './api';

function folderOf(path: string): string {
  return path.replace(/[\\/][^\\/]*$/, '');
}

function isWithin(path: string, folder: string): boolean {
  return path.startsWith(folder) && /[\\/]/.test(path.charAt(folder.length));
}

/** The newest first; what is no release counts as the oldest. */
function byVersion(a: string | null, b: string | null): number {
  return (b ?? '').localeCompare(a ?? '', undefined, { numeric: true });
}

/** Whether a kernel can run in it, perhaps after ipykernel has been installed there. */
export function canRunKernels(interpreter: Interpreter): boolean {
  return (
    interpreter.problem === null &&
    interpreter.python !== null &&
    (interpreter.ipykernel !== null || canInstall(interpreter))
  );
}

/** Whether packages can be installed into it; a shared one asks before. */
export function canInstall(interpreter: Interpreter): boolean {
  return (
    interpreter.problem === null &&
    interpreter.writable &&
    !interpreter.externally_managed
  );
}

/** Whether a kernelspec means this interpreter, although it may not start it. */
function isMeant(spec: Kernelspec, { executable, prefix }: Interpreter) {
  return spec.problem === 'bare-python' || spec.executable === null
    ? isWithin(spec.resource_dir, prefix)
    : spec.executable === executable ||
        folderOf(folderOf(spec.executable)) === prefix;
}

/** Interpreters that a kernelspec can be made to start: the one that it means, then those with MLflow, each the newest first. */
export function interpretersFor(
  spec: Kernelspec,
  all: ReadonlyArray<Interpreter>
): ReadonlyArray<Interpreter> {
  const rank = (each: Interpreter): number =>
    isMeant(spec, each)
      ? 0
      : each.mlflow !== null
        ? 1
        : each.ipykernel !== null
          ? 2
          : 3;
  return all
    .filter(canRunKernels)
    .sort(
      (a, b) =>
        rank(a) - rank(b) ||
        byVersion(a.mlflow, b.mlflow) ||
        byVersion(a.python, b.python)
    );
}
