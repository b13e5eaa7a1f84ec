import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { FakeKernelWatch } from '../kernel/testing/fake-kernels';
import { someReport } from '../kernel/testing/reports';
import { ABSENT, TEAM, someSpec } from './findings/testing/inputs';
import { KernelDoctor } from './model';
import type { KernelspecFacts } from './tokens';
import { Wishes } from './wishes';

class FakeSpecs {
  readonly changed = new Signal<never, void>(this as never);
  current: ReadonlyArray<KernelspecFacts> | null = null;
  wanted = 0;
  forgotten = 0;
  want(): void {
    this.wanted++;
  }
  forget(): void {
    this.forgotten++;
  }
}

class FakeVersions {
  readonly changed = new Signal<never, void>(this as never);
  current: Readonly<Record<string, string>> = {};
  readonly wanted: string[] = [];
  want(id: string): void {
    this.wanted.push(id);
  }
  forget(): void {
    this.wanted.length = 0;
  }
}

class FakeServers {
  readonly changed = new Signal<never, void>(this as never);
  current: typeof TEAM | null = null;
  health = {
    state: 'connected' as const,
    version: '3.17.2',
    latency: 1,
    problem: null,
    lastAnswer: 1
  };
  isActivated = false;
  activate(): void {
    this.isActivated = true;
  }
}

const BROKEN = {
  ok: false,
  seconds: 0.1,
  error: {
    type: 'ModuleNotFoundError',
    message: "No module named 'yaml'",
    module: 'yaml'
  }
};

function setUp(facts: Parameters<typeof someReport>[0] = {}) {
  const watch = new FakeKernelWatch();
  watch.set({ report: someReport(facts) });
  const specs = new FakeSpecs();
  const servers = new FakeServers();
  const versions = new FakeVersions();
  const tried: string[] = [];
  const trial = { fails: false };
  const wishes = new Wishes();
  const doctor = new KernelDoctor({
    watch,
    context: { kernelPreference: {} },
    servers,
    wishes,
    specs,
    versions,
    tryImport: id => {
      tried.push(id);
      return trial.fails
        ? Promise.reject(new Error('environment-busy'))
        : Promise.resolve();
    },
    trans: nullTranslator.load('')
  });
  const seen: string[] = [];
  doctor.changed.connect((_, view) => {
    seen.push(view.mark.text);
  });
  return {
    watch,
    specs,
    servers,
    versions,
    doctor,
    seen,
    tried,
    trial,
    wishes
  };
}

