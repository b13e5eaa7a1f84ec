import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { configure, fireEvent, screen, waitFor } from '@testing-library/react';
import { FakeKernelWatch } from '../../kernel/testing/fake-kernels';
import { someReport } from '../../kernel/testing/reports';
import { ApiError } from '../../servers/request';
import { TEAM } from '../findings/testing/inputs';
import type { RemedyContext } from '../remedy-tokens';
import type { Remedy } from '../tokens';
import { RemedyRunner, type RemedyRunnerOptions } from './run';

// jsdom opens no <dialog>: all in it counts as hidden.
configure({ defaultHidden: true });

const refusal = (code: string): ApiError =>
  new ApiError({ code, message: `${code}.`, hint: 'Wait.', log: null });

function setUp(options: { jobs?: boolean; failure?: unknown } = {}) {
  const done: unknown[][] = [];
  const note =
    (what: string) =>
    (...args: unknown[]): Promise<never> => {
      done.push([
        what,
        ...args.filter(each => each !== on && each !== undefined)
      ]);
      return Promise.resolve(undefined as never);
    };
  const watch = new FakeKernelWatch();
  const on = {
    watch,
    context: {},
    notebook: 'notebooks/train.ipynb',
    finding: null
  } as unknown as RemedyContext;
  const runner = new RemedyRunner({
    ui: {
      translator: nullTranslator,
      commands: new CommandRegistry(),
      rendermime: null
    },
    actions: {
      run: note('run'),
      create: note('create'),
      switchKernel: note('switch')
    },
    kernelspecs: { repair: note('repair'), remove: note('remove') },
    servers: {
      features: { jobs: options.jobs ?? true },
      servers: [TEAM, { ...TEAM, id: 'here', name: 'Here', kind: 'local' }]
    },
    kernels: {
      tracking: (...args: unknown[]) => {
        done.push(['tracking', ...args]);
        return options.failure === undefined
          ? Promise.resolve(someReport())
          : // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the test gives
            Promise.reject(options.failure);
      }
    },
    kernelNames: () => ['mlflow_venv'],
    remember: note('remember'),
    contents: { rename: note('rename') }
  } as unknown as RemedyRunnerOptions);
  return { done, watch, run: (remedy: Remedy) => runner.run(remedy, on) };
}

const press = async (name: string): Promise<void> => {
  fireEvent.click(await screen.findByRole('button', { name }));
};

/** A dialog closes in its own time. */
const closed = () =>
  waitFor(() => {
    expect(document.querySelector('.jp-Dialog')).toBeNull();
  });

afterEach(closed);

