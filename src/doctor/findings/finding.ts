import type { KernelFacts, KernelReport } from '../../kernel/report';
import type { DoctorInput, Finding, Remedy, Severity } from '../tokens';
import type { FindingId } from './ids';

/** What a rule is given: the kernel has answered, and runs where Python's environments are folders. */
export interface Known {
  readonly facts: KernelFacts;
  readonly report: KernelReport;
  readonly input: DoctorInput;
}

/** Says what is certainly so, or nothing. */
export type Rule = (known: Known) => Finding | null;

/** A template of the translator with its arguments; named as its method is, so that the texts are found for translation. */
export function __(
  template: string,
  ...args: string[]
): readonly [string, ...string[]] {
  return [template, ...args];
}

/** @param evidence - lines; those that are null are left out. */
export function finding(
  id: FindingId,
  severity: Severity,
  message: readonly [string, ...string[]],
  evidence: ReadonlyArray<string | null>,
  remedies: ReadonlyArray<Remedy | null>
): Finding {
  return {
    id,
    severity,
    message,
    evidence: evidence.filter(line => line !== null),
    remedies: remedies.filter(each => each !== null)
  };
}

/** Null where nothing is known for certain: no answer, an old one, or Python in the browser. */
export function knownOf(input: DoctorInput): Known | null {
  const { report, facts } = input;
  return report !== null &&
    report.state === 'known' &&
    facts !== null &&
    !['emscripten', 'wasi'].includes(facts.platform)
    ? { facts, report, input }
    : null;
}

/** A line of evidence, or null where the value is not known. */
export function line(name: string, value: string | null): string | null {
  return value === null || value === '' ? null : `${name}: ${value}`;
}

/** Version of the distribution that owns what `import mlflow` finds; null where that is not known. */
export function mlflowVersion(facts: KernelFacts): string | null {
  const { distributions } = facts.mlflow;
  const owner =
    distributions.find(({ name }) => name === 'mlflow') ?? distributions.at(0);
  return owner?.version ?? null;
}
