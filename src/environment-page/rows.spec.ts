import {
  someInterpreter,
  someKernelspec,
  someMachine
} from '../environments/testing/machines';
import { nameOf, type Offer, rowsOf, type RowsGiven } from './rows';

const GIVEN: RowsGiven = { active: null, requirements: ['mlflow==3.17.2'] };
const kinds = (offers: ReadonlyArray<Offer>) => offers.map(({ kind }) => kind);

/** The only environment's offers. */
function ofInterpreter(
  change: Parameters<typeof someInterpreter>[1],
  rest: { given?: Partial<RowsGiven>; jobs?: boolean } = {}
) {
  const interpreter = someInterpreter('/envs/work', change);
  const { interpreters } = rowsOf(
    someMachine({ interpreters: [interpreter], jobs: rest.jobs ?? true }),
    { ...GIVEN, ...rest.given }
  );
  return interpreters[0].offers;
}

describe('rowsOf interpreters', () => {
  it('should offer to install the server’s MLflow and to add a kernel where both are missing', () => {
    const offers = ofInterpreter({ mlflow: null, distribution: null });
    expect(kinds(offers)).toEqual([
      'install',
      'register',
      'terminal',
      'commands'
    ]);
    expect(offers[0]).toMatchObject({
      executable: '/envs/work/bin/python',
      packages: ['mlflow==3.17.2']
    });
  });

  it('should offer the whole of MLflow, in its version, where a part is installed', () => {
    expect(
      ofInterpreter({ mlflow: '3.1.0', distribution: 'mlflow-skinny' })[0]
    ).toMatchObject({ kind: 'install', packages: ['mlflow==3.1.0'] });
  });

  it('should install nothing where that is not allowed, or would break the system', () => {
    const bare = { mlflow: null, ipykernel: null };
    for (const change of [
      { ...bare, writable: false },
      { ...bare, externally_managed: true },
      { ...bare, problem: 'Python 3.7.1 is too old' }
    ]) {
      expect(kinds(ofInterpreter(change))).not.toContain('install');
      expect(kinds(ofInterpreter(change))).not.toContain('register');
    }
  });

  it('should offer nothing for the kernels of a gateway, which see no environment of here', () => {
    const bare = { mlflow: null, ipykernel: null, distribution: null };
    const work = someInterpreter('/envs/work', { ...bare, removable: true });
    const system = someInterpreter('/usr', { ...bare, kind: 'system' });
    const far = someKernelspec('far', null, { resource_dir: '' });
    const given = {
      ...GIVEN,
      active: { name: 'train.ipynb', kernelName: 'other', prefix: null }
    };
    const of = (reach: 'local' | 'gateway') => {
      const { interpreters, kernelspecs } = rowsOf(
        someMachine({
          interpreters: [work, system],
          kernelspecs: [far],
          reach
        }),
        given
      );
      return [...interpreters, ...kernelspecs].map(({ offers }) =>
        kinds(offers)
      );
    };
    expect(of('gateway')).toEqual([
      ['terminal', 'commands', 'remove-environment'],
      [],
      ['switch']
    ]);
    expect(of('local').flat()).toEqual(
      expect.arrayContaining(['create', 'install', 'register'])
    );
  });

  it('should offer the commands alone where jobs are turned off', () => {
    const offers = ofInterpreter(
      { mlflow: null, removable: true },
      { jobs: false }
    );
    expect(kinds(offers)).toEqual(['terminal', 'commands']);
    expect(offers.at(-1)).toMatchObject({
      of: [
        { kind: 'install' },
        { kind: 'register' },
        { kind: 'remove-environment' }
      ]
    });
  });

  it('should rather make an environment with a Python that all share than change it', () => {
    const shared = { kind: 'system', mlflow: null } as const;
    expect(kinds(ofInterpreter(shared))).toEqual([
      'create',
      'install',
      'register',
      'commands'
    ]);
    expect(
      kinds(ofInterpreter({ ...shared, problem: 'Python 2.7 is too old' }))
    ).toEqual([]);
  });

  it('should remove only what a job has made, and last', () => {
    expect(kinds(ofInterpreter({ removable: true })).at(-1)).toBe(
      'remove-environment'
    );
    expect(kinds(ofInterpreter({}))).not.toContain('remove-environment');
  });

  it('should offer to use it in the notebook that runs elsewhere, by a kernel that starts', () => {
    const work = someInterpreter('/envs/work', { kernelspecs: ['work'] });
    const machine = someMachine({
      interpreters: [work],
      kernelspecs: [someKernelspec('work', work)]
    });
    const active = { name: 'a.ipynb', kernelName: 'other', prefix: '/usr' };
    const offersFor = (kernelName: string) =>
      rowsOf(machine, { ...GIVEN, active: { ...active, kernelName } })
        .interpreters[0].offers;
    expect(offersFor('other')).toContainEqual({
      kind: 'switch',
      kernelName: 'work',
      to: 'a.ipynb'
    });
    expect(kinds(offersFor('work'))).not.toContain('switch');
  });

  it('should tell two kernels of one name apart by what they start', () => {
    const used = someInterpreter('/envs/used', { kernelspecs: ['python3'] });
    const hidden = someInterpreter('/envs/hidden', {
      kernelspecs: ['python3']
    });
    const { interpreters } = rowsOf(
      someMachine({
        interpreters: [used, hidden],
        kernelspecs: [
          someKernelspec('python3', used),
          someKernelspec('python3', hidden, {
            problem: 'shadowed',
            resource_dir: '/other/python3'
          })
        ]
      }),
      GIVEN
    );
    const [other, first] = interpreters;
    expect(
      [other, first].map(({ interpreter }) => nameOf(interpreter.prefix))
    ).toEqual(['hidden', 'used']);
    expect(first.kernels.map(({ problem }) => problem)).toEqual([null]);
    expect(kinds(first.offers)).not.toContain('register');
    expect(other.offers[0]).toEqual({
      kind: 'register',
      executable: '/envs/hidden/bin/python',
      isHidden: true
    });
  });

  it('should put the one in use first, then what is good for MLflow', () => {
    const { interpreters } = rowsOf(
      someMachine({
        interpreters: [
          someInterpreter('/gone', { problem: 'Its file is gone.' }),
          someInterpreter('/envs/bare', { mlflow: null, ipykernel: null }),
          someInterpreter('/envs/full'),
          someInterpreter('/envs/used', { mlflow: null })
        ]
      }),
      {
        ...GIVEN,
        active: { name: 'a', kernelName: 'used', prefix: '/envs/used' }
      }
    );
    expect(
      interpreters.map(({ interpreter }) => nameOf(interpreter.prefix))
    ).toEqual(['used', 'full', 'bare', 'gone']);
    expect(interpreters[0].isActive).toBe(true);
  });
});