describe('RemedyRunner', () => {
  it('should install for the kernel that was found wanting', async () => {
    const { run, done } = setUp();
    await run({
      kind: 'install',
      packages: ['mlflow==3.1.0', 'sqlalchemy<2.1'],
      reinstall: true
    });
    expect(done).toEqual([
      [
        'run',
        {
          kind: 'install',
          packages: ['mlflow==3.1.0', 'sqlalchemy<2.1'],
          kernel_id: 'kernel-1',
          reinstall: true
        },
        'mlflow==3.1.0 sqlalchemy<2.1'
      ]
    ]);
  });

  it('should read what a thorough check has found', async () => {
    const { run, done, watch } = setUp();
    await run({ kind: 'check-thoroughly' });
    expect(done).toEqual([
      ['run', { kind: 'check-imports', kernel_id: 'kernel-1' }, 'mlflow']
    ]);
    expect(watch.probes).toBe(1);
  });

  it('should show what to type where the administrator has turned jobs off, and say so', async () => {
    const { run, done } = setUp({ jobs: false });
    const running = run({
      kind: 'create-environment',
      mlflow: '2.3.2',
      packages: []
    });
    expect(
      await screen.findByText(/administrator .* has turned jobs off/)
    ).toBeTruthy();
    const shown = document.querySelector('pre');
    expect(shown?.textContent).toContain('python3.11 -m venv mlflow_venv_2');
    fireEvent.click(screen.getByRole('tab', { name: /Windows/ }));
    expect(shown?.textContent).toContain('py -3.11 -m venv mlflow_venv_2');
    await press('Close');
    await running;
    expect(done).toEqual([]);
  });

  it('should show for each of several things that are refused what to type, under its name', async () => {
    const { run } = setUp({ jobs: false });
    const running = run({
      kind: 'show-commands',
      of: { kind: 'install', packages: ['mlflow==3.1.0'] },
      others: [{ kind: 'create-environment', mlflow: '3.1.0', packages: [] }]
    });
    const install = await screen.findByRole('region', {
      name: 'Install MLflow 3.1.0 here'
    });
    const create = screen.getByRole('region', {
      name: 'Create an environment'
    });
    expect(
      [install, create].map(each => each.querySelector('h3')?.textContent)
    ).toEqual(['Install MLflow 3.1.0 here', 'Create an environment']);
    expect(install.querySelector('pre')?.textContent).toMatch(
      /bin\/python -m pip install mlflow==3\.1\.0$/
    );
    expect(create.querySelector('pre')?.textContent).toContain(
      '-m venv mlflow_venv_2'
    );
    expect(
      screen
        .getAllByRole('button', { name: /^Copy/ })
        .map(each => each.getAttribute('aria-label') ?? each.title)
    ).toEqual([
      'Copy the commands: Install MLflow 3.1.0 here',
      'Copy the commands: Create an environment'
    ]);
    // Of two ways only one is for a cell, and the other says so.
    fireEvent.click(screen.getByRole('tab', { name: /A cell/ }));
    expect(install.querySelector('pre')?.textContent).toBe(
      '%pip install mlflow==3.1.0'
    );
    expect(create.textContent).toContain('into a terminal, not into a cell');
    await press('Close');
    await running;
  });

  it('should say that a kernel of another machine gets an environment where its packages are the system’s', async () => {
    const { run, watch } = setUp();
    watch.set({
      report: someReport({
        reach: 'gateway',
        facts: { externally_managed: true, uv: false }
      })
    });
    const running = run({
      kind: 'show-commands',
      of: { kind: 'install', packages: ['mlflow==3.1.0'] }
    });
    expect(
      await screen.findByText(/Choose that kernel for this notebook/)
    ).toBeTruthy();
    expect(document.querySelector('pre')?.textContent).toContain(
      '-m venv "{folder}"'
    );
    await press('Close');
    await running;
  });

  it('should show what to run in a cell, and for the shells of the machine', async () => {
    const { run } = setUp();
    const install = { kind: 'install', packages: ['mlflow'] } as const;
    const running = run({ kind: 'show-commands', of: install });
    expect(await screen.findByText(/^Run this in a cell of this/)).toBeTruthy();
    const shown = document.querySelector('pre');
    expect(shown?.textContent).toBe('%pip install mlflow');
    fireEvent.click(screen.getByRole('tab', { name: 'Linux and macOS' }));
    expect(screen.getByText('Type this into a terminal.')).toBeTruthy();
    expect(shown?.textContent).toMatch(/bin\/python -m pip install mlflow$/);
    await press('Close');
    await running;
  });

  it('should show for a kernel of another machine what to run there, and nothing else', async () => {
    const { run, watch } = setUp();
    watch.set({ report: someReport({ reach: 'gateway' }) });
    const running = run({
      kind: 'show-commands',
      of: { kind: 'install', packages: ['mlflow==3.1.0', 'sqlalchemy<2.1'] }
    });
    expect(await screen.findByText(/is on another machine/)).toBeTruthy();
    expect(document.querySelector('pre')?.textContent).toBe(
      '%pip install mlflow==3.1.0 "sqlalchemy<2.1"'
    );
    expect(screen.queryByRole('tab')).toBeNull();
    await press('Close');
    await running;
  });

  it('should connect without a login unless the person agrees, and remember if they wish', async () => {
    const { run, done, watch } = setUp();
    const first = run({
      kind: 'use-panel-server',
      serverId: 'team',
      name: 'team-mlflow'
    });
    await press('Log there');
    await first;
    expect(done).toEqual([
      ['tracking', 'kernel-1', 'team', { credentials: false }]
    ]);
    expect(watch.probes).toBe(1);
    await closed();

    const second = run({
      kind: 'use-panel-server',
      serverId: 'team',
      name: 'team-mlflow'
    });
    for (const box of await screen.findAllByRole('checkbox')) {
      fireEvent.click(box);
    }
    await press('Log there');
    await second;
    expect(done.slice(1)).toEqual([
      ['tracking', 'kernel-1', 'team', { credentials: true }],
      ['remember', 'notebooks/train.ipynb', 'team']
    ]);
  });

  it('should ask for no login where a server has none, and do nothing without consent', async () => {
    const { run, done } = setUp();
    const running = run({
      kind: 'use-panel-server',
      serverId: 'here',
      name: 'Here'
    });
    expect(await screen.findAllByRole('checkbox')).toHaveLength(1);
    // The cross in the corner is called so, too.
    fireEvent.click(screen.getByText('Cancel'));
    await running;
    expect(done).toEqual([]);
  });

  it('should say why a kernel could not be connected', async () => {
    const { run, watch } = setUp({ failure: refusal('kernel-remote') });
    const running = run({
      kind: 'use-panel-server',
      serverId: 'team',
      name: 'team-mlflow'
    });
    await press('Log there');
    expect(await screen.findByText('kernel-remote. Wait.')).toBeTruthy();
    expect(watch.probes).toBe(0);
    await press('Close');
    await running;
  });

  it('should install the package that the person names for a module', async () => {
    const { run, done } = setUp();
    const running = run({ kind: 'install-named', module: 'odd' });
    const field = await screen.findByRole('textbox');
    expect(field).toHaveProperty('value', '');
    fireEvent.change(field, { target: { value: ' odd-tools>=2 ' } });
    await press('Install');
    await running;
    expect(done).toEqual([
      [
        'run',
        { kind: 'install', packages: ['odd-tools>=2'], kernel_id: 'kernel-1' },
        'odd-tools>=2',
        'odd'
      ]
    ]);
  });

  it('should show what to type with the name, where jobs are off', async () => {
    const { run, done } = setUp({ jobs: false });
    const running = run({ kind: 'install-named', module: 'odd' });
    const field = await screen.findByRole('textbox');
    fireEvent.change(field, { target: { value: 'odd-tools' } });
    await press('Install');
    await closed();
    await waitFor(() => {
      expect(document.querySelector('pre')?.textContent).toContain('odd-tools');
    });
    await press('Close');
    await running;
    expect(done).toEqual([]);
  });

  it('should forget what was remembered', async () => {
    const { run, done, watch } = setUp();
    await run({ kind: 'forget-server' });
    expect(done).toEqual([['remember', 'notebooks/train.ipynb', null]]);
    expect(watch.probes).toBe(1);
  });

  it('should rename a file below Jupyter’s folder, and ask the kernel again', async () => {
    const { run, done, watch } = setUp();
    const running = run({
      kind: 'rename-file',
      // Jupyter's root is a link: only the server knows that this is in it.
      path: 'D:\\disk\\ada\\work\\mlflow.py',
      contentsPath: 'work/mlflow.py'
    });
    await press('Rename');
    await running;
    expect(done).toEqual([['rename', 'work/mlflow.py', 'work/my_mlflow.py']]);
    expect(watch.probes).toBe(1);
  });

  it('should leave files elsewhere to the person', async () => {
    const { run, done } = setUp();
    const running = run({
      kind: 'rename-file',
      path: '/home/adam/mlflow.py',
      contentsPath: null
    });
    expect(await screen.findByText(/lies outside of Jupyter/)).toBeTruthy();
    await press('Close');
    await running;
    expect(done).toEqual([]);
  });
});
