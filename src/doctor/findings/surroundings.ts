import type { KernelFacts } from '../../kernel/report';
import type { Finding, Remedy } from '../tokens';
import { __, finding, type Known, line } from './finding';
import { interpreterOf, isSamePath, prefixOfProgram } from './paths';
import { areTwo } from './places';
import { mlflowRequirements } from './remedies';

/** VIRTUAL_ENV names an environment that is not the kernel's: it was inherited from the Jupyter server. */
export function environmentVariableLies({
  facts,
  report
}: Known): Finding | null {
  const named = facts.env.VIRTUAL_ENV;
  if (!areTwo(named, facts.prefix)) {
    return null;
  }
  return finding(
    'environment-variable-lies',
    'info',
    __(
      'The variable VIRTUAL_ENV names “%1”, but this kernel runs in “%2”.',
      named,
      facts.prefix
    ),
    [
      line('VIRTUAL_ENV', named),
      line('sys.prefix', facts.prefix),
      line('sys.executable', facts.executable)
    ],
    [
      lacksMlflow(facts) && report.reach === 'local'
        ? {
            kind: 'register-kernel',
            executable: interpreterOf(named, facts.platform)
          }
        : null
    ]
  );
}

/** A conda environment is active, and the kernel is in another environment. */
export function condaStacked({ facts, input }: Known): Finding | null {
  const named = facts.env.CONDA_PREFIX;
  if (!areTwo(named, facts.prefix)) {
    return null;
  }
  const isVenv = facts.prefix !== facts.base_prefix;
  const isOnTop = isVenv && isSamePath(facts.base_prefix, named);
  if (!isOnTop && !facts.conda) {
    return null;
  }
  return finding(
    'conda-stacked',
    'info',
    isOnTop
      ? __(
          'This kernel runs in a virtual environment on top of conda: “conda install” goes to “%1”, not to the kernel.',
          named
        )
      : __(
          'Another conda environment is active than the kernel’s: “!conda install” goes to “%1”.',
          named
        ),
    [
      line('sys.prefix', facts.prefix),
      line('sys.base_prefix', facts.base_prefix),
      line('CONDA_PREFIX', named),
      line('CONDA_DEFAULT_ENV', facts.env.CONDA_DEFAULT_ENV ?? null)
    ],
    [byPip({ facts, input })]
  );
}

/** The pip on PATH belongs to an environment that is known, and is not the kernel's. */
export function pipGoesElsewhere({ facts, input }: Known): Finding | null {
  const { pip_on_path: pip, env } = facts;
  const target = pip === null ? null : prefixOfProgram(pip);
  if (pip === null || !areTwo(target, facts.prefix)) {
    return null;
  }
  // A folder of programs alone may hold links, or pip of a user's own packages: it must be known as an environment.
  const known = [
    env.VIRTUAL_ENV,
    env.CONDA_PREFIX,
    facts.base_prefix,
    ...(input.kernelspecs ?? []).map(({ prefix }) => prefix)
  ];
  if (!known.some(each => each && isSamePath(each, target))) {
    return null;
  }
  return finding(
    'pip-goes-elsewhere',
    'info',
    __(
      '“!pip install” installs into “%1”, not into this kernel’s environment; “%pip install” does.',
      target
    ),
    [line('which pip', pip), line('sys.prefix', facts.prefix)],
    [byPip({ facts, input })]
  );
}

/** How packages come into this kernel's environment: MLflow where it is missing, whatever the person wants otherwise. */
function byPip({ facts, input }: Pick<Known, 'facts' | 'input'>): Remedy {
  return {
    kind: 'show-commands',
    of: {
      kind: 'install',
      packages: lacksMlflow(facts)
        ? mlflowRequirements(input.serverVersion)
        : []
    }
  };
}

function lacksMlflow({ mlflow }: KernelFacts): boolean {
  return mlflow.spec === 'none' || mlflow.spec === 'namespace';
}

/** The Jupyter server does not see the kernel's files. */
export function kernelRemote({ facts, report, input }: Known): Finding | null {
  return report.reach === 'local'
    ? null
    : finding(
        'kernel-remote',
        'info',
        __(
          'This kernel runs on another machine: what is installed must be installed there, from within the kernel.'
        ),
        [line('reach', report.reach), line('sys.executable', facts.executable)],
        // The way to other packages is the same; where MLflow is missing it is what helps.
        [byPip({ facts, input })]
      );
}
