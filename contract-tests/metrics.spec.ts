import { type MetricHistory } from '../src/mlflow';
import { describeServers, failure } from './support';

describeServers('metric histories', bench => {
  const { client, isNewest } = bench;
  const { metrics, runs } = client;
  const POINTS = 1500;
  let experimentId: string;
  let runId: string;
  let otherId: string;

  beforeAll(async () => {
    experimentId = await bench.experiment('metrics');
    runId = (await bench.run(experimentId)).info.id;
    otherId = (await bench.run(experimentId)).info.id;
    const point = (
      step: number
    ): { key: string; value: number; timestamp: number; step: number } => ({
      key: 'loss',
      value: step / 8,
      timestamp: 1_700_000_000_000 + step,
      step
    });
    for (let from = 0; from < POINTS; from += 750) {
      await runs.logBatch(runId, {
        metrics: Array.from({ length: 750 }, (_, i) => point(from + i))
      });
    }
    await runs.logBatch(otherId, { metrics: [point(3), point(1), point(2)] });
  });

  const points = (
    history: MetricHistory | undefined
  ): [number, unknown, unknown][] =>
    (history?.values ?? []).map((value, i) => [
      value,
      history?.steps[i],
      history?.timestamps[i]
    ]);

  describe('in full', () => {
    it('should give every point, ordered by time', async () => {
      const history = await metrics.history(runId, 'loss');
      expect(history.key).toBe('loss');
      expect(history.steps).toEqual(
        Array.from({ length: POINTS }, (_, i) => i)
      );
      expect(history.values[POINTS - 1]).toBe((POINTS - 1) / 8);
      expect(history.timestamps[7]).toBe(1_700_000_000_007);
      expect((await metrics.history(otherId, 'loss')).steps).toEqual([1, 2, 3]);
    });

    it('should be empty for an unknown run or key', async () => {
      expect((await metrics.history(runId, 'nothing')).values).toEqual([]);
      expect(
        (await metrics.history('0123456789abcdef0123456789abcdef', 'loss'))
          .values
      ).toEqual([]);
    });

    it('should keep odd keys, NaN, infinities and steps beyond 2^53', async () => {
      const { info } = await bench.run(experimentId);
      const key = 'val/acc @ größe'.replace(' @ ', ' - ');
      const step = 9_007_199_254_740_993n;
      await runs.logBatch(info.id, {
        metrics: [
          { key, value: NaN, timestamp: 1, step: 0 },
          { key, value: Infinity, timestamp: 2, step: 1 },
          { key, value: -Infinity, timestamp: 3, step }
        ]
      });
      const expected = [
        [NaN, 0, 1],
        [Infinity, 1, 2],
        [-Infinity, step, 3]
      ];
      expect(points(await metrics.history(info.id, key))).toEqual(expected);
      expect(points((await metrics.bulk([info.id], key)).get(info.id))).toEqual(
        expected
      );
      expect(
        points((await metrics.sampled([info.id], key)).get(info.id))
      ).toEqual(expected);
    });
  });

  describe('in parts', () => {
    it('should page by offsets where the server can', async () => {
      const { historyPaging } = await client.capabilities();
      expect(historyPaging).toBe(isNewest);
      const raw = await bench.raw('GET', 'metrics/get-history', {
        query: { run_id: runId, metric_key: 'loss', max_results: '10' }
      });
      const { metrics: answered } = raw.json as { metrics: unknown[] };
      expect(answered).toHaveLength(historyPaging ? 10 : POINTS);
      if (!historyPaging) {
        await expect(metrics.historyPage(runId, 'loss')).rejects.toEqual(
          failure('too-old')
        );
        return;
      }
      const first = await metrics.historyPage(runId, 'loss', {
        maxResults: 1000
      });
      expect(first).toMatchObject({ nextOffset: 1000 });
      const second = await metrics.historyPage(runId, 'loss', {
        offset: first.nextOffset,
        maxResults: 1000
      });
      expect(second.history.steps).toEqual(
        Array.from({ length: 500 }, (_, i) => 1000 + i)
      );
      const end = await metrics.historyPage(runId, 'loss', {
        offset: second.nextOffset
      });
      expect(end).toMatchObject({
        nextOffset: POINTS,
        history: { values: [] }
      });
    });

    it('should follow a live metric', async () => {
      if (!isNewest) {
        return expect((await client.capabilities()).historyPaging).toBe(false);
      }
      const { info } = await bench.run(experimentId);
      const seen: number[] = [];
      let offset = 0;
      for (let step = 0; step < 4; step++) {
        await runs.logMetric(info.id, {
          key: 'm',
          value: step,
          step,
          timestamp: 1000 + step
        });
        const page = await metrics.historyPage(info.id, 'm', { offset });
        seen.push(...page.history.values);
        offset = page.nextOffset;
      }
      expect(seen).toEqual([0, 1, 2, 3]);
    });

    it('should have tokens that a server refuses for offset 0: so the client leaves it out', async () => {
      const query = {
        run_id: runId,
        metric_key: 'loss',
        max_results: '10',
        page_token: btoa('{"offset": 0}')
      };
      const answer = await bench.raw('GET', 'metrics/get-history', { query });
      expect(answer.status).toBe(isNewest ? 400 : 200);
    });
  });

  describe('of several runs', () => {
    it('should give whole histories by run', async () => {
      const all = await metrics.bulk([runId, otherId, 'nothing'], 'loss');
      expect([...all.keys()]).toEqual([runId, otherId, 'nothing']);
      expect(all.get(runId)?.values).toHaveLength(POINTS);
      expect(all.get(otherId)?.steps).toEqual([1, 2, 3]);
      expect(all.get('nothing')?.values).toEqual([]);
    });

    it('should split more runs than one request takes', async () => {
      const ids = Array.from({ length: 80 }, (_, i) =>
        i.toString(16).padStart(32, '0')
      );
      const all = await metrics.bulk([...ids, otherId], 'loss');
      expect(all.size).toBe(81);
      expect(all.get(otherId)?.steps).toEqual([1, 2, 3]);
      expect(
        (await metrics.sampled([...ids.slice(0, 76), otherId], 'loss')).get(
          otherId
        )?.steps
      ).toEqual([1, 2, 3]);
    });

    it('should answer with a bare NaN, which the client reads', async () => {
      const { info } = await bench.run(experimentId);
      await runs.logMetric(info.id, { key: 'm', value: NaN });
      const { text } = await bench.raw('GET', 'metrics/get-history-bulk', {
        query: { run_id: info.id, metric_key: 'm' }
      });
      expect(text).toMatch(/:\s*NaN/);
      expect(() => JSON.parse(text) as unknown).toThrow();
      expect((await metrics.bulk([info.id], 'm')).get(info.id)?.values).toEqual(
        [NaN]
      );
    });
  });

  describe('sampled', () => {
    it('should keep the first and the last point, on old servers too', async () => {
      expect((await client.capabilities()).sampledHistory).toBe(isNewest);
      const history = (
        await metrics.sampled([runId, otherId], 'loss', { maxPoints: 100 })
      ).get(runId);
      const count = history?.values.length ?? 0;
      expect(count).toBeGreaterThan(50);
      expect(count).toBeLessThanOrEqual(101);
      expect(history?.steps[0]).toBe(0);
      expect(history?.steps[count - 1]).toBe(POINTS - 1);
    });

    it('should give a part between two steps', async () => {
      const options = { maxPoints: 50, startStep: 100, endStep: 120 };
      const history = (await metrics.sampled([runId], 'loss', options)).get(
        runId
      );
      expect(history?.steps).toEqual(
        Array.from({ length: 21 }, (_, i) => 100 + i)
      );
    });

    it('should have limits, told by the server', async () => {
      const query = { run_ids: runId, metric_key: 'loss', max_results: '2501' };
      const answer = await bench.raw(
        'GET',
        'metrics/get-history-bulk-interval',
        { query }
      );
      expect(answer).toMatchObject(
        isNewest
          ? { status: 400, type: 'application/json' }
          : { status: 404, type: 'text/html' }
      );
    });
  });

  it('should end with the AbortError of its signal', async () => {
    const controller = new AbortController();
    const pending = metrics.history(runId, 'loss', controller.signal);
    controller.abort();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
  });
});
