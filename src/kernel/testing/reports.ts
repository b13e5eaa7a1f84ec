import * as v from 'valibot';
import {
  type KernelFacts,
  kernelFactsSchema,
  type KernelReport,
  kernelReportSchema
} from '../report';

type Change<T> =
  T extends ReadonlyArray<unknown>
    ? T
    : T extends object
      ? { [K in keyof T]?: Change<T[K]> }
      : T;

/** The facts of a kernel in a virtual environment of its own with MLflow 3.17.2, where nothing is wrong. */
const HEALTHY: KernelFacts = {
  form: 1,
  pid: 4242,
  executable: '/home/ada/envs/work/bin/python',
  prefix: '/home/ada/envs/work',
  base_prefix: '/usr',
  cwd: '/home/ada/notebooks',
  python: '3.11.7',
  implementation: 'cpython',
  platform: 'linux',
  path: [
    '/usr/lib/python311.zip',
    '/usr/lib/python3.11',
    '/usr/lib/python3.11/lib-dynload',
    '',
    '/home/ada/envs/work/lib/python3.11/site-packages'
  ],
  conda: false,
  externally_managed: false,
  writable: true,
  mlflow: {
    spec: 'module',
    origin:
      '/home/ada/envs/work/lib/python3.11/site-packages/mlflow/__init__.py',
    locations: ['/home/ada/envs/work/lib/python3.11/site-packages/mlflow'],
    error: null,
    distributions: ['mlflow', 'mlflow-skinny', 'mlflow-tracing'].map(name => ({
      name,
      version: '3.17.2',
      location: '/home/ada/envs/work/lib/python3.11/site-packages',
      editable: false
    })),
    distribution_origin:
      '/home/ada/envs/work/lib/python3.11/site-packages/mlflow/__init__.py',
    imported: null
  },
  packages: {
    ipykernel: '7.4.0',
    ipywidgets: '8.1.9',
    sqlalchemy: '2.0.44',
    werkzeug: '3.1.3',
    setuptools: '80.9.0',
    flask: '3.1.2',
    numpy: '2.3.4',
    pandas: '2.3.3'
  },
  modules: {},
  duplicates: [],
  pip: true,
  uv: false,
  pip_on_path: '/home/ada/envs/work/bin/pip',
  env: {
    VIRTUAL_ENV: '/home/ada/envs/work',
    CONDA_PREFIX: null,
    CONDA_DEFAULT_ENV: null,
    PYTHONPATH: null
  },
  tracking: {
    uri: 'http://mlflow.example:5000',
    source: 'variable',
    place: 'http://mlflow.example:5000',
    has_credentials: true
  },
  registry: {
    uri: 'http://mlflow.example:5000',
    source: 'default',
    place: 'http://mlflow.example:5000',
    has_credentials: true
  },
  experiment: { name: null, id: null, source: null },
  active_run: null,
  autolog: null,
  system_metrics: null
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merged(base: unknown, change: unknown): unknown {
  if (!isObject(base) || !isObject(change)) {
    return change;
  }
  const next = { ...base };
  for (const [name, value] of Object.entries(change)) {
    next[name] = merged(next[name], value);
  }
  return next;
}

/** Facts of a healthy kernel, but for `change`. */
export function someFacts(change: Change<KernelFacts> = {}): KernelFacts {
  return v.parse(kernelFactsSchema, merged(HEALTHY, change));
}

const REPORT: KernelReport = {
  id: 'kernel-1',
  name: 'work',
  language: 'python',
  reach: 'local',
  state: 'known',
  reason: null,
  facts: HEALTHY,
  asked_at: 1_790_000_000,
  injected: true,
  lost_race: false,
  notebook: {
    id: '0b7e4d6c-5a34-4c1b-9d53-0a8a1f5f7a10',
    path: 'notebooks/train.ipynb',
    server_id: null,
    experiment: null
  },
  kernelspec: {
    name: 'work',
    display_name: 'Work',
    argv: [
      '/home/ada/envs/work/bin/python',
      '-m',
      'ipykernel_launcher',
      '-f',
      '{connection_file}'
    ],
    resource_dir: '/home/ada/.local/share/jupyter/kernels/work'
  },
  logs_to: {
    uri: 'http://mlflow.example:5000',
    place: 'http://mlflow.example:5000',
    // eslint-disable-next-line jupyter/no-untranslated-string -- an address
    label: 'mlflow.example:5000',
    source: 'variable',
    server_id: 'team',
    addable_uri: null
  },
  import_path: null,
  import_check: null
};

/** The report of a healthy local kernel that logs to the server `team`, but for `change`. */
export function someReport(change: Change<KernelReport> = {}): KernelReport {
  return v.parse(kernelReportSchema, merged(REPORT, change));
}
