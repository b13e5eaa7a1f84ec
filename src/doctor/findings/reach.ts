import type { DoctorInput, Finding, Remedy } from '../tokens';

/** What acts on the machine that the Jupyter server runs on. */
const ACTS_HERE: ReadonlySet<Remedy['kind']> = new Set([
  'install',
  'create-environment',
  'register-kernel',
  'repair-kernel',
  'remove-kernel',
  'rename-file',
  'open-terminal',
  'check-thoroughly'
] as const);

/** The finding with the remedies that reach its kernel: a kernel behind a gateway has other files than Jupyter. */
export function within(found: Finding, input: DoctorInput): Finding {
  const { report } = input;
  return report === null || report.reach === 'local'
    ? found
    : {
        ...found,
        remedies: found.remedies.filter(({ kind }) => !ACTS_HERE.has(kind))
      };
}
