import { describeServers, failure } from './support';

describeServers('what a run logs', bench => {
  const { client, isNewest } = bench;
  const { runs } = client;
  let experimentId: string;
  beforeAll(async () => {
    experimentId = await bench.experiment('batches');
  });

  describe('log-batch', () => {
    it('should log metrics, parameters and tags together', async () => {
      const { info } = await bench.run(experimentId);
      await runs.logBatch(info.id, {
        metrics: [
          { key: 'loss', value: 0.5, timestamp: 10, step: 1 },
          { key: 'loss', value: 0.25, timestamp: 20, step: 2 },
          { key: 'test/acc', value: 1, timestamp: 10, step: 1 }
        ],
        params: new Map([['depth', '7']]),
        tags: new Map([['team', 'vision']])
      });
      const run = await runs.get(info.id);
      // The latest point of each metric.
      expect(run.metrics.get('loss')).toEqual({
        key: 'loss',
        value: 0.25,
        timestamp: 20,
        step: 2
      });
      expect(run.metrics.get('test/acc')?.value).toBe(1);
      expect(run.params).toEqual(new Map([['depth', '7']]));
      expect(run.tags.get('team')).toBe('vision');
    });

    it('should take as much as its limits, and refuse more', async () => {
      const { info } = await bench.run(experimentId);
      const metrics = (
        n: number
      ): { key: string; value: number; step: number }[] =>
        Array.from({ length: n }, (_, step) => ({
          key: 'm',
          value: step,
          step
        }));
      const pairs = (n: number, prefix: string): Map<string, string> =>
        new Map(Array.from({ length: n }, (_, i) => [`${prefix}${i}`, `${i}`]));
      await runs.logBatch(info.id, {
        metrics: metrics(800),
        params: pairs(100, 'p'),
        tags: pairs(100, 't')
      });
      for (const batch of [
        { metrics: metrics(1001) },
        { params: pairs(101, 'p') },
        { tags: pairs(101, 't') },
        {
          metrics: metrics(801),
          params: pairs(100, 'p'),
          tags: pairs(100, 't')
        }
      ]) {
        await expect(runs.logBatch(info.id, batch)).rejects.toEqual(
          failure('invalid')
        );
      }
    });

    it('should refuse a parameter twice in one request, even with one value', async () => {
      const { info } = await bench.run(experimentId);
      const twice = [
        { key: 'a', value: '1' },
        { key: 'a', value: '1' }
      ];
      const answer = await bench.post('runs/log-batch', {
        run_id: info.id,
        params: twice
      });
      expect(answer).toMatchObject({ status: 400, type: 'application/json' });
    });
  });

  describe('numbers', () => {
    it('should keep NaN and the infinities', async () => {
      const { info } = await bench.run(experimentId);
      const values: [string, number][] = [
        ['nan', NaN],
        ['plus', Infinity],
        ['minus', -Infinity],
        ['tiny', 5e-324],
        ['exact', 0.1 + 0.2]
      ];
      for (const [key, value] of values) {
        // MariaDB rounds what is below the normal doubles to nothing.
        if (key !== 'tiny' || bench.server.store !== 'mariadb') {
          await runs.logMetric(info.id, { key, value });
          expect((await runs.get(info.id)).metrics.get(key)?.value).toBe(value);
        }
      }
      // What MLflow itself writes: NaN as text, infinities as the largest double.
      const { text } = await bench.raw('GET', 'runs/get', {
        query: { run_id: info.id }
      });
      expect(text).toMatch(/"value": "NaN"/);
      expect(text).toMatch(/"value": 1\.797\d+e\+?308/);
    });

    it('should keep steps and times beyond 2^53 to the digit', async () => {
      const { info } = await bench.run(experimentId);
      const step = 9_007_199_254_740_993n;
      const timestamp = 9_007_199_254_740_995n;
      await runs.logMetric(info.id, { key: 'm', value: 1, step, timestamp });
      expect((await runs.get(info.id)).metrics.get('m')).toEqual({
        key: 'm',
        value: 1,
        step,
        timestamp
      });
      const { items } = await runs.search({
        experimentIds: [experimentId],
        filter: `run_id = '${info.id}'`
      });
      expect(items[0].metrics.get('m')?.step).toBe(step);
    });

    it('should lose nothing of floats where MLflow wants integers', async () => {
      const { info } = await bench.run(experimentId);
      const raw = await bench.post('runs/log-metric', {
        run_id: info.id,
        key: 'raw',
        value: 2,
        timestamp: 3.5,
        step: 4
      });
      expect(raw.status).toBe(200);
      const run = await runs.get(info.id);
      // Stored as 0, with what follows it: the client cuts fractions off first.
      expect(run.metrics.get('raw')).toMatchObject({ timestamp: 0 });
      await runs.logMetric(info.id, {
        key: 'cut',
        value: 2,
        timestamp: 3.5,
        step: 4.5
      });
      expect((await runs.get(info.id)).metrics.get('cut')).toEqual({
        key: 'cut',
        value: 2,
        timestamp: 3,
        step: 4
      });
    });
  });

  describe('inputs', () => {
    const dataset = {
      name: 'wine 🍷',
      digest: 'abc123',
      sourceType: 'http',
      source: '{"url": "https://example.org/wine.csv"}',
      schema: '{"mlflow_colspec": []}',
      profile: '{"num_rows": 178}'
    };

    it('should be logged, read with the run, and listed for the experiment', async () => {
      const mine = await bench.experiment('datasets');
      const { info } = await bench.run(mine);
      const tags = new Map([['mlflow.data.context', 'training']]);
      const { datasets } = await client.capabilities();
      expect(datasets).toBe(isNewest);
      if (!datasets) {
        await expect(
          runs.logInputs(info.id, [{ dataset, tags }])
        ).rejects.toEqual(failure('too-old', /2\.4/));
        await expect(
          client.datasets.searchInExperiments([mine])
        ).rejects.toEqual(failure('too-old', /2\.4/));
        return;
      }
      await runs.logInputs(info.id, [{ dataset, tags }]);
      expect((await runs.get(info.id)).inputs).toEqual([{ dataset, tags }]);
      const { items } = await runs.search({
        experimentIds: [mine],
        filter: "dataset.name = 'wine 🍷'"
      });
      expect(items.map(run => run.inputs)).toEqual([[{ dataset, tags }]]);
      expect(await client.datasets.searchInExperiments([mine])).toEqual([
        {
          experimentId: mine,
          name: dataset.name,
          digest: dataset.digest,
          context: 'training'
        }
      ]);
    });

    it('should be searched in more experiments than one request takes', async () => {
      const ids = Array.from({ length: 25 }, () => experimentId);
      if (isNewest) {
        expect(await client.datasets.searchInExperiments(ids)).toEqual([]);
      } else {
        await expect(client.datasets.searchInExperiments(ids)).rejects.toEqual(
          failure('too-old')
        );
      }
      expect(await client.datasets.searchInExperiments([])).toEqual([]);
    });
  });
});
