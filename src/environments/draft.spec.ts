import {
  draftOf,
  packagesOf,
  toBeMade,
  toOrder,
  wishFor,
  withImports
} from './draft';

describe('packagesOf', () => {
  it.each([
    ['', []],
    ['pandas', ['pandas']],
    ['pandas, seaborn', ['pandas', 'seaborn']],
    ['pandas seaborn', ['pandas', 'seaborn']],
    ['pandas\n\nseaborn,', ['pandas', 'seaborn']],
    ['pandas>=2,<3', ['pandas>=2,<3']],
    ['pandas >= 2, < 3; seaborn', ['pandas >= 2, < 3', 'seaborn']],
    ['xgboost[gpu]==2.0 -r', ['xgboost[gpu]==2.0', '-r']],
    ['pandas ./local', ['pandas', './local']]
  ])('should read %p as %p', (text, packages) => {
    expect(packagesOf(text)).toEqual(packages);
  });
});

describe('withImports', () => {
  it('should propose what the notebook imports, once, and not what is asked for anyway', () => {
    const draft = withImports(
      { ...draftOf(null), packages: 'Scikit_Learn>=1' },
      [
        { module: 'sklearn', package: 'scikit-learn' },
        { module: 'mlflow', package: 'mlflow' },
        { module: 'pandas', package: 'pandas' },
        { module: 'pandas.io', package: 'pandas' },
        { module: 'helpers', package: null }
      ]
    );
    expect(draft.imports).toEqual([{ name: 'pandas', wanted: true }]);
  });
});

describe('toOrder', () => {
  it('should leave out what was left empty', () => {
    expect(toOrder(draftOf(null))).toEqual({
      kind: 'create-environment',
      kernel: {},
      name: 'mlflow_venv'
    });
  });

  it('should ask for what the wish and the person named', () => {
    const draft = {
      ...draftOf({ mlflow: '2.3.2', packages: ['pandas'] }),
      folder: ' course ',
      python: '/usr/bin/python3.11',
      requirements: 'requirements.txt'
    };
    expect(toOrder(draft)).toMatchObject({
      mlflow: '2.3.2',
      packages: ['pandas'],
      folder: 'course',
      python: '/usr/bin/python3.11',
      requirements: 'requirements.txt'
    });
  });
});

describe('toBeMade', () => {
  it('should be what the job would be asked for, in the machine’s folder', () => {
    const draft = {
      ...draftOf(null),
      name: 'mine',
      packages: 'pandas>=2, tqdm'
    };
    expect(toBeMade(draft, { folder: '/home/ada' })).toEqual({
      name: 'mine',
      folder: '/home/ada',
      mlflow: null,
      packages: ['pandas>=2', 'tqdm']
    });
    expect(
      toBeMade({ ...draft, name: ' ', folder: 'envs', mlflow: '2.3.2' }, null)
    ).toMatchObject({ name: 'mlflow_venv', folder: 'envs', mlflow: '2.3.2' });
  });
});

describe('wishFor', () => {
  it.each([
    [['mlflow'], { mlflow: null, packages: [] }],
    [['mlflow==2.3.2', 'sqlalchemy<2.1'], { mlflow: '2.3.2', packages: [] }],
    [['pandas'], { mlflow: null, packages: ['pandas'] }]
  ])(
    'should have in the new environment what was to be in another: %j',
    (packages, wish) => {
      expect(wishFor(packages)).toEqual(wish);
    }
  );
});
