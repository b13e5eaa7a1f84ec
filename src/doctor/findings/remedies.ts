import type { KernelFacts } from '../../kernel/report';
import type { DoctorInput, KernelspecFacts, Remedy } from '../tokens';
import { boundsFor, pythonsFor } from './conflict-table';
import { isSamePath } from './paths';
import { compareReleases, isBetween, majorOf, releaseOf } from './versions';

/** What to install to have MLflow: the tracking server's version where that is known and a release, the newest otherwise. */
export function mlflowRequirements(
  version: string | null
): ReadonlyArray<string> {
  return releaseOf(version) === null
    ? ['mlflow']
    : [`mlflow==${version}`, ...boundsFor(version)];
}

/** The best kernel that is known to have MLflow: of the server's major version, and the newest of those. */
export function bestKernel(input: DoctorInput): KernelspecFacts | null {
  const wanted = majorOf(input.serverVersion);
  let best: { spec: KernelspecFacts; merit: number[] } | null = null;
  for (const spec of input.kernelspecs ?? []) {
    if (isCandidate(spec, input)) {
      const fits = wanted !== null && majorOf(spec.mlflow) === wanted;
      const merit = [fits ? 1 : 0, ...(releaseOf(spec.mlflow) ?? [])];
      const difference = best ? compareReleases(merit, best.merit) : 1;
      if (
        best === null ||
        difference > 0 ||
        (difference === 0 && spec.name < best.spec.name)
      ) {
        best = { spec, merit };
      }
    }
  }
  return best?.spec ?? null;
}

/** Whether it is another kernel than the present one, and known to have MLflow. */
function isCandidate(spec: KernelspecFacts, input: DoctorInput): boolean {
  const { facts, report } = input;
  return (
    spec.mlflow !== null &&
    spec.problem === null &&
    spec.language.toLowerCase() === 'python' &&
    spec.name !== report?.name &&
    !(
      facts !== null &&
      spec.prefix !== null &&
      isSamePath(spec.prefix, facts.prefix)
    )
  );
}

/** Whether packages can be installed beside this kernel without harm to something that is not its own. */
function canInstall(facts: KernelFacts, requirement: string): boolean {
  // Wheels of packages of that time do not exist for these Pythons.
  const [name, version] = requirement.split('==');
  const pythons = name === 'mlflow' ? pythonsFor(version ?? null) : null;
  const fits = pythons === null || isBetween(facts.python, ...pythons);
  return facts.writable && !facts.externally_managed && fits;
}

/** What helps where packages are missing, the best first. */
export function remediesForPackages(
  input: DoctorInput,
  packages: ReadonlyArray<string>,
  options: { reinstall?: boolean; mlflow?: boolean; module?: string } = {}
): ReadonlyArray<Remedy> {
  const { facts, report, serverVersion } = input;
  const install: Remedy = {
    kind: 'install',
    packages,
    ...(options.module !== undefined && { module: options.module }),
    ...(options.reinstall && { reinstall: true })
  };
  if (report !== null && report.reach !== 'local') {
    // Jobs run beside the Jupyter server: elsewhere only what is typed into the kernel helps.
    return [{ kind: 'show-commands', of: install }];
  }
  const create: Remedy = {
    kind: 'create-environment',
    mlflow: releaseOf(serverVersion) === null ? null : serverVersion,
    packages: options.mlflow ? [] : packages
  };
  return facts !== null && report !== null && canInstall(facts, packages[0])
    ? [install, create]
    : [create];
}

/** What helps where a module is missing and nobody knows for certain which package brings it: the person says it. */
export function remediesForUnknown(
  input: DoctorInput,
  module: string
): ReadonlyArray<Remedy> {
  const { facts, report } = input;
  const named: Remedy = { kind: 'install-named', module };
  const terminal: Remedy = { kind: 'open-terminal' };
  return facts === null || report === null
    ? [terminal]
    : report.reach !== 'local' || canInstall(facts, module)
      ? [named, terminal]
      : [{ kind: 'create-environment', mlflow: null, packages: [] }, terminal];
}

/** What helps where MLflow is missing, the best first. */
export function remediesForMlflow(
  input: DoctorInput,
  options: { reinstall?: boolean } = {}
): ReadonlyArray<Remedy> {
  const other = bestKernel(input);
  return [
    ...(other
      ? [{ kind: 'switch-kernel', kernelName: other.name } as const]
      : []),
    ...remediesForPackages(input, mlflowRequirements(input.serverVersion), {
      ...options,
      mlflow: true
    })
  ];
}
