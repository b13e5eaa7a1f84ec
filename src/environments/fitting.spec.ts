import { interpretersFor } from './fitting';
import { someInterpreter, someKernelspec } from './testing/machines';

const names = (
  ...[spec, all]: Parameters<typeof interpretersFor>
): ReadonlyArray<string> =>
  interpretersFor(spec, all).map(({ prefix }) => prefix);

describe('interpretersFor', () => {
  const own = someInterpreter('/envs/own', { mlflow: null, ipykernel: null });
  const old = someInterpreter('/envs/old', { mlflow: '2.3.2' });
  const newest = someInterpreter('/envs/newest');
  const plain = someInterpreter('/envs/plain', { mlflow: null });

  it('should begin with the one that the kernelspec starts, although it lacks ipykernel', () => {
    const spec = someKernelspec('k', own, { problem: 'no-ipykernel' });
    expect(names(spec, [plain, old, newest, own])).toEqual([
      '/envs/own',
      '/envs/newest',
      '/envs/old',
      '/envs/plain'
    ]);
  });

  it('should begin with the environment whose interpreter has got another name', () => {
    const gone = someKernelspec('k', null, {
      problem: 'stale',
      executable: '/envs/plain/bin/python3.10'
    });
    expect(names(gone, [newest, plain])[0]).toBe('/envs/plain');
  });

  it('should begin with the environment that a bare kernelspec stands in, not with Jupyter’s own', () => {
    const bare = someKernelspec('k', newest, {
      problem: 'bare-python',
      resource_dir: '/envs/old/share/jupyter/kernels/k'
    });
    expect(names(bare, [newest, old])[0]).toBe('/envs/old');
  });

  it('should not take one name for the beginning of another', () => {
    const broken = someKernelspec('k', null, {
      problem: 'broken-json',
      resource_dir: '/envs/older/share/jupyter/kernels/k'
    });
    expect(names(broken, [newest, old])[0]).toBe('/envs/newest');
  });

  it('should leave out what cannot run a kernel', () => {
    const lacking = { ipykernel: null } as const;
    expect(
      names(someKernelspec('k', null, { problem: 'stale' }), [
        someInterpreter('/gone', { problem: 'Its file is gone.' }),
        someInterpreter('/usr', { ...lacking, externally_managed: true }),
        someInterpreter('/opt', { ...lacking, writable: false })
      ])
    ).toEqual([]);
  });
});
