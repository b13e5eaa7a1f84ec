import type { Finding } from '../tokens';
import { __, finding, type Known, line } from './finding';
import { isSamePath, nameOf, parentOf } from './paths';
import { bestKernel, remediesForMlflow } from './remedies';

/** What `import mlflow` would find nothing of, and why: modes of which one holds at most. */
export function missing(known: Known): Finding | null {
  const { facts } = known;
  const { spec, imported, distributions, distribution_origin } = facts.mlflow;
  if ((spec !== 'none' && spec !== 'namespace') || imported !== null) {
    return null;
  }
  if (distributions.length > 0) {
    return distribution_origin === null ? moduleGone(known) : null;
  }
  return spec === 'namespace' ? folder(known) : absent(known);
}

function absent({ facts, input, report }: Known): Finding {
  const other = bestKernel(input);
  const evidence = [
    line('sys.executable', facts.executable),
    line('sys.prefix', facts.prefix),
    'find_spec("mlflow"): None',
    line('which pip', facts.pip_on_path)
  ];
  if (other) {
    return finding(
      'wrong-kernel',
      'error',
      __(
        'MLflow is not in this kernel’s environment; the kernel “%1” has it.',
        other.displayName
      ),
      [
        ...evidence,
        line(other.name, `${other.prefix ?? ''} mlflow ${other.mlflow}`)
      ],
      remediesForMlflow(input)
    );
  }
  return finding(
    'package-missing',
    'error',
    __(
      'MLflow is not installed in the environment of this kernel, “%1”.',
      report.kernelspec?.display_name ?? report.name
    ),
    evidence,
    remediesForMlflow(input)
  );
}

function folder({ facts, input }: Known): Finding {
  const [place] = facts.mlflow.locations;
  return finding(
    'mlflow-is-a-folder',
    'error',
    __(
      'MLflow is not installed here: “import mlflow” takes the folder “%1” for it, which has nothing of MLflow in it.',
      place ?? 'mlflow'
    ),
    [
      line('sys.prefix', facts.prefix),
      ...facts.mlflow.locations.map(each => line('mlflow.__path__', each)),
      'mlflow.__file__: None'
    ],
    remediesForMlflow(input)
  );
}

function moduleGone({ facts, input }: Known): Finding {
  const [first] = facts.mlflow.distributions;
  const isEditable = facts.mlflow.distributions.some(each => each.editable);
  return finding(
    'module-gone',
    'error',
    isEditable
      ? __(
          'MLflow was installed here from a folder with its source, and that folder is no longer there.'
        )
      : __(
          'The files of MLflow are gone from this environment, although its package list still names %1.',
          first.name
        ),
    [
      line('sys.prefix', facts.prefix),
      ...facts.mlflow.distributions.map(({ name, version, location }) =>
        line(name, `${version ?? ''} ${location ?? ''}`.trim())
      ),
      `find_spec("mlflow"): ${facts.mlflow.spec === 'none' ? 'None' : 'namespace'}`
    ],
    remediesForMlflow(input, { reinstall: true })
  );
}

/** A file or folder of the person's own is imported in MLflow's place. */
export function shadowed(known: Known): Finding | null {
  const { facts, input, report } = known;
  const { spec, origin, distributions, distribution_origin, imported } =
    facts.mlflow;
  if (
    spec !== 'module' ||
    origin === null ||
    distributions.some(({ editable }) => editable) ||
    (distribution_origin !== null && isSamePath(origin, distribution_origin)) ||
    isMlflowItself(known)
  ) {
    return null;
  }
  const isFile = nameOf(origin) === 'mlflow.py';
  const isFolder =
    nameOf(origin) === '__init__.py' &&
    isSamePath(parentOf(parentOf(origin)), facts.cwd);
  if (!isFile && !(isFolder && isNotMlflow(known))) {
    return null;
  }
  const path = isFile ? origin : parentOf(origin);
  return finding(
    'shadowed-by-file',
    'error',
    isFile
      ? __('“import mlflow” takes your file “%1” for MLflow.', path)
      : __('“import mlflow” takes your folder “%1” for MLflow.', path),
    [
      line('find_spec("mlflow").origin', origin),
      line('installed MLflow', distribution_origin) ?? 'installed MLflow: none',
      line('os.getcwd()', facts.cwd)
    ],
    [
      { kind: 'rename-file', path, contentsPath: report.import_path },
      imported ? { kind: 'restart-kernel' } : null,
      ...(distributions.length === 0 ? remediesForMlflow(input) : [])
    ]
  );
}

/** It was imported, and says which MLflow it is. */
function isMlflowItself({ facts }: Known): boolean {
  const { origin, imported } = facts.mlflow;
  return (
    imported !== null &&
    imported.version !== null &&
    imported.file !== null &&
    origin !== null &&
    isSamePath(imported.file, origin)
  );
}

/** A folder may be a checkout of MLflow's own source: the kernel then found its default place to log in it. */
function isNotMlflow({ facts }: Known): boolean {
  const { source, place } = facts.tracking;
  return source === 'default'
    ? place === null
    : facts.mlflow.distribution_origin !== null;
}
