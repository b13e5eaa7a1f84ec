import { Signal } from '@lumino/signaling';
import { act, fireEvent, screen, within } from '@testing-library/react';
import type { MachineEnvironments } from '../environments';
import {
  someInterpreter,
  someKernelspec,
  someMachine
} from '../environments/testing/machines';
import { FakeServers, FakeTransport, renderView } from '../ui/testing/harness';
import { EnvironmentsModel } from './model';
import type { Offer } from './rows';
import EnvironmentPage from './view';

const BARE = someInterpreter('/envs/bare', {
  mlflow: null,
  kernelspecs: ['bare']
});
const MACHINE = someMachine({
  interpreters: [
    BARE,
    someInterpreter('/usr', {
      kind: 'system',
      mlflow: null,
      ipykernel: null,
      externally_managed: true
    })
  ],
  kernelspecs: [
    someKernelspec('bare', BARE),
    someKernelspec('gone', null, { problem: 'stale', detail: 'It is gone.' })
  ]
});

const NOTHING = new Signal<never, null>({} as never);

const models: EnvironmentsModel[] = [];

async function setUp(
  answers: ReadonlyArray<MachineEnvironments | Error | null>
) {
  const asked: boolean[] = [];
  const taken: Offer[] = [];
  const model = new EnvironmentsModel({
    api: {
      list: fresh => {
        const answer = answers[asked.push(fresh) - 1];
        return answer === null
          ? new Promise(() => undefined)
          : answer instanceof Error
            ? Promise.reject(answer)
            : Promise.resolve(answer);
      }
    },
    kernels: { current: null, currentChanged: NOTHING },
    nameOf: path => path,
    changes: []
  });
  models.push(model);
  const servers = Object.assign(
    new FakeServers(new FakeTransport(() => ({ json: {} }))),
    { health: { state: 'connected', version: '2.3.2' } }
  );
  const { container } = renderView(
    <EnvironmentPage
      services={{
        model,
        onTake: offer => taken.push(offer),
        onCreate: () => undefined
      }}
    />,
    servers
  );
  await act(async () => {
    await Promise.resolve();
  });
  const state = () =>
    container
      .querySelector('[data-mlflow-environments]')
      ?.getAttribute('data-state');
  return { asked, taken, state };
}

const press = async (name: string | RegExp) => {
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name }));
    await Promise.resolve();
  });
};

describe('EnvironmentPage', () => {
  afterEach(() => {
    for (const model of models.splice(0)) {
      model.dispose();
    }
  });

  it('should say that it asks, and offer nothing before it knows what is allowed', async () => {
    const { state } = await setUp([null]);
    expect(state()).toBe('loading');
    expect(
      screen.getByRole('status', {
        name: 'Asking the interpreters of this machine'
      })
    ).toBeTruthy();
    expect(screen.queryByRole('button', { name: /Create/ })).toBeNull();
  });

  it('should say why it knows nothing, and try again', async () => {
    const { state } = await setUp([new Error('Jupyter is gone'), MACHINE]);
    expect(state()).toBe('error');
    expect(screen.getByRole('alert').textContent).toContain('Jupyter is gone');
    await press('Try again');
    expect(state()).toBe('ready');
  });

  it('should list environments, kernels, and apart from them what is only there', async () => {
    const { taken } = await setUp([MACHINE]);
    const [environments, kernels, others] = screen.getAllByRole('table');
    expect(within(environments).getAllByRole('row')).toHaveLength(2);
    expect(
      within(kernels).getByRole('rowheader', { name: /It is gone\./ })
    ).toBeTruthy();
    expect(others.textContent).toContain('manages its packages');
    // What to install is the server's version, with what that needs beside it.
    await press(/^Install MLflow 2\.3\.2/);
    expect(taken[0]).toMatchObject({
      kind: 'install',
      prefix: '/envs/bare',
      packages: expect.arrayContaining(['mlflow==2.3.2']) as string[]
    });
  });

  it('should ask every interpreter anew on demand, and keep what it shows when that fails', async () => {
    const { asked, state } = await setUp([MACHINE, new Error('Too slow')]);
    await press('Ask every interpreter anew');
    expect(asked).toEqual([false, true]);
    expect(state()).toBe('ready');
    expect(screen.getByRole('alert').textContent).toContain('Too slow');
    expect(screen.getAllByRole('table')).toHaveLength(3);
  });

  it('should say that the kernels of a gateway have nothing of this machine, and offer nothing for them', async () => {
    await setUp([{ ...MACHINE, reach: 'gateway' }]);
    expect(screen.getByText(/behind a gateway.*%pip/)).toBeTruthy();
    expect(screen.queryByText('Other Pythons of this machine')).toBeNull();
    for (const name of [
      /^Install/,
      /^Repair/,
      /^Create/,
      /^Add/,
      /^Show me the commands/
    ]) {
      expect(screen.queryByRole('button', { name })).toBeNull();
    }
  });

  it('should instruct where an administrator has turned jobs off', async () => {
    await setUp([{ ...MACHINE, jobs: false }]);
    expect(screen.getByText(/has turned jobs off/)).toBeTruthy();
    for (const name of [/^Install/, /^Repair/, /^Create/, /^New/]) {
      expect(screen.queryByRole('button', { name })).toBeNull();
    }
    // For the kernel “bare” there would be nothing but to remove it: that is in the menu.
    expect(
      screen
        .getAllByRole('button', { name: /^Show me the commands/ })
        .map(button => button.getAttribute('aria-label'))
    ).toEqual(
      ['bare', 'gone', 'Python 3.11.7'].map(
        name => `Show me the commands (${name})`
      )
    );
  });
});
