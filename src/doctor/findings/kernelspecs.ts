import type { DoctorInput, Finding, KernelspecFacts } from '../tokens';
import { __, finding, type Known, line } from './finding';
import { isWithin } from './paths';
import { areTwo } from './places';
import { bestKernel } from './remedies';

function evidenceOf(spec: KernelspecFacts): ReadonlyArray<string | null> {
  return [
    line('kernelspec', spec.resourceDir),
    line('argv[0]', spec.argv.at(0) ?? null)
  ];
}

/** A kernel cannot start by the kernelspec that the notebook names. */
export function cannotStart(input: DoctorInput): Finding | null {
  const { kernelspecs, kernelName, report } = input;
  const spec =
    report === null && kernelName
      ? kernelspecs?.find(
          ({ name, problem }) => name === kernelName && problem !== 'shadowed'
        )
      : undefined;
  const other = bestKernel(input);
  if (!spec || other?.name === spec.name) {
    return null;
  }
  const change = other
    ? ({ kind: 'switch-kernel', kernelName: other.name } as const)
    : null;
  const repair = { kind: 'repair-kernel', kernelName: spec.name } as const;
  switch (spec.problem) {
    case 'stale':
      return finding(
        'stale-kernelspec',
        'error',
        __(
          'The kernel “%1” cannot start: its interpreter is no longer there.',
          spec.displayName
        ),
        evidenceOf(spec),
        [change, repair, { kind: 'remove-kernel', kernelName: spec.name }]
      );
    case 'no-ipykernel':
      return finding(
        'kernel-without-ipykernel',
        'error',
        __(
          'The kernel “%1” cannot start: its environment lacks the package ipykernel.',
          spec.displayName
        ),
        [...evidenceOf(spec), line('prefix', spec.prefix)],
        [repair, change]
      );
    case 'broken-json':
      return finding(
        'broken-kernelspec',
        'error',
        __(
          'The kernel “%1” cannot start: its kernel.json cannot be read.',
          spec.displayName
        ),
        evidenceOf(spec),
        [change, repair, { kind: 'remove-kernel', kernelName: spec.name }]
      );
    default:
      return null;
  }
}

/** The interpreter of a running kernel has been removed: it will not start again. */
export function stale({ input, report }: Known): Finding | null {
  const spec = specOf({ input, report });
  return spec?.problem === 'stale' && report.reach === 'local'
    ? finding(
        'stale-kernelspec',
        'warning',
        __(
          'The kernel “%1” will not start again: its interpreter is no longer there.',
          spec.displayName
        ),
        evidenceOf(spec),
        [{ kind: 'repair-kernel', kernelName: spec.name }]
      )
    : null;
}

/** `python` in argv is Jupyter's own interpreter, wherever the kernelspec stands. */
export function barePython({ facts, input, report }: Known): Finding | null {
  const spec = report.kernelspec;
  const program = spec?.argv.at(0) ?? '';
  const lacksMlflow =
    facts.mlflow.spec === 'none' || facts.mlflow.spec === 'namespace';
  if (
    spec === null ||
    report.reach !== 'local' ||
    !lacksMlflow ||
    !/^python(3(\.\d+)?)?(\.exe)?$/.test(program) ||
    // The kernelspec that comes with ipykernel stands in the environment that it starts.
    spec.name === 'python3' ||
    isWithin(spec.resource_dir, facts.prefix) ||
    isWithin(spec.resource_dir, facts.base_prefix)
  ) {
    return null;
  }
  const listed = specOf({ input, report });
  return finding(
    'bare-python',
    'warning',
    __(
      'The kernel “%1” says just “%2”, which starts Jupyter’s own interpreter, not that of an environment.',
      spec.display_name,
      program
    ),
    [
      line('kernelspec', spec.resource_dir),
      line('argv[0]', program),
      line('sys.executable', facts.executable)
    ],
    [
      { kind: 'repair-kernel', kernelName: listed?.name ?? spec.name },
      switchTo(input)
    ]
  );
}

/** Another kernelspec of the same name is hidden by this kernel's, and belongs to another environment. */
export function sameName({ facts, input, report }: Known): Finding | null {
  const hidden = (input.kernelspecs ?? []).find(
    ({ name, problem, prefix }) =>
      name === report.name &&
      problem === 'shadowed' &&
      areTwo(prefix, facts.prefix)
  );
  if (!hidden || report.reach !== 'local') {
    return null;
  }
  const lacksMlflow =
    facts.mlflow.spec === 'none' || facts.mlflow.spec === 'namespace';
  const isMeant = lacksMlflow && hidden.mlflow !== null;
  return finding(
    'same-name-kernelspec',
    isMeant ? 'warning' : 'info',
    isMeant
      ? __(
          'Two kernels are called “%1”: this one hides the other, which has MLflow %2.',
          report.name,
          hidden.mlflow ?? ''
        )
      : __(
          'Two kernels are called “%1”: this one hides the other, which runs in “%2”.',
          report.name,
          hidden.prefix ?? ''
        ),
    [
      line('used', report.kernelspec?.resource_dir ?? null),
      line('hidden', hidden.resourceDir),
      line('sys.prefix', facts.prefix),
      line('prefix of the hidden one', hidden.prefix)
    ],
    [
      hidden.executable
        ? { kind: 'register-kernel', executable: hidden.executable }
        : null
    ]
  );
}

function switchTo(input: DoctorInput) {
  const other = bestKernel(input);
  return other
    ? ({ kind: 'switch-kernel', kernelName: other.name } as const)
    : null;
}

/** The kernelspec that this kernel was started from, as the list of kernelspecs has it now. */
function specOf({
  input,
  report
}: Pick<Known, 'input' | 'report'>): KernelspecFacts | null {
  return (
    input.kernelspecs?.find(
      ({ name, problem, resourceDir }) =>
        name === report.name &&
        problem !== 'shadowed' &&
        report.kernelspec?.resource_dir === resourceDir
    ) ?? null
  );
}
