import type { JobOrder } from '../jobs/tokens';
import type { NewEnvironment } from '../doctor';
import type { ImportedPackage, MachineEnvironments } from './api';
import type { EnvironmentWish } from './tokens';

/** The name that is proposed for an environment of notebooks. */
export const PROPOSED_NAME = 'mlflow_venv';

/** What a person has typed into the wizard. */
export interface EnvironmentDraft {
  readonly name: string;
  /** Empty: beside the notebooks. */
  readonly folder: string;
  /** Path of an interpreter; empty: one that fits. */
  readonly python: string;
  /** Empty: the newest. */
  readonly mlflow: string;
  /** One on each line, or separated by commas or spaces. */
  readonly packages: string;
  /** Packages that the notebook imports, and whether they are wanted. */
  readonly imports: ReadonlyArray<{
    readonly name: string;
    readonly wanted: boolean;
  }>;
  readonly requirements: string;
}

/** Fields that a refusal can be about. */
export type DraftField =
  'name' | 'folder' | 'python' | 'mlflow' | 'packages' | 'requirements';

export function draftOf(wish: EnvironmentWish | null): EnvironmentDraft {
  return {
    name: PROPOSED_NAME,
    folder: '',
    python: wish?.python ?? '',
    mlflow: wish?.mlflow ?? '',
    packages: (wish?.packages ?? []).join('\n'),
    imports: [],
    requirements: ''
  };
}

/** With what the notebook imports besides MLflow; what is not known for certain is left to the person. */
export function withImports(
  draft: EnvironmentDraft,
  imported: ReadonlyArray<ImportedPackage>
): EnvironmentDraft {
  const typed = new Set(packagesOf(draft.packages).map(nameOf));
  const names = imported
    .map(each => each.package)
    .filter(name => name !== null)
    .filter(name => !nameOf(name).startsWith('mlflow') && name !== 'ipykernel');
  const imports = [...new Set(names)]
    .filter(name => !typed.has(nameOf(name)))
    .map(name => ({ name, wanted: true }));
  return { ...draft, imports };
}

/** The requirements in a text; a comma within a version ("pandas>=2,<3") separates nothing. */
export function packagesOf(text: string): ReadonlyArray<string> {
  return text
    .split(/\n|;|,(?=\s*[A-Za-z])|\s+(?=[A-Za-z./-])/)
    .map(each => each.trim().replace(/,$/, ''))
    .filter(each => each !== '');
}

function nameOf(requirement: string): string {
  return requirement
    .split(/[\s[<>=!~]/, 1)[0]
    .toLowerCase()
    .replace(/[-_.]+/g, '-');
}

/** What to ask of the Jupyter server; fields that were left empty are left out. */
export function toOrder(
  draft: EnvironmentDraft
): Extract<JobOrder, { kind: 'create-environment' }> {
  const { folder, python, requirements } = draft;
  const mlflow = draft.mlflow.trim();
  const packages = [
    ...packagesOf(draft.packages),
    ...draft.imports.filter(each => each.wanted).map(each => each.name)
  ];
  return {
    kind: 'create-environment',
    kernel: {},
    name: draft.name.trim(),
    ...(folder.trim() && { folder: folder.trim() }),
    ...(python && { python }),
    ...(mlflow && { mlflow }),
    ...(packages.length > 0 && { packages }),
    ...(requirements.trim() && { requirements: requirements.trim() })
  };
}

/** What is to be made, for those who type it themselves; what the machine would choose is said. */
export function toBeMade(
  draft: EnvironmentDraft,
  machine: Pick<MachineEnvironments, 'folder'> | null
): NewEnvironment {
  const { name, folder, python, mlflow, packages, requirements } =
    toOrder(draft);
  return {
    name: name || PROPOSED_NAME,
    folder: folder ?? machine?.folder,
    python,
    mlflow: mlflow ?? null,
    packages: packages ?? [],
    requirements
  };
}

/** What a new environment is to have instead of packages that could not be installed into another. */
export function wishFor(packages: ReadonlyArray<string>): EnvironmentWish {
  const mlflow = packages.find(each => /^mlflow(==|$)/.test(each));
  return mlflow === undefined
    ? { mlflow: null, packages }
    : // What stands beside MLflow are limits that a new environment gets anyway.
      { mlflow: mlflow.split('==').at(1) ?? null, packages: [] };
}

const FIELDS: Readonly<Record<string, DraftField>> = {
  'invalid-name': 'name',
  'environment-exists': 'name',
  'environment-busy': 'name',
  'invalid-folder': 'folder',
  'invalid-python': 'python',
  'no-python': 'python',
  'invalid-version': 'mlflow',
  'invalid-package': 'packages',
  'invalid-requirements': 'requirements'
};

/** The field that a refusal of the server is about; null for none of them. */
export function fieldOfProblem(code: string): DraftField | null {
  return FIELDS[code] ?? null;
}
