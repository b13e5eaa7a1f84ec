import { diagnose } from './diagnose';
import {
  ABSENT,
  named,
  someDistribution,
  someInput,
  someSpec
} from './testing/inputs';

const SITE = '/home/ada/envs/work/lib/python3.11/site-packages';
const USER_SITE = '/home/ada/.local/lib/python3.11/site-packages';

describe('skinny', () => {
  it('should name the flavour, which is no problem', () => {
    const [finding] = diagnose(
      someInput({
        mlflow: {
          distributions: [
            someDistribution('mlflow-skinny', '3.17.2'),
            someDistribution('mlflow-tracing', '3.17.2')
          ]
        }
      })
    );
    expect(finding).toMatchObject({ id: 'skinny', severity: 'info' });
    expect(finding.message[1]).toBe('mlflow-skinny 3.17.2');
  });

  it('should warn where runs cannot be started', () => {
    expect(
      named(
        someInput({
          mlflow: {
            distributions: [someDistribution('mlflow-tracing', '3.17.2')]
          }
        })
      )
    ).toEqual(['warning skinny']);
  });

  it('should not mind the parts beside the whole', () => {
    expect(named(someInput())).toEqual([]);
  });
});

describe('installed-twice', () => {
  it('should warn where the environment’s own package is hidden', () => {
    const [finding] = diagnose(
      someInput({
        duplicates: [{ name: 'mlflow', places: ['/opt/shared', SITE] }]
      })
    );
    expect(finding).toMatchObject({
      id: 'installed-twice',
      severity: 'warning'
    });
    expect(finding.evidence.slice(0, 2)).toEqual([
      'mlflow 1: /opt/shared',
      `mlflow 2: ${SITE}`
    ]);
  });

  it.each([
    ['the environment’s own comes first', [SITE, USER_SITE]],
    ['it has two itself', [SITE, '/home/ada/envs/work/lib64/site-packages']]
  ])('should only mention it where %s', (_, places) => {
    expect(
      named(someInput({ duplicates: [{ name: 'mlflow', places }] }))
    ).toEqual(['info installed-twice']);
  });

  it('should only mention what MLflow needs, also beside an editable MLflow', () => {
    const duplicates = [{ name: 'numpy', places: ['/opt/shared', SITE] }];
    const distributions = [someDistribution('mlflow', '3.17.2', true)];
    for (const facts of [
      { duplicates },
      { duplicates, mlflow: { distributions } }
    ]) {
      const [finding] = diagnose(someInput(facts));
      expect(finding).toMatchObject({
        id: 'installed-twice',
        severity: 'info'
      });
      expect(finding.message[1]).toBe('numpy');
    }
  });

  it.each([
    [
      'an environment with --system-site-packages over its base',
      {
        duplicates: [
          { name: 'mlflow', places: [SITE, '/usr/lib/python3/dist-packages'] }
        ]
      }
    ],
    [
      'an editable install, which is found in its source, too',
      {
        duplicates: [{ name: 'mlflow', places: ['/src/mlflow', SITE] }],
        mlflow: {
          distributions: [someDistribution('mlflow', '3.17.2', true)]
        }
      }
    ],
    ['one place', { duplicates: [] }]
  ])('should not mind %s', (_, facts) => {
    expect(named(someInput(facts))).toEqual([]);
  });
});

describe('path-leak', () => {
  const from = (folder: string) => ({
    origin: `${folder}/mlflow/__init__.py`,
    distribution_origin: `${folder}/mlflow/__init__.py`
  });

  it('should name PYTHONPATH', () => {
    const [finding] = diagnose(
      someInput({
        mlflow: from('/opt/shared/packages'),
        env: { PYTHONPATH: '/elsewhere:/opt/shared/packages' }
      })
    );
    expect(finding).toMatchObject({ id: 'path-leak', severity: 'info' });
    expect(finding.evidence).toContain(
      'PYTHONPATH: /elsewhere:/opt/shared/packages'
    );
  });

  it('should name VIRTUAL_ENV, whose packages some kernels see', () => {
    const findings = diagnose(
      someInput({
        mlflow: from('/home/ada/envs/jupyter/lib/python3.11/site-packages'),
        env: { VIRTUAL_ENV: '/home/ada/envs/jupyter' }
      })
    );
    const finding = findings.find(({ id }) => id === 'path-leak');
    expect(finding?.message.slice(1)).toEqual(['3.17.2', 'VIRTUAL_ENV']);
    expect(finding?.evidence).toContain('VIRTUAL_ENV: /home/ada/envs/jupyter');
  });

  it('should name the user’s folder below a conda environment', () => {
    expect(
      named(
        someInput({
          mlflow: from(USER_SITE),
          conda: true,
          prefix: '/opt/conda/envs/work',
          base_prefix: '/opt/conda/envs/work',
          pip_on_path: null,
          env: { VIRTUAL_ENV: null }
        })
      )
    ).toEqual(['info path-leak']);
  });

  it.each([
    [
      'the user’s folder of a system’s interpreter',
      { mlflow: from(USER_SITE), prefix: '/usr', base_prefix: '/usr' }
    ],
    [
      'the base of an environment with --system-site-packages',
      { mlflow: from('/usr/lib/python3/dist-packages') }
    ],
    ['a way that is not known', { mlflow: from('/opt/shared/packages') }],
    [
      'an editable install',
      {
        mlflow: {
          ...from('/opt/shared/packages'),
          distributions: [someDistribution('mlflow', '3.17.2', true)]
        },
        env: { PYTHONPATH: '/opt/shared/packages' }
      }
    ],
    ['PYTHONPATH with other things', { env: { PYTHONPATH: '/opt/shared' } }]
  ])('should not mind %s', (_, facts) => {
    expect(named(someInput(facts)).filter(id => /leak/.test(id))).toEqual([]);
  });
});

