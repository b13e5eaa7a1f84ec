import type { DoctorInput, Finding, Remedy } from '../tokens';

/** What acts on the machine that the Jupyter server runs on. */
const ACTS_HERE: ReadonlySet<Remedy['kind']> = new Set([
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
    : { ...found, remedies: found.remedies.flatMap(elsewhere) };
}

/** What is left of a remedy: a job installs beside Jupyter, and what is run in a cell installs beside the kernel. */
function elsewhere(remedy: Remedy): ReadonlyArray<Remedy> {
  const inner = remedy.kind === 'show-commands' ? remedy.of : remedy;
  return inner.kind === 'install'
    ? [{ kind: 'show-commands', of: inner }]
    : ACTS_HERE.has(inner.kind)
      ? []
      : [remedy];
}
