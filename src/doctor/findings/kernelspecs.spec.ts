import type { DoctorInput } from '../tokens';
import { diagnose } from './diagnose';
import { ABSENT, named, someInput, someSpec } from './testing/inputs';

function withoutKernel(rest: Partial<DoctorInput>): DoctorInput {
  return someInput({}, {}, { report: null, facts: null, ...rest });
}

describe('a kernel that cannot start', () => {
  it.each([
    ['stale', 'stale-kernelspec'],
    ['no-ipykernel', 'kernel-without-ipykernel'],
    ['broken-json', 'broken-kernelspec']
  ])('should say why: %s', (problem, id) => {
    const broken = someSpec({ name: 'mine', problem, mlflow: null });
    const input = withoutKernel({
      kernelName: 'mine',
      kernelspecs: [broken, someSpec()]
    });
    const [finding] = diagnose(input);
    expect(finding).toMatchObject({ id, severity: 'error' });
    expect(finding.remedies).toContainEqual({
      kind: 'switch-kernel',
      kernelName: 'other'
    });
    expect(finding.remedies).toContainEqual({
      kind: 'repair-kernel',
      kernelName: 'mine'
    });
  });

  it.each([
    ['a sound one', null],
    ['one that could not be checked', 'check-failed']
  ])('should say nothing of %s', (_, problem) => {
    expect(
      named(
        withoutKernel({
          kernelName: 'mine',
          kernelspecs: [someSpec({ name: 'mine', problem })]
        })
      )
    ).toEqual([]);
  });

  it('should say nothing of kernelspecs that the notebook does not name', () => {
    const kernelspecs = [someSpec({ problem: 'stale' })];
    expect(named(withoutKernel({ kernelName: 'mine', kernelspecs }))).toEqual(
      []
    );
    expect(named(withoutKernel({ kernelspecs }))).toEqual([]);
    expect(named(someInput({}, {}, { kernelspecs }))).toEqual([]);
  });
});

describe('stale-kernelspec of a running kernel', () => {
  const mine = {
    name: 'work',
    resourceDir: '/home/ada/.local/share/jupyter/kernels/work'
  };

  it('should warn that it will not start again', () => {
    const kernelspecs = [someSpec({ ...mine, problem: 'stale' })];
    expect(named(someInput({}, {}, { kernelspecs }))).toEqual([
      'warning stale-kernelspec'
    ]);
  });

  it('should say nothing of a sound one, or one of another place', () => {
    expect(named(someInput({}, {}, { kernelspecs: [someSpec(mine)] }))).toEqual(
      []
    );
    const elsewhere = someSpec({
      ...mine,
      resourceDir: '/elsewhere/work',
      problem: 'stale'
    });
    expect(named(someInput({}, {}, { kernelspecs: [elsewhere] }))).toEqual([]);
  });
});

describe('bare-python', () => {
  const bare = { kernelspec: { argv: ['python', '-m', 'ipykernel_launcher'] } };

  it('should say that it is Jupyter’s own interpreter', () => {
    expect(named(someInput({ mlflow: ABSENT }, bare))).toEqual([
      'error package-missing',
      'warning bare-python'
    ]);
  });

  it.each([
    ['MLflow is there', {}, bare],
    ['the path is absolute', { mlflow: ABSENT }, {}],
    [
      'it is the kernelspec that comes with ipykernel',
      { mlflow: ABSENT },
      {
        kernelspec: {
          argv: ['python', '-m', 'ipykernel_launcher'],
          resource_dir: '/home/ada/envs/work/share/jupyter/kernels/work'
        }
      }
    ],
    [
      'it is the default one',
      { mlflow: ABSENT },
      { kernelspec: { ...bare.kernelspec, name: 'python3' } }
    ],
    [
      'the kernel is elsewhere',
      { mlflow: ABSENT },
      { ...bare, reach: 'gateway' as const }
    ]
  ])('should say nothing where %s', (_, facts, report) => {
    expect(named(someInput(facts, report))).not.toContain(
      'warning bare-python'
    );
  });
});

describe('same-name-kernelspec', () => {
  const hidden = someSpec({ name: 'work', problem: 'shadowed' });

  it('should mention the hidden one, and warn where it is the one with MLflow', () => {
    const rest = { kernelspecs: [hidden] };
    expect(named(someInput({}, {}, rest))).toEqual([
      'info same-name-kernelspec'
    ]);
    const [, finding] = diagnose(someInput({ mlflow: ABSENT }, {}, rest));
    expect(finding).toMatchObject({
      id: 'same-name-kernelspec',
      severity: 'warning',
      remedies: [
        {
          kind: 'register-kernel',
          executable: '/home/ada/envs/other/bin/python'
        },
        { kind: 'show-commands' }
      ]
    });
  });

  it.each([
    ['of the same environment', { prefix: '/home/ada/envs/work' }],
    ['of another name', { name: 'play' }],
    ['of which nothing is known', { prefix: null }]
  ])('should say nothing of one %s', (_, change) => {
    const kernelspecs = [{ ...hidden, ...change }];
    expect(named(someInput({}, {}, { kernelspecs }))).toEqual([]);
  });
});
