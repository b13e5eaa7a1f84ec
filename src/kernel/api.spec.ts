import { ApiError } from '../servers/request';
import { FakeJupyter } from '../servers/testing/fake-jupyter';
import { KernelsApi } from './api';
import { someReport } from './testing/reports';

describe('KernelsApi', () => {
  it('should read and ask for reports, and encode ids', async () => {
    const report = someReport({ id: 'a/b' });
    const jupyter = new FakeJupyter({
      'GET kernels/a%2Fb': { json: { ...report, newer: 'field' } },
      'POST kernels/a%2Fb/probe': { json: report }
    });
    const api = new KernelsApi(jupyter.settings);
    expect(await api.report('a/b')).toEqual(report);
    expect(await api.probe('a/b')).toEqual(report);
    expect(jupyter.arrivals.map(({ body }) => body)).toEqual([undefined, {}]);
  });

  it('should send what was chosen, and credentials only if that was agreed', async () => {
    const jupyter = new FakeJupyter({
      'POST kernels/k/tracking': { json: someReport() },
      'POST kernels/k/options': { json: someReport() }
    });
    const api = new KernelsApi(jupyter.settings);
    await api.tracking('k', 'team');
    await api.tracking('k', 'team', { credentials: true });
    await api.options('k', { systemMetrics: false });
    await api.options('k', { autolog: true, experiment: 'train' });
    expect(jupyter.arrivals.map(({ body }) => body)).toEqual([
      { server_id: 'team' },
      { server_id: 'team', credentials: true },
      { system_metrics: false },
      { autolog: true, experiment: 'train' }
    ]);
  });

  it('should refuse an answer that is no report', async () => {
    const jupyter = new FakeJupyter({
      'GET kernels/k': { json: { ...someReport(), facts: { form: 2 } } }
    });
    await expect(
      new KernelsApi(jupyter.settings).report('k')
    ).rejects.toBeInstanceOf(ApiError);
  });

  it('should end a request that nobody waits for', async () => {
    const jupyter = new FakeJupyter({});
    const controller = new AbortController();
    controller.abort();
    await expect(
      new KernelsApi(jupyter.settings).probe('k', controller.signal)
    ).rejects.toThrow();
    expect(jupyter.arrivals).toEqual([]);
  });
});
