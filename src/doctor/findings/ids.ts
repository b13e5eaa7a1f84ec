/** Every finding; docs/doctor.md says what each means. */
export const FINDING_IDS = [
  'wrong-kernel',
  'package-missing',
  'mlflow-is-a-folder',
  'module-gone',
  'shadowed-by-file',
  'dependency-broken',
  'dependency-conflict',
  'changed-after-import',
  'skinny',
  'installed-twice',
  'path-leak',
  'environment-variable-lies',
  'conda-stacked',
  'pip-goes-elsewhere',
  'kernel-remote',
  'bare-python',
  'stale-kernelspec',
  'broken-kernelspec',
  'kernel-without-ipykernel',
  'same-name-kernelspec',
  'version-skew',
  'logs-elsewhere',
  'credentials-missing',
  'run-open',
  'module-missing',
  'command-not-found'
] as const;

export type FindingId = (typeof FINDING_IDS)[number];
