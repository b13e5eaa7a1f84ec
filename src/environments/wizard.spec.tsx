import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { ApiError } from '../servers/request';
import { FakeServers, FakeTransport, renderView } from '../ui/testing/harness';
import type { ImportedPackage, MachineEnvironments } from './api';
import type { toOrder } from './draft';
import { someKernelspec, someMachine } from './testing/machines';
import { Wizard } from './wizard';

const servers = () => new FakeServers(new FakeTransport(() => ({ json: {} })));

function setUp(machine: MachineEnvironments | null = null) {
  const orders: ReturnType<typeof toOrder>[] = [];
  let answer: (found: ReadonlyArray<ImportedPackage>) => void = () => undefined;
  const found = new Promise<ReadonlyArray<ImportedPackage>>(resolve => {
    answer = resolve;
  });
  const refused: Error[] = [];
  renderView(
    <Wizard
      wish={null}
      on={null}
      serverVersion={null}
      machine={() =>
        machine === null
          ? new Promise(() => undefined)
          : Promise.resolve(machine)
      }
      imports={() => found}
      begin={order => {
        orders.push(order);
        const problem = refused.shift();
        return problem === undefined
          ? new Promise(() => undefined)
          : Promise.reject(problem);
      }}
      refreshKernels={() => Promise.resolve()}
      tryImport={() => Promise.resolve(null)}
      onClose={() => undefined}
    />,
    servers()
  );
  return { orders, answer, refused };
}

const name = () => screen.getByRole('textbox', { name: 'Name' });

describe('Wizard', () => {
  it('should keep what is typed before the notebook’s imports are known', async () => {
    const { orders, answer } = setUp();
    fireEvent.change(name(), { target: { value: 'mine' } });
    await act(async () => {
      answer([{ module: 'sklearn', package: 'scikit-learn' }]);
      await Promise.resolve();
    });
    fireEvent.click(screen.getByRole('button', { name: 'Create' }));
    expect(orders).toMatchObject([
      { name: 'mine', packages: ['scikit-learn'] }
    ]);
  });

  it('should lose neither the imports nor what is typed in the moment that they come', async () => {
    const { orders, answer } = setUp();
    // Within one act nothing is drawn: the field still has the draft of before.
    await act(async () => {
      answer([{ module: 'pandas', package: 'pandas' }]);
      await Promise.resolve();
      await Promise.resolve();
      fireEvent.change(name(), { target: { value: 'mine' } });
    });
    expect(screen.getByRole('checkbox', { name: 'pandas' })).toHaveProperty(
      'checked',
      true
    );
    expect(
      screen.getByText('This notebook also imports pandas. Install it too?')
    ).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Create' }));
    expect(orders).toMatchObject([{ name: 'mine', packages: ['pandas'] }]);
  });

  it('should leave out a package that the person does not want', async () => {
    const { orders, answer } = setUp();
    await act(async () => {
      answer([
        { module: 'pandas', package: 'pandas' },
        { module: 'own_module', package: null }
      ]);
      await Promise.resolve();
    });
    fireEvent.click(screen.getByRole('checkbox', { name: 'pandas' }));
    fireEvent.click(screen.getByRole('button', { name: 'Create' }));
    expect(orders[0].packages).toBeUndefined();
  });

  it('should keep open what it opened for a refused field', async () => {
    const { refused } = setUp();
    refused.push(
      new ApiError({
        code: 'invalid-folder',
        message: 'The folder does not exist.',
        hint: 'Choose another.',
        log: null
      })
    );
    fireEvent.click(screen.getByRole('button', { name: 'Create' }));
    const folder = await screen.findByRole('textbox', { name: 'Folder' });
    const more = folder.closest('details')!;
    await waitFor(() => {
      expect(more.open).toBe(true);
    });
    // What is typed next is not about the folder.
    fireEvent.click(screen.getByRole('button', { name: 'Create' }));
    fireEvent.change(name(), { target: { value: 'other' } });
    expect(more.open).toBe(true);
  });

  it('should show what to type for what was filled in, and come back to it', () => {
    const { orders } = setUp();
    fireEvent.change(name(), { target: { value: 'mine' } });
    fireEvent.change(screen.getByRole('combobox', { name: 'MLflow version' }), {
      target: { value: '2.3.2' }
    });
    fireEvent.click(
      screen.getByRole('button', { name: 'Show me the commands' })
    );
    const shown = document.querySelector('pre')?.textContent;
    expect(shown).toContain('python3.11 -m venv mine');
    expect(shown).toMatch(/pip install mlflow==2\.3\.2 .*ipykernel/);
    fireEvent.click(screen.getByRole('button', { name: 'Back' }));
    expect(name()).toHaveProperty('value', 'mine');
    expect(orders).toEqual([]);
  });

  it('should instruct only where an administrator has turned jobs off, with uv where the machine has it', async () => {
    const { orders } = setUp(
      someMachine({
        jobs: false,
        kernelspecs: [someKernelspec('mlflow_venv', null)]
      })
    );
    expect(await screen.findByText(/has turned jobs off/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Create' })).toBeNull();
    fireEvent.submit(name());
    const shown = document.querySelector('pre')?.textContent;
    expect(shown).toContain('/usr/bin/uv venv /home/ada/mlflow_venv');
    expect(shown).toContain('--name mlflow_venv_2');
    expect(orders).toEqual([]);
  });
});
