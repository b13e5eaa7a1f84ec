import { diagnose } from './diagnose';
import {
  ABSENT,
  named,
  someDistribution,
  someInput,
  someSpec
} from './testing/inputs';

const SITE = '/home/ada/envs/work/lib/python3.11/site-packages';

describe('a healthy kernel', () => {
  it('should have no finding', () => {
    expect(diagnose(someInput())).toEqual([]);
  });
});

describe('package-missing and wrong-kernel', () => {
  it('should say that MLflow is missing, and offer to install the version of the server', () => {
    const input = someInput({ mlflow: ABSENT });
    const [finding] = diagnose(input);
    expect(finding).toMatchObject({ id: 'package-missing', severity: 'error' });
    expect(finding.message).toEqual([expect.any(String), 'Work']);
    expect(finding.evidence).toContain('sys.prefix: /home/ada/envs/work');
    expect(finding.remedies).toEqual([
      { kind: 'install', packages: ['mlflow==3.17.2'] },
      { kind: 'create-environment', mlflow: '3.17.2', packages: [] },
      {
        kind: 'show-commands',
        of: { kind: 'install', packages: ['mlflow==3.17.2'] }
      }
    ]);
  });

  it('should offer first the best kernel that is known to have MLflow', () => {
    const kernelspecs = [
      someSpec({ name: 'old', mlflow: '2.22.1' }),
      someSpec({ name: 'newer', displayName: 'Newer', mlflow: '3.17.2' }),
      someSpec({ name: 'new', mlflow: '3.1.0' })
    ];
    const [finding] = diagnose(
      someInput({ mlflow: ABSENT }, {}, { kernelspecs })
    );
    expect(finding.id).toBe('wrong-kernel');
    expect(finding.message[1]).toBe('Newer');
    expect(finding.remedies[0]).toEqual({
      kind: 'switch-kernel',
      kernelName: 'newer'
    });
    const [forOldServer] = diagnose(
      someInput({ mlflow: ABSENT }, {}, { kernelspecs, serverVersion: '2.3.2' })
    );
    expect(forOldServer.remedies[0]).toMatchObject({ kernelName: 'old' });
  });

  it.each([
    ['of which nothing is known', someSpec({ mlflow: null })],
    ['that cannot start', someSpec({ problem: 'stale' })],
    ['of another language', someSpec({ language: 'R' })],
    // Two virtual environments of one base have the same real interpreter: their prefixes count.
    ['of the same environment', someSpec({ prefix: '/home/ada/envs/work/' })],
    ['that is this one', someSpec({ name: 'work', prefix: null })]
  ])('should not offer a kernel %s', (_, spec) => {
    expect(
      named(someInput({ mlflow: ABSENT }, {}, { kernelspecs: [spec] }))
    ).toEqual(['error package-missing']);
  });

  it('should not take two environments of one base for one', () => {
    const spec = someSpec({ prefix: '/home/ada/envs/work2' });
    expect(
      named(someInput({ mlflow: ABSENT }, {}, { kernelspecs: [spec] }))
    ).toEqual(['error wrong-kernel']);
  });

  it.each([
    ['cannot be written', { writable: false }],
    ['is managed by the system', { externally_managed: true }]
  ])('should not install where the environment %s', (_, facts) => {
    const [finding] = diagnose(someInput({ mlflow: ABSENT, ...facts }));
    const create = {
      kind: 'create-environment',
      mlflow: '3.17.2',
      packages: []
    };
    // Those who prefer to type are not left alone.
    expect(finding.remedies).toEqual([
      create,
      { kind: 'show-commands', of: create }
    ]);
  });

  it('should bring what an old MLflow needs beside it, and not where that does not exist', () => {
    const rest = { serverVersion: '2.3.2' };
    const [finding] = diagnose(someInput({ mlflow: ABSENT }, {}, rest));
    expect(finding.remedies[0]).toEqual({
      kind: 'install',
      packages: [
        'mlflow==2.3.2',
        'setuptools<81',
        'sqlalchemy<2.1',
        'werkzeug<3'
      ]
    });
    const [newPython] = diagnose(
      someInput({ mlflow: ABSENT, python: '3.13.1' }, {}, rest)
    );
    expect(newPython.remedies[0].kind).toBe('create-environment');
  });

  it('should not pin a version that is no release', () => {
    const [finding] = diagnose(
      someInput({ mlflow: ABSENT }, {}, { serverVersion: '3.18.0rc0' })
    );
    expect(finding.remedies[0]).toMatchObject({ packages: ['mlflow'] });
  });

  it('should say nothing where the kernel could not tell', () => {
    expect(
      named(
        someInput({
          mlflow: { ...ABSENT, spec: 'error', error: 'ValueError: mlflow' }
        })
      )
    ).toEqual([]);
  });
});

