import { describeServers, failure, ODD_NAMES } from './support';

describeServers('runs', bench => {
  const { client, isNewest } = bench;
  const { runs } = client;
  let experimentId: string;
  beforeAll(async () => {
    experimentId = await bench.experiment('runs');
  });

  describe('life', () => {
    it('should create, get and end, with every field', async () => {
      const created = await runs.create({
        experimentId,
        name: 'first',
        startTime: 1_700_000_000_123,
        userId: 'ada',
        tags: new Map([['mlflow.source.name', 'train.ipynb']])
      });
      expect(created.info).toMatchObject({
        name: 'first',
        experimentId,
        userId: 'ada',
        status: 'RUNNING',
        startTime: 1_700_000_000_123,
        endTime: null,
        lifecycleStage: 'active'
      });
      expect(created.info.artifactUri).toContain(created.info.id);
      expect(created.tags.get('mlflow.source.name')).toBe('train.ipynb');
      const ended = await runs.update(created.info.id, {
        status: 'FINISHED',
        endTime: 1_700_000_001_456
      });
      expect(ended).toMatchObject({
        status: 'FINISHED',
        endTime: 1_700_000_001_456
      });
      expect((await runs.get(created.info.id)).info).toEqual(ended);
    });

    it('should be given a name and a start by the server and the client', async () => {
      const before = Date.now();
      const { info } = await runs.create({ experimentId });
      expect(info.name).not.toBe('');
      expect(info.startTime).toBeGreaterThanOrEqual(before);
    });

    it('should take no start, or a broken one, for 1970: so the client always sends a whole one', async () => {
      for (const body of [
        { experiment_id: experimentId },
        { experiment_id: experimentId, start_time: 5.5 }
      ]) {
        const answer = await bench.post('runs/create', body);
        expect(answer.status).toBe(200);
        const { run } = answer.json as { run: { info: { run_id: string } } };
        expect((await runs.get(run.info.run_id)).info.startTime).toBe(0);
      }
      expect(
        (await runs.create({ experimentId, startTime: 5.5 })).info.startTime
      ).toBe(5);
    });

    it.each(ODD_NAMES)('should be renamed to %s', async name => {
      const { info } = await bench.run(experimentId);
      expect((await runs.update(info.id, { name })).name).toBe(name);
      expect((await runs.get(info.id)).info.name).toBe(name);
    });

    it('should ignore an unknown status, and say so by what it answers', async () => {
      const { info } = await bench.run(experimentId);
      expect((await runs.update(info.id, { status: 'DREAMING' })).status).toBe(
        'RUNNING'
      );
    });

    it('should delete and restore as often as asked', async () => {
      const { info } = await bench.run(experimentId);
      await runs.delete(info.id);
      await runs.delete(info.id);
      expect((await runs.get(info.id)).info.lifecycleStage).toBe('deleted');
      await expect(runs.setTag(info.id, 'a', 'b')).rejects.toEqual(
        failure('invalid', /active/)
      );
      await runs.restore(info.id);
      await runs.restore(info.id);
      expect((await runs.get(info.id)).info.lifecycleStage).toBe('active');
    });

    it('should be not-found without run or experiment', async () => {
      await expect(
        runs.get('0123456789abcdef0123456789abcdef')
      ).rejects.toEqual(failure('not-found'));
      await expect(runs.delete('nothing')).rejects.toEqual(
        failure('not-found')
      );
      await expect(runs.create({ experimentId: '987654321' })).rejects.toEqual(
        failure('not-found')
      );
    });

    it('should refuse a run in a deleted experiment', async () => {
      const gone = await bench.experiment('gone');
      const { info } = await bench.run(gone);
      await client.experiments.delete(gone);
      await expect(runs.create({ experimentId: gone })).rejects.toEqual(
        failure('invalid')
      );
      // Its runs go with it, and can still be read.
      expect((await runs.get(info.id)).info.lifecycleStage).toBe('deleted');
    });
  });

  describe('tags', () => {
    it('should be set, changed and deleted', async () => {
      const { info } = await bench.run(experimentId);
      await runs.setTag(info.id, 'mlflow.note.content', 'one 🚀');
      await runs.setTag(info.id, 'mlflow.note.content', 'two\nlines');
      expect((await runs.get(info.id)).tags.get('mlflow.note.content')).toBe(
        'two\nlines'
      );
      await runs.deleteTag(info.id, 'mlflow.note.content');
      expect((await runs.get(info.id)).tags.has('mlflow.note.content')).toBe(
        false
      );
      await expect(
        runs.deleteTag(info.id, 'mlflow.note.content')
      ).rejects.toEqual(failure('not-found'));
    });

    it('should keep values up to the capability, and cut or refuse longer ones', async () => {
      const { maxTagLength } = await client.capabilities();
      expect(maxTagLength).toBe(isNewest ? 8000 : 5000);
      const { info } = await bench.run(experimentId);
      await runs.setTag(info.id, 'long', 'x'.repeat(maxTagLength));
      expect((await runs.get(info.id)).tags.get('long')).toHaveLength(
        maxTagLength
      );
      const longer = runs.setTag(
        info.id,
        'longer',
        'x'.repeat(maxTagLength + 1)
      );
      if (isNewest) {
        await longer;
        expect((await runs.get(info.id)).tags.get('longer')).toHaveLength(
          maxTagLength
        );
      } else {
        await expect(longer).rejects.toEqual(failure('invalid', /5000/));
      }
    });

    it('should have colons in keys on new servers only', async () => {
      const { info } = await bench.run(experimentId);
      const set = runs.setTag(info.id, 'a:b', 'c');
      if (isNewest) {
        await set;
        expect((await runs.get(info.id)).tags.get('a:b')).toBe('c');
      } else {
        await expect(set).rejects.toEqual(failure('invalid'));
      }
    });
  });

  describe('parameters', () => {
    it('should be logged once: the same value again is nothing, another is refused', async () => {
      const { info } = await bench.run(experimentId);
      await runs.logParam(info.id, 'lr', '0.1');
      await runs.logParam(info.id, 'lr', '0.1');
      const error = await runs
        .logParam(info.id, 'lr', '0.2')
        .catch((e: unknown) => e);
      expect(error).toEqual(failure('invalid'));
      expect((error as Error).message).not.toMatch(/INSERT|SQL:/);
      expect((await runs.get(info.id)).params).toEqual(
        new Map([['lr', '0.1']])
      );
    });

    it('should keep values up to the capability, and cut or refuse longer ones', async () => {
      const { maxParamLength } = await client.capabilities();
      expect(maxParamLength).toBe(isNewest ? 6000 : 500);
      const { info } = await bench.run(experimentId);
      await runs.logParam(info.id, 'long', 'ü'.repeat(maxParamLength));
      expect((await runs.get(info.id)).params.get('long')).toHaveLength(
        maxParamLength
      );
      const longer = runs.logParam(
        info.id,
        'longer',
        'x'.repeat(maxParamLength + 1)
      );
      if (isNewest) {
        await longer;
        expect((await runs.get(info.id)).params.get('longer')).toHaveLength(
          maxParamLength
        );
      } else {
        await expect(longer).rejects.toEqual(failure('invalid', /500/));
      }
    });

    it('should keep an empty value and odd texts', async () => {
      const { info } = await bench.run(experimentId);
      const params = new Map([
        ['empty', ''],
        ...ODD_NAMES.map((name, i): [string, string] => [`odd ${i}`, name])
      ]);
      await runs.logBatch(info.id, { params });
      expect((await runs.get(info.id)).params).toEqual(params);
    });
  });
});
