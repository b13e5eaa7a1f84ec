import type { DoctorInput, Finding } from '../tokens';
import { withCommands } from './by-hand';
import { __, finding, knownOf, line, mlflowVersion } from './finding';
import { missing } from './missing';
import { parentOf } from './paths';
import { within } from './reach';
import { remediesForMlflow } from './remedies';

/** What shells say when they do not find `mlflow`: bash, dash, zsh, fish, cmd, PowerShell. */
const NOT_FOUND: ReadonlyArray<RegExp> = [
  /^(?:.*: )?mlflow: (?:command )?not found\s*$/m,
  /^.*command not found: mlflow\s*$/m,
  /^fish: Unknown command: mlflow\b/m,
  /^'mlflow' is not recognized as an internal or external command/m,
  /^(?:mlflow|.*: ).*The term 'mlflow' is not recognized\b/m
];
/** Longer output is of something else. */
const MOST_CHARACTERS = 4000;

/** What the text of an output means, such as that of `!mlflow ui`; null where it is nothing of ours. */
export function diagnoseOutput(
  text: string,
  input: DoctorInput
): Finding | null {
  const found = ofText(text, input);
  return found && within(withCommands(found), input);
}

function ofText(text: string, input: DoctorInput): Finding | null {
  const end = text.slice(-MOST_CHARACTERS);
  const said = NOT_FOUND.map(pattern => pattern.exec(end)?.[0].trim()).find(
    found => found !== undefined
  );
  if (said === undefined) {
    return null;
  }
  const known = knownOf(input);
  const why = known === null ? null : missing(known);
  if (why !== null) {
    return { ...why, evidence: [said, ...why.evidence] };
  }
  const version =
    known?.facts.mlflow.spec === 'module' ? mlflowVersion(known.facts) : null;
  if (known === null || version === null) {
    return finding(
      'command-not-found',
      'error',
      __('The shell of this kernel does not find the command “mlflow”.'),
      [said],
      remediesForMlflow(input)
    );
  }
  return finding(
    'command-not-found',
    'error',
    __(
      'The shell does not find the command “mlflow”, although this kernel has MLflow %1: write “!{sys.executable} -m mlflow” after “import sys”.',
      version
    ),
    [
      said,
      line('sys.executable', known.facts.executable),
      line('its folder', parentOf(known.facts.executable))
    ],
    [{ kind: 'open-terminal' }]
  );
}
