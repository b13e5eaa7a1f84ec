import { diagnose } from './diagnose';
import { ABSENT, named, someDistribution, someInput } from './testing/inputs';

const ORIGIN =
  '/home/ada/envs/work/lib/python3.11/site-packages/mlflow/__init__.py';

describe('dependency-broken', () => {
  const broken = {
    ok: false,
    error: {
      type: 'ModuleNotFoundError',
      message: "No module named 'yaml'",
      module: 'yaml'
    }
  };

  it('should name the module that the thorough check missed', () => {
    const [finding] = diagnose(someInput({}, {}, { imported: broken }));
    expect(finding).toMatchObject({
      id: 'dependency-broken',
      severity: 'error'
    });
    expect(finding.message[1]).toBe('yaml');
    expect(finding.remedies[0]).toEqual({
      kind: 'install',
      packages: ['mlflow==3.17.2'],
      reinstall: true
    });
  });

  it.each([
    ['the check went well', { ok: true, error: null }, {}],
    ['there was no check', null, {}],
    ['the check tells nothing', { ok: false, error: null }, {}]
  ])('should say nothing where %s', (_, imported, facts) => {
    expect(named(someInput(facts, {}, { imported }))).toEqual([]);
  });

  it('should leave it to package-missing where MLflow is not there', () => {
    expect(
      named(someInput({ mlflow: ABSENT }, {}, { imported: broken }))
    ).toEqual(['error package-missing']);
  });
});

describe('dependency-conflict', () => {
  const old = {
    distributions: [someDistribution('mlflow', '2.3.2')]
  };
  const local = {
    uri: null,
    source: 'default' as const,
    place: '/home/ada/notebooks/mlruns'
  };
  const rest = { serverVersion: '2.3.2', server: null };

  it('should know that MLflow 2.3.2 cannot be imported without pkg_resources', () => {
    const input = someInput(
      { mlflow: old, packages: { setuptools: '82.0.0' } },
      {},
      rest
    );
    const [finding] = diagnose(input);
    expect(finding).toMatchObject({
      id: 'dependency-conflict',
      severity: 'error',
      evidence: ['setuptools 82.0.0 has no pkg_resources']
    });
    expect(finding.message.slice(1)).toEqual(['2.3.2', 'setuptools', '82.0.0']);
    expect(finding.remedies[0]).toEqual({
      kind: 'install',
      packages: ['setuptools<81']
    });
  });

  it('should know that a kernel that has imported it goes on until its next start', () => {
    expect(
      named(
        someInput(
          {
            mlflow: { ...old, imported: { version: '2.3.2', file: ORIGIN } },
            packages: { setuptools: '82.0.0' }
          },
          {},
          rest
        )
      )
    ).toEqual(['warning dependency-conflict']);
  });

  it.each([
    ['warning', local],
    ['error', { ...local, place: 'sqlite:////home/ada/notebooks/mlflow.db' }],
    ['info', {}]
  ])(
    'should take SQLAlchemy 2.1 for %s by where the kernel logs',
    (severity, tracking) => {
      const input = someInput(
        { mlflow: old, packages: { sqlalchemy: '2.1.3' }, tracking },
        {},
        rest
      );
      expect(named(input)).toEqual([`${severity} dependency-conflict`]);
    }
  );

  it('should know that Flask 2.2.2 cannot stand beside Werkzeug 3', () => {
    expect(
      named(
        someInput(
          {
            mlflow: old,
            packages: { flask: '2.2.2', werkzeug: '3.0.1' },
            tracking: local
          },
          {},
          rest
        )
      )
    ).toEqual(['warning dependency-conflict']);
  });

  it.each([
    [
      'the last setuptools with pkg_resources',
      '2.3.2',
      { setuptools: '81.0.0' }
    ],
    ['MLflow 2.16 without pkg_resources', '2.16.0', { setuptools: '82.0.0' }],
    ['SQLAlchemy 2.0', '2.3.2', { sqlalchemy: '2.0.58' }],
    [
      'an MLflow that knows of SQLAlchemy 2.1',
      '3.9.0',
      { sqlalchemy: '2.1.3' }
    ],
    [
      'Flask 2.3 beside Werkzeug 3',
      '2.3.2',
      { flask: '2.3.3', werkzeug: '3.1.3' }
    ],
    [
      'versions that are not known',
      '2.3.2',
      { setuptools: null, sqlalchemy: null }
    ],
    ['versions that are no releases', '2.3.2', { setuptools: '82.0.0.dev1' }]
  ])('should not mind %s', (_, version, packages) => {
    expect(
      named(
        someInput(
          {
            mlflow: { distributions: [someDistribution('mlflow', version)] },
            packages: {
              setuptools: '80.9.0',
              sqlalchemy: '2.0.44',
              ...packages
            },
            tracking: local
          },
          {},
          rest
        )
      )
    ).toEqual([]);
  });
});

describe('changed-after-import', () => {
  it('should offer a restart where another version is installed by now', () => {
    const [finding] = diagnose(
      someInput({ mlflow: { imported: { version: '3.1.0', file: ORIGIN } } })
    );
    expect(finding).toMatchObject({
      id: 'changed-after-import',
      severity: 'warning',
      remedies: [{ kind: 'restart-kernel' }]
    });
    expect(finding.message.slice(1)).toEqual(['3.1.0', '3.17.2']);
  });

  it('should offer a restart where a file that shadowed MLflow has been renamed', () => {
    expect(
      named(
        someInput({
          mlflow: {
            imported: { version: null, file: '/home/ada/notebooks/mlflow.py' }
          }
        })
      )
    ).toEqual(['warning changed-after-import']);
  });

  it('should say that what it uses was removed', () => {
    expect(
      named(
        someInput({
          mlflow: { ...ABSENT, imported: { version: '3.1.0', file: ORIGIN } }
        })
      )
    ).toEqual(['warning changed-after-import']);
  });

  it.each([
    ['it was never imported', { imported: null }],
    ['nothing changed', { imported: { version: '3.17.2', file: ORIGIN } }],
    ['its version is not told', { imported: { version: null, file: ORIGIN } }],
    [
      'it is an editable install, whose metadata lag behind',
      {
        imported: { version: '3.18.0', file: '/src/mlflow/__init__.py' },
        origin: '/src/mlflow/__init__.py',
        distributions: [someDistribution('mlflow', '3.17.2', true)]
      }
    ],
    [
      'the installed version is not known',
      {
        imported: { version: '3.1.0', file: ORIGIN },
        distributions: [someDistribution('mlflow', null)]
      }
    ]
  ])('should say nothing where %s', (_, mlflow) => {
    expect(named(someInput({ mlflow }))).toEqual([]);
  });
});
