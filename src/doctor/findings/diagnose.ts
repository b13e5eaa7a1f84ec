import type { KernelEnvironment } from '../../kernel/tokens';
import type { DoctorInput, Finding, Severity } from '../tokens';
import { knownOf, type Rule } from './finding';
import { withCommands } from './by-hand';
import { within } from './reach';
import { changedAfterImport, conflict, dependencyBroken } from './imports';
import { barePython, cannotStart, sameName, stale } from './kernelspecs';
import { credentialsMissing, logsElsewhere, versionSkew } from './logging';
import { missing, shadowed } from './missing';
import { installedTwice, pathLeak, skinny } from './places';
import {
  condaStacked,
  environmentVariableLies,
  kernelRemote,
  pipGoesElsewhere
} from './surroundings';

/** Among findings of one severity, the earlier is shown first. */
const RULES: ReadonlyArray<Rule> = [
  missing,
  shadowed,
  dependencyBroken,
  conflict,
  changedAfterImport,
  credentialsMissing,
  logsElsewhere,
  versionSkew,
  barePython,
  sameName,
  stale,
  skinny,
  installedTwice,
  pathLeak,
  kernelRemote,
  environmentVariableLies,
  condaStacked,
  pipGoesElsewhere
];

const ORDER: ReadonlyArray<Severity> = ['error', 'warning', 'info'];

/** Everything that is certainly so, the worst first. Says nothing of a kernel that has not answered. */
export function diagnose(input: DoctorInput): Finding[] {
  const known = knownOf(input);
  const found =
    known === null ? [cannotStart(input)] : RULES.map(rule => rule(known));
  return found
    .filter(each => each !== null)
    .map(each => within(withCommands(each), input))
    .sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

/**
 * What findings are made of: what the kernel says counts while it is known, and its kernelspec while there is no kernel.
 *
 * @param rest.kernelName - of the kernelspec that the notebook names.
 */
export function inputOf(
  environment: KernelEnvironment,
  rest: Omit<DoctorInput, 'report' | 'facts'>
): DoctorInput {
  const { state, reason } = environment;
  const report = state === 'known' ? environment.report : null;
  const isWithoutKernel = state === 'none' || reason === 'dead';
  return {
    ...rest,
    kernelName: isWithoutKernel ? (rest.kernelName ?? null) : null,
    report,
    facts: report?.facts ?? null
  };
}