describe('rowsOf kernelspecs', () => {
  const work = someInterpreter('/envs/work', { kernelspecs: ['k'] });
  const offersOf = (
    change: Parameters<typeof someKernelspec>[2],
    given: Partial<RowsGiven> = {}
  ) =>
    rowsOf(
      someMachine({
        interpreters: [work],
        kernelspecs: [someKernelspec('k', work, change)]
      }),
      { ...GIVEN, ...given }
    ).kernelspecs[0].offers;

  it.each([['stale'], ['broken-json'], ['bare-python'], ['check-failed']])(
    'should offer to repair one with the problem %s, if it is the person’s own',
    problem => {
      expect(kinds(offersOf({ problem }))[0]).toBe('repair');
      expect(kinds(offersOf({ problem, removable: false }))).not.toContain(
        'repair'
      );
    }
  );

  it('should offer to mend an environment without ipykernel whoever owns the kernelspec', () => {
    expect(
      kinds(offersOf({ problem: 'no-ipykernel', removable: false }))[0]
    ).toBe('repair');
  });

  it('should give a hidden one a name of its own, and never repair it', () => {
    const offers = offersOf({ problem: 'shadowed' });
    expect(kinds(offers)).toEqual(['register', 'commands', 'remove-kernel']);
    expect(offers[0]).toMatchObject({ isHidden: true });
  });

  it('should name the folder that would be removed', () => {
    expect(offersOf({}).at(-1)).toEqual({
      kind: 'remove-kernel',
      kernelName: 'k',
      resourceDir: '/home/ada/.local/share/jupyter/kernels/k'
    });
  });

  it('should not switch to a kernel that cannot start', () => {
    const active = { name: 'a.ipynb', kernelName: 'other', prefix: '/usr' };
    expect(kinds(offersOf({}, { active }))).toContain('switch');
    for (const problem of ['stale', 'no-ipykernel', 'shadowed']) {
      expect(kinds(offersOf({ problem }, { active }))).not.toContain('switch');
    }
  });

  it('should leave kernels of other languages alone, and last', () => {
    const { kernelspecs } = rowsOf(
      someMachine({
        kernelspecs: [
          someKernelspec('bash', null, { language: 'bash' }),
          someKernelspec('z', null, { language: '', problem: 'broken-json' })
        ]
      }),
      {
        ...GIVEN,
        active: { name: 'a.ipynb', kernelName: 'other', prefix: null }
      }
    );
    expect(kernelspecs.map(({ spec }) => spec.name)).toEqual(['z', 'bash']);
    expect(kernelspecs[1].offers).toEqual([]);
  });
});

describe('nameOf', () => {
  it.each([
    ['/home/ada/envs/work/', 'work'],
    ['C:\\Users\\ada\\späte Übung', 'späte Übung'],
    ['/', '/']
  ])('should be the last part of %s', (path, name) => {
    expect(nameOf(path)).toBe(name);
  });
});
