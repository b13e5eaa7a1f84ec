import { act, fireEvent, screen } from '@testing-library/react';
import { FakeServers, FakeTransport, renderView } from '../ui/testing/harness';
import type { MachineEnvironments } from './api';
import { RepairPane } from './repair';
import {
  someInterpreter,
  someKernelspec,
  someMachine
} from './testing/machines';

const OLD = someInterpreter('/envs/old', { mlflow: '2.3.2' });
const BARE = someInterpreter('/envs/bare', { mlflow: null, ipykernel: null });
const GONE = someKernelspec('gone', null, {
  problem: 'stale',
  executable: '/envs/gone/bin/python',
  detail: 'There is no /envs/gone/bin/python any more.'
});

async function setUp(answer: Promise<MachineEnvironments>) {
  const repaired: string[] = [];
  let closed = 0;
  renderView(
    <RepairPane
      kernelName="gone"
      machine={() => answer}
      onRepair={executable => repaired.push(executable)}
      onClose={() => closed++}
    />,
    new FakeServers(new FakeTransport(() => ({ json: {} })))
  );
  await act(async () => {
    await answer.catch(() => undefined);
  });
  return { repaired, closed: () => closed };
}

const click = (name: string) =>
  fireEvent.click(screen.getByRole('button', { name }));

describe('RepairPane', () => {
  it('should say what is wrong and where it will write, and propose the best interpreter', async () => {
    const { repaired } = await setUp(
      Promise.resolve(
        someMachine({ interpreters: [BARE, OLD], kernelspecs: [GONE] })
      )
    );
    expect(screen.getByText(/There is no .* any more/)).toBeTruthy();
    expect(screen.getByText(/kernels\/gone is written anew/)).toBeTruthy();
    expect(document.activeElement).toBe(
      screen.getByRole('radio', { name: /\/envs\/old/ })
    );
    click('Repair');
    expect(repaired).toEqual(['/envs/old/bin/python']);
  });

  it('should let another one be chosen, and say what that needs', async () => {
    const { repaired } = await setUp(
      Promise.resolve(
        someMachine({ interpreters: [BARE, OLD], kernelspecs: [GONE] })
      )
    );
    fireEvent.click(
      screen.getByRole('radio', { name: /ipykernel will be installed/ })
    );
    click('Repair');
    expect(repaired).toEqual(['/envs/bare/bin/python']);
  });

  it('should mean the kernelspec that Jupyter uses, not one that it hides', async () => {
    const hidden = { ...GONE, problem: 'shadowed', resource_dir: '/hidden' };
    await setUp(
      Promise.resolve(
        someMachine({ interpreters: [OLD], kernelspecs: [hidden, GONE] })
      )
    );
    expect(screen.queryByText(/\/hidden/)).toBeNull();
  });

  it.each([
    [
      'that no interpreter fits',
      Promise.resolve(someMachine({ kernelspecs: [GONE] })),
      /No interpreter here/
    ],
    [
      'that the kernel is gone by now',
      Promise.resolve(someMachine({ interpreters: [OLD] })),
      /no longer there/
    ],
    [
      'why nothing is known',
      Promise.reject(new Error('Jupyter does not answer')),
      /Jupyter does not answer/
    ]
  ])('should say %s', async (_, answer, words) => {
    const { repaired, closed } = await setUp(answer);
    expect(screen.getByText(words)).toBeTruthy();
    click('Close');
    expect([closed(), repaired]).toEqual([1, []]);
  });
});