describe('environment-variable-lies', () => {
  it('should mention that VIRTUAL_ENV names another environment', () => {
    const [finding] = diagnose(
      someInput({ env: { VIRTUAL_ENV: '/home/ada/envs/server' } })
    );
    expect(finding).toMatchObject({
      id: 'environment-variable-lies',
      severity: 'info',
      remedies: []
    });
  });

  it('should offer that environment as a kernel where this one lacks MLflow', () => {
    const [, finding] = diagnose(
      someInput({
        mlflow: ABSENT,
        env: { VIRTUAL_ENV: '/home/ada/envs/server' }
      })
    );
    expect(finding.remedies).toMatchObject([
      {
        kind: 'register-kernel',
        executable: '/home/ada/envs/server/bin/python'
      },
      { kind: 'show-commands' }
    ]);
  });

  it.each([
    ['it tells the truth', '/home/ada/envs/work/'],
    ['it may be a link', '/mnt/home/ada/envs/work'],
    ['it is not set', null],
    ['it is empty', '']
  ])('should say nothing where %s', (_, value) => {
    expect(named(someInput({ env: { VIRTUAL_ENV: value } }))).toEqual([]);
  });
});

describe('conda-stacked', () => {
  const clean = { VIRTUAL_ENV: null, CONDA_DEFAULT_ENV: 'base' };

  const onTop = {
    base_prefix: '/opt/conda',
    env: { ...clean, CONDA_PREFIX: '/opt/conda' }
  };

  it('should mention a virtual environment on top of conda', () => {
    expect(named(someInput(onTop))).toEqual(['info conda-stacked']);
  });

  it.each([
    ['whatever the person wants', {}, []],
    ['MLflow where it is missing', { mlflow: ABSENT }, ['mlflow==3.17.2']]
  ])('should show how to install with %pip: %s', (_, facts, packages) => {
    const finding = diagnose(someInput({ ...onTop, ...facts })).find(
      ({ id }) => id === 'conda-stacked'
    );
    expect(finding?.remedies).toEqual([
      { kind: 'show-commands', of: { kind: 'install', packages } }
    ]);
  });

  it('should mention that another conda environment is active', () => {
    expect(
      named(
        someInput({
          conda: true,
          base_prefix: '/home/ada/envs/work',
          env: { ...clean, CONDA_PREFIX: '/opt/conda' }
        })
      )
    ).toEqual(['info conda-stacked']);
  });

  it.each([
    [
      'the active one is the kernel’s',
      {
        conda: true,
        base_prefix: '/home/ada/envs/work',
        env: { ...clean, CONDA_PREFIX: '/home/ada/envs/work' }
      }
    ],
    [
      'a virtual environment has nothing to do with it',
      { env: { ...clean, CONDA_PREFIX: '/opt/conda' } }
    ],
    ['only the name is set', { env: clean }]
  ])('should say nothing where %s', (_, facts) => {
    expect(named(someInput(facts))).toEqual([]);
  });
});

describe('pip-goes-elsewhere', () => {
  it('should mention that !pip is that of another environment', () => {
    const kernelspecs = [someSpec()];
    const [finding] = diagnose(
      someInput(
        { pip_on_path: '/home/ada/envs/other/bin/pip' },
        {},
        { kernelspecs }
      )
    );
    expect(finding).toMatchObject({
      id: 'pip-goes-elsewhere',
      severity: 'info'
    });
    expect(finding.message[1]).toBe('/home/ada/envs/other');
  });

  it('should know the environment of VIRTUAL_ENV, too', () => {
    expect(
      named(
        someInput({
          pip_on_path: '/srv/jupyter/bin/pip',
          env: { VIRTUAL_ENV: '/srv/jupyter' }
        })
      )
    ).toEqual(['info environment-variable-lies', 'info pip-goes-elsewhere']);
  });

  it.each([
    ['the kernel’s own', '/home/ada/envs/work/bin/pip'],
    ['of nobody that we know', '/home/ada/.local/bin/pip'],
    ['a chooser of versions', '/home/ada/.pyenv/shims/pip'],
    ['nowhere', null]
  ])('should say nothing where pip is %s', (_, pip) => {
    expect(named(someInput({ pip_on_path: pip }))).toEqual([]);
  });
});

describe('kernel-remote', () => {
  it('should mention it, and offer only what is done within the kernel', () => {
    const input = someInput({ mlflow: ABSENT }, { reach: 'gateway' });
    const [missing, remote] = diagnose(input);
    expect(missing.remedies.map(({ kind }) => kind)).toEqual(['show-commands']);
    expect(remote).toMatchObject({ id: 'kernel-remote', severity: 'info' });
  });

  it('should say nothing of a local kernel', () => {
    expect(named(someInput())).toEqual([]);
  });
});
