import { nullTranslator } from '@jupyterlab/translation';
import { FakeKernelWatch } from '../kernel/testing/fake-kernels';
import type { ImportCheck } from '../kernel/report';
import { someReport } from '../kernel/testing/reports';
import { proofOf, prove } from './proof';

const trans = nullTranslator.load('');
const WORKS: ImportCheck = { ok: true, seconds: 2.5, error: null };
const FAILS: ImportCheck = {
  ok: false,
  seconds: 0.5,
  error: { type: 'ImportError', message: 'no libfoo', module: 'mlflow' }
};

type Facts = NonNullable<Parameters<typeof someReport>[0]>['facts'];

/** What is said after a remedy for `module`, in a kernel with these facts. */
async function said(
  facts: Facts,
  check: ImportCheck | null = WORKS,
  module = 'mlflow'
) {
  const watch = new FakeKernelWatch();
  const tried: string[] = [];
  watch.afterProbe = { report: someReport({ facts }) };
  const answer = await prove(watch, module, (kernelId, name) => {
    tried.push(`${kernelId} ${name}`);
    return Promise.resolve(check);
  });
  return { ...proofOf(answer, trans), tried, probes: watch.probes };
}

describe('the proof at the end of a remedy', () => {
  it('should ask the kernel, and then try the import', async () => {
    expect(await said({})).toEqual({
      ok: true,
      message: 'MLflow 3.17.2 works in this kernel.',
      tried: ['kernel-1 mlflow'],
      probes: 1
    });
  });

  it('should not say that it works where the import was not tried', async () => {
    const { ok, message } = await said({}, null);
    expect(ok).toBe(true);
    expect(message).not.toContain('works');
  });

  it('should not try again what the job has tried', async () => {
    const watch = new FakeKernelWatch();
    watch.afterProbe = { report: someReport({ import_check: FAILS }) };
    const answer = await prove(watch, 'mlflow', () =>
      Promise.reject(new Error('tried'))
    );
    expect(proofOf(answer, trans).ok).toBe(false);
  });

  it('should say why the import fails', async () => {
    expect(await said({}, FAILS)).toMatchObject({
      ok: false,
      message: '“import mlflow” fails: ImportError: no libfoo'
    });
  });

  it('should not try what the kernel does not find', async () => {
    const without: Facts = {
      mlflow: { spec: 'none', origin: null, distributions: [] }
    };
    expect(await said(without)).toMatchObject({ ok: false, tried: [] });
    expect(await said({ modules: { pandas: false } }, WORKS, 'pandas')).toEqual(
      {
        ok: false,
        message:
          'The kernel answered that it does not find “pandas” (/home/ada/envs/work/bin/python).',
        tried: [],
        probes: 1
      }
    );
  });

  it('should speak of the module that was wanted, MLflow or not', async () => {
    const facts: Facts = {
      modules: { pandas: true },
      mlflow: { spec: 'none', origin: null, distributions: [] }
    };
    expect(await said(facts, WORKS, 'pandas')).toMatchObject({
      ok: true,
      message: '“import pandas” works in this kernel.',
      tried: ['kernel-1 pandas']
    });
  });

  it('should not take a file beside the notebook for MLflow, although it can be imported', async () => {
    const file = '/home/ada/notebooks/mlflow.py';
    expect(await said({ mlflow: { origin: file } })).toMatchObject({
      ok: false,
      message: `MLflow is installed, but “import mlflow” takes “${file}” for it.`
    });
    const folder = '/home/ada/notebooks/mlflow/__init__.py';
    expect(await said({ mlflow: { origin: folder } })).toMatchObject({
      ok: false
    });
  });

  it('should say that a kernel uses the former MLflow until it is restarted', async () => {
    expect(
      await said({ mlflow: { imported: { version: '3.1.0', file: '/m' } } })
    ).toMatchObject({
      ok: null,
      message:
        'MLflow 3.17.2 is installed; this kernel uses 3.1.0 until it is restarted.'
    });
  });

  it('should say that a kernel runs where that is all that was wanted', async () => {
    const watch = new FakeKernelWatch();
    watch.set({ report: someReport() });
    const answer = await prove(watch, null, () =>
      Promise.reject(new Error('tried'))
    );
    expect(proofOf(answer, trans)).toEqual({
      ok: true,
      message: 'The kernel runs: Python 3.11.7, /home/ada/envs/work/bin/python.'
    });
  });

  it('should wait for a kernel that is busy, and say so of one that does not answer', async () => {
    const watch = new FakeKernelWatch();
    watch.afterProbe = { state: 'unknown', reason: 'busy' };
    const answering = prove(watch, 'mlflow', () => Promise.resolve(WORKS));
    await Promise.resolve();
    watch.set({ state: 'known', reason: null });
    expect(proofOf(await answering, trans).ok).toBe(true);

    watch.afterProbe = { state: 'unknown', reason: 'dead' };
    const dead = await prove(watch, 'mlflow', () => Promise.resolve(WORKS));
    expect(dead.check).toBeNull();
    expect(proofOf(dead, trans).ok).toBeNull();
  });
});