describe('KernelDoctor', () => {
  it('should ask nobody about a kernel that has MLflow', () => {
    const { doctor, specs, servers } = setUp();
    expect(doctor.view.mark).toEqual({
      state: 'healthy',
      text: 'MLflow ✓',
      findings: []
    });
    expect(specs.wanted).toBe(0);
    expect(servers.isActivated).toBe(false);
  });

  it('should ask for other kernels where this one has no MLflow, and say which', () => {
    const { doctor, specs, seen } = setUp({ facts: { mlflow: ABSENT } });
    expect(specs.wanted).toBe(1);
    expect(doctor.view.findings.map(({ id }) => id)).toEqual([
      'package-missing'
    ]);
    specs.current = [someSpec()];
    specs.changed.emit();
    expect(doctor.view.findings.map(({ id }) => id)).toEqual(['wrong-kernel']);
    expect(seen).toEqual(['MLflow: 1 problem']);
  });

  it('should compare with the panel once MLflow is in use', () => {
    const elsewhere = {
      facts: {
        tracking: { source: 'default' as const },
        mlflow: { imported: { version: '3.17.2', file: null } }
      },
      logs_to: { server_id: null, place: '/home/ada/mlflow.db' }
    };
    const { doctor, servers } = setUp(elsewhere);
    expect(servers.isActivated).toBe(true);
    expect(doctor.view.mark.state).toBe('healthy');
    servers.current = TEAM;
    servers.changed.emit();
    expect(doctor.view.mark.state).toBe('attention');
    expect(doctor.view.findings[0].id).toBe('logs-elsewhere');
  });

  it('should ask for the version of the server that the kernel logs to where the panel shows another', () => {
    const { doctor, servers, versions } = setUp({
      facts: { mlflow: { imported: { version: '3.17.2', file: null } } },
      logs_to: { server_id: 'play' }
    });
    servers.current = TEAM;
    servers.changed.emit();
    expect(versions.wanted).toContain('play');
    versions.current = { play: '2.3.2' };
    versions.changed.emit();
    expect(doctor.view.findings.map(({ id }) => id)).toContain('version-skew');
  });

  it('should propose to connect unless the person wants that never', () => {
    const { doctor, servers, wishes } = setUp({
      facts: {
        tracking: { source: 'default' as const },
        mlflow: { imported: { version: '3.17.2', file: null } }
      },
      logs_to: { server_id: null, place: '/home/ada/mlflow.db' }
    });
    servers.current = TEAM;
    servers.changed.emit();
    const offered = () =>
      doctor.view.findings
        .flatMap(({ remedies }) => remedies)
        .some(({ kind }) => kind === 'use-panel-server');
    expect(offered()).toBe(true);
    wishes.take({ connectKernels: 'never' });
    expect(offered()).toBe(false);
    expect(doctor.view.findings[0].id).toBe('logs-elsewhere');
    wishes.take({ connectKernels: 'always' });
    expect(offered()).toBe(true);
  });

  it('should say nothing new when nothing is', () => {
    const { servers, watch, seen } = setUp();
    servers.changed.emit();
    watch.set({ report: someReport() });
    expect(seen).toEqual([]);
  });

  it('should check again with other kernels, and say that it does', async () => {
    const { doctor, watch, specs } = setUp({ facts: { mlflow: ABSENT } });
    const checking: boolean[] = [];
    doctor.changed.connect((_, view) => {
      checking.push(view.isChecking);
    });
    watch.afterProbe = { report: someReport() };
    await Promise.all([doctor.check(), doctor.check()]);
    expect(watch.probes).toBe(1);
    expect(specs.forgotten).toBe(1);
    expect(checking.at(0)).toBe(true);
    expect(checking.at(-1)).toBe(false);
    expect(doctor.view.mark.state).toBe('healthy');
  });

  it('should say what a thorough check has found, for as long as the kernel’s report tells it', () => {
    const { doctor, watch, tried } = setUp();
    watch.set({ report: someReport({ import_check: BROKEN }) });
    expect(doctor.view.mark.text).toBe('MLflow: 1 problem');
    expect(doctor.view.findings[0]).toMatchObject({
      id: 'dependency-broken',
      message: [expect.any(String), 'yaml']
    });
    expect(doctor.view.findings[0].remedies[0].kind).toBe('install');
    watch.set({
      report: someReport({ import_check: { ...BROKEN, ok: true, error: null } })
    });
    expect(doctor.view.findings).toEqual([]);
    watch.set({ report: someReport({ import_check: BROKEN }) });
    // Another process of the kernel: nobody knows.
    watch.set({ report: someReport({ facts: { pid: 4243 } }) });
    expect(doctor.view.findings).toEqual([]);
    expect(tried).toEqual([]);
  });

  it('should say nothing of a check while the kernel cannot be asked', () => {
    const { doctor, watch } = setUp({ import_check: BROKEN });
    watch.set({ state: 'unknown', reason: 'busy' });
    expect(doctor.view.findings).toEqual([]);
  });

  it('should try an import that failed in a cell once for each cause and process', async () => {
    const { doctor, watch, tried, trial } = setUp();
    await doctor.tryImport('a');
    await doctor.tryImport('a');
    expect(tried).toEqual(['kernel-1']);
    await doctor.tryImport('b');
    expect(tried).toHaveLength(2);
    // Something was installed since.
    trial.fails = true;
    await doctor.tryImport('a', true);
    expect(tried).toHaveLength(3);
    watch.set({ report: someReport({ facts: { pid: 4243 } }) });
    await doctor.tryImport('a');
    expect(tried).toHaveLength(4);
    for (const cause of 'bcdefghij') {
      await doctor.tryImport(cause);
    }
    expect(tried).toHaveLength(8);
    watch.set({ state: 'unknown', reason: 'busy' });
    await doctor.tryImport('k', true);
    expect(tried).toHaveLength(8);
  });

  it('should try again with a check, if it had failed', async () => {
    const { doctor, watch, tried } = setUp();
    await doctor.check();
    expect(tried).toEqual([]);
    watch.set({ report: someReport({ import_check: BROKEN }) });
    await doctor.check();
    expect(tried).toEqual(['kernel-1']);
  });
});
