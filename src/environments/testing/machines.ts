import type { Interpreter, Kernelspec, MachineEnvironments } from '../api';

/** A virtual environment with MLflow and ipykernel, where nothing is wrong. */
export function someInterpreter(
  prefix: string,
  change: Partial<Interpreter> = {}
): Interpreter {
  return {
    executable: `${prefix}/bin/python`,
    prefix,
    python: '3.11.7',
    mlflow: '3.17.2',
    distribution: 'mlflow',
    ipykernel: '7.4.0',
    ipywidgets: null,
    writable: true,
    externally_managed: false,
    conda: false,
    kind: 'venv',
    problem: null,
    kernelspecs: [],
    removable: false,
    runs_jupyter: false,
    ...change
  };
}

/** A kernelspec of the person's own that starts an interpreter. */
export function someKernelspec(
  name: string,
  starts: Interpreter | null,
  change: Partial<Kernelspec> = {}
): Kernelspec {
  return {
    name,
    display_name: name,
    language: 'python',
    resource_dir: `/home/ada/.local/share/jupyter/kernels/${name}`,
    executable: starts?.executable ?? null,
    prefix: starts?.prefix ?? null,
    python: starts?.python ?? null,
    mlflow: starts?.mlflow ?? null,
    ipykernel: starts?.ipykernel ?? null,
    problem: null,
    detail: null,
    removable: true,
    ...change
  };
}

/** A machine on which jobs are allowed. */
export function someMachine(
  change: Partial<MachineEnvironments> = {}
): MachineEnvironments {
  return {
    interpreters: [],
    kernelspecs: [],
    uv: true,
    uv_command: ['/usr/bin/uv'],
    folder: '/home/ada',
    reach: 'local',
    jobs: true,
    ...change
  };
}