describe('mlflow-is-a-folder', () => {
  const folder = {
    ...ABSENT,
    spec: 'namespace' as const,
    locations: ['/home/ada/notebooks/mlflow']
  };

  it('should say that a plain folder is taken for MLflow', () => {
    const [finding] = diagnose(someInput({ mlflow: folder }));
    expect(finding).toMatchObject({
      id: 'mlflow-is-a-folder',
      severity: 'error'
    });
    expect(finding.message[1]).toBe('/home/ada/notebooks/mlflow');
    expect(finding.remedies[0].kind).toBe('install');
  });

  it('should not mind the folder beside an installed MLflow', () => {
    // The installed package wins: the spec is a module.
    expect(named(someInput({ cwd: '/home/ada/notebooks' }))).toEqual([]);
  });
});

describe('module-gone', () => {
  it('should say that only the metadata are left, and install again', () => {
    const [finding] = diagnose(
      someInput({
        mlflow: {
          ...ABSENT,
          distributions: [someDistribution('mlflow', '3.1.0')]
        }
      })
    );
    expect(finding).toMatchObject({ id: 'module-gone', severity: 'error' });
    expect(finding.evidence).toContain(`mlflow: 3.1.0 ${SITE}`);
    expect(finding.remedies[0]).toMatchObject({
      kind: 'install',
      reinstall: true
    });
  });

  it('should see the same behind a folder that was left over', () => {
    expect(
      named(
        someInput({
          mlflow: {
            ...ABSENT,
            spec: 'namespace',
            locations: [`${SITE}/mlflow`],
            distributions: [someDistribution('mlflow', '3.1.0')]
          }
        })
      )
    ).toEqual(['error module-gone']);
  });

  it('should not mind an editable install, whose files are elsewhere', () => {
    expect(
      named(
        someInput({
          mlflow: {
            origin: '/home/ada/src/mlflow/mlflow/__init__.py',
            distributions: [someDistribution('mlflow', '3.17.3.dev0', true)],
            distribution_origin: null
          }
        })
      )
    ).toEqual([]);
  });
});

describe('shadowed-by-file', () => {
  const file = '/home/ada/notebooks/mlflow.py';

  it('should name the file, and offer to rename it instead of installing', () => {
    const [finding] = diagnose(
      someInput({ mlflow: { origin: file } }, { import_path: 'mlflow.py' })
    );
    expect(finding).toMatchObject({
      id: 'shadowed-by-file',
      severity: 'error',
      remedies: [{ kind: 'rename-file', path: file, contentsPath: 'mlflow.py' }]
    });
    expect(finding.evidence).toContain(
      `installed MLflow: ${SITE}/mlflow/__init__.py`
    );
  });

  it('should install, too, where there is no MLflow behind the file', () => {
    const [finding] = diagnose(
      someInput({ mlflow: { ...ABSENT, spec: 'module', origin: file } })
    );
    expect(finding.remedies.map(({ kind }) => kind)).toEqual([
      'rename-file',
      'install',
      'create-environment',
      'show-commands'
    ]);
  });

  it('should restart where the file has been imported', () => {
    const [finding] = diagnose(
      someInput({
        mlflow: { origin: file, imported: { version: null, file } }
      })
    );
    expect(finding.remedies[1]).toEqual({ kind: 'restart-kernel' });
  });

  it('should name a package of that name in the working folder', () => {
    const [finding] = diagnose(
      someInput({
        mlflow: { origin: '/home/ada/notebooks/mlflow/__init__.py' }
      })
    );
    expect(finding.id).toBe('shadowed-by-file');
    expect(finding.remedies[0]).toEqual({
      kind: 'rename-file',
      path: '/home/ada/notebooks/mlflow',
      contentsPath: null
    });
  });

  it.each([
    [
      'an editable install',
      {
        origin: '/home/ada/notebooks/mlflow/__init__.py',
        distributions: [someDistribution('mlflow', '3.17.2', true)]
      },
      {}
    ],
    [
      'MLflow’s own source in the working folder, which has been imported',
      {
        origin: '/home/ada/notebooks/mlflow/__init__.py',
        imported: {
          version: '3.17.2',
          file: '/home/ada/notebooks/mlflow/__init__.py'
        }
      },
      {}
    ],
    [
      'MLflow’s own source in the working folder, whose default place was read',
      {
        ...ABSENT,
        spec: 'module' as const,
        origin: '/home/ada/notebooks/mlflow/__init__.py'
      },
      {
        uri: null,
        source: 'default' as const,
        place: 'sqlite:////home/ada/notebooks/mlflow.db'
      }
    ],
    [
      'the installed one by another way of writing',
      { origin: `${SITE}/mlflow/__init__.py` },
      {}
    ]
  ])('should not mind %s', (_, mlflow, tracking) => {
    expect(named(someInput({ mlflow, tracking }))).not.toContain(
      'error shadowed-by-file'
    );
  });

  it('should compare paths of Windows as Windows does', () => {
    expect(
      named(
        someInput({
          platform: 'win32',
          prefix: 'C:\\envs\\work',
          mlflow: {
            origin: 'c:\\envs\\work\\Lib\\site-packages\\mlflow\\__init__.py',
            distribution_origin:
              'C:\\envs\\work\\Lib\\site-packages/mlflow/__init__.py'
          },
          env: { VIRTUAL_ENV: 'C:\\Envs\\work' },
          pip_on_path: 'C:\\envs\\work\\Scripts\\pip.EXE'
        })
      )
    ).toEqual([]);
  });
});
