import type { KernelFacts } from '../../kernel/report';
import type { Finding } from '../tokens';
import { __, finding, type Known, line, mlflowVersion } from './finding';
import { isSamePath, isWithin, mayBeSamePath } from './paths';
import { mlflowRequirements, remediesForPackages } from './remedies';

/** A part of MLflow is installed, and named as such. */
export function skinny({ facts, input }: Known): Finding | null {
  const { spec, distributions } = facts.mlflow;
  const names = distributions.map(({ name }) => name);
  if (
    spec !== 'module' ||
    names.length === 0 ||
    names.includes('mlflow') ||
    distributions.some(({ editable }) => editable)
  ) {
    return null;
  }
  const isSkinny = names.includes('mlflow-skinny');
  const [{ name, version }] = isSkinny
    ? distributions.filter(each => each.name === 'mlflow-skinny')
    : distributions;
  return finding(
    'skinny',
    isSkinny ? 'info' : 'warning',
    isSkinny
      ? __(
          'This kernel has %1: it logs to a server, without MLflow’s server, databases and data science packages.',
          `${name} ${version ?? ''}`.trim()
        )
      : __(
          'This kernel has %1 only: it records traces, and cannot start runs.',
          `${name} ${version ?? ''}`.trim()
        ),
    distributions.map(each =>
      line(each.name, `${each.version ?? ''} ${each.location ?? ''}`.trim())
    ),
    // The parts must be of one version.
    remediesForPackages(input, mlflowRequirements(version), { mlflow: true })
  );
}

/** The same package at two places of sys.path: the first is imported, another may be upgraded. */
export function installedTwice({ facts }: Known): Finding | null {
  // It is found in its source, too.
  const isEditable = facts.mlflow.distributions.some(
    ({ editable }) => editable
  );
  for (const { name, places } of facts.duplicates) {
    const isMlflow = name.startsWith('mlflow');
    const own = places.filter(place => isWithin(place, facts.prefix));
    const strange = places.filter(
      place =>
        !isWithin(place, facts.prefix) && !isWithin(place, facts.base_prefix)
    );
    // A virtual environment over its base with --system-site-packages is as it should be.
    if (
      places.length < 2 ||
      (own.length < 2 && strange.length === 0) ||
      (isMlflow && isEditable)
    ) {
      continue;
    }
    const isHidden = own.length > 0 && !isWithin(places[0], facts.prefix);
    return finding(
      'installed-twice',
      // Of what MLflow needs the other one may do as well.
      isHidden && isMlflow ? 'warning' : 'info',
      isHidden
        ? __(
            'The %1 of this kernel’s environment is hidden by another one, which stays as it is when you upgrade.',
            name
          )
        : __(
            '%1 is installed at %2 places that this kernel sees; the first one is used.',
            name,
            String(places.length)
          ),
      [
        ...places.map((place, index) => line(`${name} ${index + 1}`, place)),
        line('sys.prefix', facts.prefix),
        line('PYTHONPATH', facts.env.PYTHONPATH ?? null)
      ],
      [{ kind: 'open-terminal' }]
    );
  }
  return null;
}

/** MLflow comes from outside of the kernel's environment, and it is known by which way. */
export function pathLeak({ facts }: Known): Finding | null {
  const { spec, origin, distributions, distribution_origin } = facts.mlflow;
  if (
    spec !== 'module' ||
    origin === null ||
    distribution_origin === null ||
    !isSamePath(origin, distribution_origin) ||
    distributions.some(({ editable }) => editable) ||
    isWithin(origin, facts.prefix) ||
    isWithin(origin, facts.base_prefix)
  ) {
    return null;
  }
  const way = wayOf(origin, facts);
  if (way === null) {
    return null;
  }
  return finding(
    'path-leak',
    'info',
    way === 'user site'
      ? __(
          'MLflow %1 comes from your user folder, not from this kernel’s environment: other environments see it, too.',
          mlflowVersion(facts) ?? ''
        )
      : __(
          'MLflow %1 comes by the variable %2, not from this kernel’s environment.',
          mlflowVersion(facts) ?? '',
          way
        ),
    [
      line('find_spec("mlflow").origin', origin),
      line('sys.prefix', facts.prefix),
      line('PYTHONPATH', facts.env.PYTHONPATH ?? null),
      way === 'VIRTUAL_ENV'
        ? line('VIRTUAL_ENV', facts.env.VIRTUAL_ENV ?? null)
        : null
    ],
    [{ kind: 'create-environment', mlflow: null, packages: [] }]
  );
}

function wayOf(
  origin: string,
  facts: KernelFacts
): 'PYTHONPATH' | 'VIRTUAL_ENV' | 'user site' | null {
  const separator = facts.platform === 'win32' ? ';' : ':';
  const named = (facts.env.PYTHONPATH ?? '').split(separator);
  if (named.some(entry => isWithin(origin, entry))) {
    return 'PYTHONPATH';
  }
  // IPython's own shell, which kernels such as xeus-python have, puts that environment's packages on sys.path.
  if (isWithin(origin, facts.env.VIRTUAL_ENV ?? '')) {
    return 'VIRTUAL_ENV';
  }
  // For an interpreter that has no environment, the user's folder is where packages belong.
  const isEnvironment = facts.conda || facts.prefix !== facts.base_prefix;
  const userSite =
    /[\\/](\.local[\\/]lib[\\/]python3\.\d+|Python[\\/]Python3\d+|Library[\\/]Python[\\/]3\.\d+[\\/]lib[\\/]python)[\\/]site-packages[\\/]/;
  return isEnvironment && userSite.test(origin) ? 'user site' : null;
}

/** Whether two prefixes are certainly two environments. */
export function areTwo(a: string | null | undefined, b: string): a is string {
  return a !== null && a !== undefined && a !== '' && !mayBeSamePath(a, b);
}
