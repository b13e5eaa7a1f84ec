import type { CellError, DoctorInput } from '../tokens';
import { diagnoseError, failedImport, missingModule } from './errors';
import { diagnoseOutput } from './output';
import {
  ABSENT,
  someDistribution,
  someInput,
  someSpec
} from './testing/inputs';

const SITE = '~/envs/work/lib/python3.11/site-packages';

function anError(
  name: string,
  value: string,
  ...traceback: string[]
): CellError {
  return { name, value, traceback };
}

const NO_MLFLOW = anError('ModuleNotFoundError', "No module named 'mlflow'");
/** The kernel could not be asked. */
const UNKNOWN: Partial<DoctorInput> = { report: null, facts: null };

function idOf(error: CellError, input: DoctorInput): string | null {
  return diagnoseError(error, input)?.id ?? null;
}

describe('diagnoseError', () => {
  it('should say of a missing MLflow what the facts say', () => {
    expect(idOf(NO_MLFLOW, someInput({ mlflow: ABSENT }))).toBe(
      'package-missing'
    );
    const kernelspecs = [someSpec()];
    expect(
      idOf(NO_MLFLOW, someInput({ mlflow: ABSENT }, {}, { kernelspecs }))
    ).toBe('wrong-kernel');
  });

  it('should be certain of the error itself where the kernel cannot be asked', () => {
    const finding = diagnoseError(
      NO_MLFLOW,
      someInput({}, {}, { ...UNKNOWN, kernelspecs: [someSpec()] })
    );
    expect(finding).toMatchObject({
      id: 'package-missing',
      severity: 'error',
      evidence: ["ModuleNotFoundError: No module named 'mlflow'"]
    });
    expect(finding?.remedies.map(({ kind }) => kind)).toEqual([
      'switch-kernel',
      'create-environment',
      'show-commands'
    ]);
  });

  it('should say which run stands in the way of another, as long as it is open', () => {
    const error = anError(
      'Exception',
      'Run with UUID r1 is already active. To start a new run, first end the current run with mlflow.end_run().'
    );
    const active_run = { id: 'r1', name: 'calm-owl', cell_id: null };
    expect(diagnoseError(error, someInput({ active_run }))).toMatchObject({
      id: 'run-open',
      severity: 'error',
      remedies: [{ kind: 'end-run', runId: 'r1' }]
    });
    expect(idOf(error, someInput())).toBeNull();
    expect(
      idOf(error, someInput({ active_run: { ...active_run, id: 'r2' } }))
    ).toBeNull();
    expect(idOf(anError('Exception', 'other'), someInput())).toBeNull();
  });

  it('should say nothing once MLflow is there', () => {
    expect(idOf(NO_MLFLOW, someInput())).toBeNull();
  });

  it('should name the package of any other module', () => {
    const error = anError('ModuleNotFoundError', "No module named 'sklearn'");
    const finding = diagnoseError(error, someInput());
    expect(finding).toMatchObject({ id: 'module-missing', severity: 'error' });
    expect(finding?.remedies[0]).toEqual({
      kind: 'install',
      packages: ['scikit-learn'],
      module: 'sklearn'
    });
  });

  it('should take the package from whoever knows it, and guess none', () => {
    const error = anError('ModuleNotFoundError', "No module named 'oracle'");
    const known = diagnoseError(error, someInput(), () => 'oracle-client');
    expect(known?.remedies[0]).toMatchObject({ packages: ['oracle-client'] });
    expect(diagnoseError(error, someInput())?.remedies).toEqual([
      { kind: 'install-named', module: 'oracle' },
      { kind: 'open-terminal' }
    ]);
    const managed = someInput({ externally_managed: true });
    expect(diagnoseError(error, managed)?.remedies.slice(0, 2)).toEqual([
      { kind: 'create-environment', mlflow: null, packages: [] },
      { kind: 'open-terminal' }
    ]);
    // What is typed there is run in a cell of that kernel.
    expect(
      diagnoseError(error, someInput({}, { reach: 'gateway' }))?.remedies
    ).toEqual([{ kind: 'install-named', module: 'oracle' }]);
    expect(missingModule(error)).toBe('oracle');
  });

  it('should name the part that is missing, of which the whole may be there', () => {
    const error = anError(
      'ModuleNotFoundError',
      "No module named 'sklearn.odd'"
    );
    expect(diagnoseError(error, someInput())?.message[1]).toBe('sklearn.odd');
  });

  it('should say nothing once the other package is there', () => {
    const error = anError('ModuleNotFoundError', "No module named 'pandas'");
    expect(idOf(error, someInput())).toBeNull();
    expect(idOf(error, someInput({ packages: { pandas: null } }))).toBe(
      'module-missing'
    );
  });

  it('should tell a missing part of MLflow from a missing MLflow', () => {
    const error = anError(
      'ModuleNotFoundError',
      "No module named 'mlflow.genai'"
    );
    const old = { distributions: [someDistribution('mlflow', '2.3.2')] };
    const finding = diagnoseError(error, someInput({ mlflow: old }));
    expect(finding?.id).toBe('module-missing');
    expect(finding?.message.slice(1)).toEqual(['2.3.2', 'mlflow.genai']);
    const folder = {
      ...ABSENT,
      spec: 'namespace' as const,
      locations: ['/home/ada/notebooks/mlflow']
    };
    expect(idOf(error, someInput({ mlflow: folder }))).toBe(
      'mlflow-is-a-folder'
    );
  });

  it.each([
    [
      'ModuleNotFoundError',
      "No module named 'mlflow.sklearn'; 'mlflow' is not a package"
    ],
    ['AttributeError', "module 'mlflow' has no attribute 'start_run'"],
    [
      'AttributeError',
      "partially initialized module 'mlflow' has no attribute 'start_run' (most likely due to a circular import)"
    ],
    [
      'ImportError',
      "cannot import name 'log_metric' from 'mlflow' (/home/ada/notebooks/mlflow.py)"
    ]
  ])('should know a shadowing file by %s: %s', (name, value) => {
    const origin = '/home/ada/notebooks/mlflow.py';
    expect(idOf(anError(name, value), someInput({ mlflow: { origin } }))).toBe(
      'shadowed-by-file'
    );
  });

  it('should say nothing of an attribute that MLflow does not have', () => {
    const error = anError(
      'AttributeError',
      "module 'mlflow' has no attribute 'strat_run'"
    );
    expect(idOf(error, someInput())).toBeNull();
    expect(idOf(error, someInput({}, {}, UNKNOWN))).toBeNull();
  });

  it('should know that only traces can be recorded', () => {
    const error = anError(
      'AttributeError',
      "module 'mlflow' has no attribute 'start_run'"
    );
    const distributions = [someDistribution('mlflow-tracing', '3.17.2')];
    expect(idOf(error, someInput({ mlflow: { distributions } }))).toBe(
      'skinny'
    );
  });

  it.each([
    [
      'as IPython writes it',
      `File ${SITE}/mlflow/__init__.py:41\n     39 import`
    ],
    [
      'as Python writes it',
      `  File "${SITE}/mlflow/__init__.py", line 41, in <module>`
    ],
    [
      'in colours',
      `File \u001b[32m${SITE}/mlflow/__init__.py:41\u001b[39m\n     39 import`
    ]
  ])(
    'should name the module that MLflow itself misses, %s',
    (_, ...traceback) => {
      const error = anError(
        'ModuleNotFoundError',
        "No module named 'cloudpickle'",
        'Cell In[1], line 1',
        ...traceback
      );
      const finding = diagnoseError(error, someInput());
      expect(finding).toMatchObject({ id: 'dependency-broken' });
      expect(finding?.message[1]).toBe('cloudpickle');
    }
  );

  it('should install the library of a flavour instead of mending MLflow', () => {
    const error = anError(
      'ModuleNotFoundError',
      "No module named 'xgboost'",
      `File ${SITE}/mlflow/xgboost/__init__.py:30\n     28 import`
    );
    expect(idOf(error, someInput())).toBe('module-missing');
  });

  it('should not blame MLflow for what is imported by a function that it calls', () => {
    const error = anError(
      'ImportError',
      "cannot import name 'x' from 'scipy'",
      `File ${SITE}/mlflow/utils/autologging_utils/safety.py:30, in call(*args)`
    );
    expect(idOf(error, someInput())).toBeNull();
  });

  it('should name the conflict where the versions are known to conflict', () => {
    const error = anError(
      'ImportError',
      "cannot import name 'FallbackAsyncAdaptedQueuePool' from 'sqlalchemy.pool' (…)",
      `File ${SITE}/mlflow/store/db/utils.py:12\n     10 import`
    );
    const old = { distributions: [someDistribution('mlflow', '2.3.2')] };
    const finding = diagnoseError(
      error,
      someInput({ mlflow: old, packages: { sqlalchemy: '2.1.3' } })
    );
    expect(finding).toMatchObject({
      id: 'dependency-conflict',
      severity: 'error'
    });
    // The same error where the versions are no longer those: something does not fit, and it is not said what.
    expect(idOf(error, someInput())).toBe('dependency-broken');
    expect(idOf(error, someInput({}, {}, UNKNOWN))).toBe('dependency-broken');
  });

  describe('of an import that fails from inside MLflow', () => {
    const whole = anError(
      'ImportError',
      "cannot import name 'Missing' from 'yaml' (/site-packages/yaml/__init__.py)",
      `File ${SITE}/mlflow/__init__.py:41\n     39 import`,
      `File ${SITE}/mlflow/utils/yaml.py:3\n     1 import`
    );
    const part = { ...whole, traceback: whole.traceback.slice(1) };
    const tried = (ok: boolean) =>
      someInput({}, {}, { imported: { ok, error: null } });

    it('should ask for another process, but not because of a part', () => {
      expect(failedImport(whole)).toBe(`ImportError: ${whole.value}`);
      expect(failedImport(part)).toBeNull();
      expect(failedImport({ ...whole, name: 'ZeroDivisionError' })).toBeNull();
      expect(failedImport(NO_MLFLOW)).toBeNull();
    });

    it('should propose a restart where another process can import it', () => {
      expect(idOf(whole, tried(false))).toBe('dependency-broken');
      expect(diagnoseError(whole, tried(true))).toMatchObject({
        id: 'changed-after-import',
        severity: 'error',
        remedies: [{ kind: 'restart-kernel' }]
      });
    });

    it('should say no more of a part than is so', () => {
      for (const input of [someInput(), tried(true)]) {
        expect(diagnoseError(part, input)?.message).toEqual([
          expect.stringMatching(/^A part of MLflow/),
          'yaml'
        ]);
      }
      expect(diagnoseError(whole, someInput())?.message[0]).toMatch(
        /^MLflow is installed but/
      );
    });
  });

  it('should know that the server wants a login', () => {
    const error = anError(
      'MlflowException',
      'API request to endpoint /api/2.0/mlflow/runs/create failed with error code 401 != 200.'
    );
    const without = { tracking: { has_credentials: false } };
    expect(idOf(error, someInput(without))).toBe('credentials-missing');
    expect(idOf(error, someInput())).toBeNull();
    expect(idOf(error, someInput({}, {}, UNKNOWN))).toBeNull();
  });

  it.each([
    ['NameError', "name 'mlflow' is not defined"],
    ['ValueError', "No module named 'mlflow'"],
    ['KeyboardInterrupt', ''],
    ['ModuleNotFoundError', 'something else']
  ])('should leave %s alone', (name, value) => {
    expect(
      idOf(anError(name, value), someInput({ mlflow: ABSENT }))
    ).toBeNull();
  });
});

describe('diagnoseOutput', () => {
  it.each([
    '/bin/bash: line 1: mlflow: command not found\n',
    '/bin/sh: 1: mlflow: not found\r\n',
    'bash: mlflow: command not found',
    'zsh:1: command not found: mlflow\n',
    'fish: Unknown command: mlflow\n',
    "'mlflow' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n"
  ])('should know what a shell says: %j', text => {
    expect(diagnoseOutput(text, someInput())?.id).toBe('command-not-found');
    const absent = diagnoseOutput(text, someInput({ mlflow: ABSENT }));
    expect(absent).toMatchObject({ id: 'package-missing' });
    expect(absent?.evidence[0]).toMatch(/mlflow/);
    expect(
      diagnoseOutput(text, someInput({}, {}, UNKNOWN))?.remedies[0].kind
    ).toBe('create-environment');
  });

  it.each([
    '',
    'mlflow, version 3.17.2\n',
    'bash: mlflow-export: command not found\n',
    'bash: nvidia-smi: command not found\n',
    'the run was not found: mlflow has none\n'
  ])('should say nothing of other output: %j', text => {
    expect(diagnoseOutput(text, someInput({ mlflow: ABSENT }))).toBeNull();
  });
});
