import { collect, describeServers, failure, ODD_NAMES } from './support';

describeServers('experiments', bench => {
  const { client, isNewest } = bench;
  const { experiments } = client;

  describe('life', () => {
    it('should create, get by id and by name, and give every field', async () => {
      const name = bench.name('life');
      const before = Date.now() - 5000;
      const id = await experiments.create(name, {
        tags: new Map([['team', 'vision']])
      });
      const found = await experiments.get(id);
      expect(found).toMatchObject({ id, name, lifecycleStage: 'active' });
      expect(found.tags.get('team')).toBe('vision');
      expect(found.artifactLocation).toMatch(/^mlflow-artifacts:\//);
      expect(found.creationTime).toBeGreaterThan(before);
      expect(await experiments.getByName(name)).toEqual(found);
    });

    it.each(ODD_NAMES)('should keep the name %s', async odd => {
      const name = `${odd} ${bench.name('')}`;
      const id = await experiments.create(name);
      expect((await experiments.get(id)).name).toBe(name);
      expect((await experiments.getByName(name)).id).toBe(id);
    });

    it('should keep a name of 500 characters', async () => {
      // The database columns hold 256 characters, which SQLite alone does not check.
      const name = bench
        .name('long')
        .padEnd(bench.server.store === 'sqlite' ? 500 : 256, 'é');
      const id = await experiments.create(name);
      expect((await experiments.get(id)).name).toBe(name);
    });

    it('should refuse a name of 501 characters with a typed error', async () => {
      const error = await experiments
        .create(bench.name('long').padEnd(501, 'x'))
        .catch((e: unknown) => e);
      const refused = isNewest || bench.server.store !== 'sqlite';
      // 2.3.2 on SQLite takes any length.
      expect(error).toEqual(
        refused
          ? expect.objectContaining({ name: 'MlflowError' })
          : expect.any(String)
      );
    });

    it('should rename', async () => {
      const id = await bench.experiment();
      const name = bench.name('renamed');
      await experiments.update(id, name);
      expect((await experiments.get(id)).name).toBe(name);
    });

    it('should delete and restore, each once', async () => {
      const id = await bench.experiment();
      await experiments.delete(id);
      expect((await experiments.get(id)).lifecycleStage).toBe('deleted');
      await expect(experiments.delete(id)).rejects.toEqual(
        failure('not-found')
      );
      await experiments.restore(id);
      expect((await experiments.get(id)).lifecycleStage).toBe('active');
      await expect(experiments.restore(id)).rejects.toEqual(
        failure('not-found')
      );
    });

    it('should give a deleted experiment by name, too', async () => {
      const name = bench.name('deleted');
      const id = await experiments.create(name);
      await experiments.delete(id);
      expect(await experiments.getByName(name)).toMatchObject({
        id,
        lifecycleStage: 'deleted'
      });
    });
  });

  describe('names that are taken', () => {
    it('should be told without raw SQL', async () => {
      const name = bench.name('taken');
      await experiments.create(name);
      const error = await experiments.create(name).catch((e: unknown) => e);
      expect(error).toEqual(failure('already-exists', /exists already/));
      expect((error as Error).message).toContain(name);
      expect((error as Error).message).not.toMatch(/SQL|INSERT|UNIQUE/);
    });

    it('should be taken by a deleted experiment, too', async () => {
      const name = bench.name('taken');
      await experiments.delete(await experiments.create(name));
      await expect(experiments.create(name)).rejects.toEqual(
        failure('already-exists', /deleted/)
      );
    });

    it('should not be given by a rename', async () => {
      const name = bench.name('taken');
      await experiments.create(name);
      const error = await experiments
        .update(await bench.experiment(), name)
        .catch((e: unknown) => e);
      expect(error).toEqual(expect.objectContaining({ name: 'MlflowError' }));
      expect((error as Error).message).not.toMatch(
        /INSERT|UPDATE experiments|UNIQUE/
      );
    });
  });

  describe('what is missing', () => {
    it('should be not-found', async () => {
      await expect(experiments.get('987654321')).rejects.toEqual(
        failure('not-found')
      );
      await expect(experiments.getByName(bench.name('none'))).rejects.toEqual(
        failure('not-found')
      );
      await expect(experiments.delete('987654321')).rejects.toEqual(
        failure('not-found')
      );
    });

    it('should be a typed error for an id that is no number', async () => {
      // 2.3.2 asks the database, and PostgreSQL refuses to compare "abc" with its integers.
      const kind =
        isNewest || bench.server.store !== 'sqlite' ? 'invalid' : 'not-found';
      const error = await experiments.get('abc').catch((e: unknown) => e);
      expect(error).toEqual(failure(kind));
      expect((error as Error).message).not.toMatch(/SQL:|psycopg/);
    });
  });

  describe('tags', () => {
    it('should be set, changed, and deleted where the server can', async () => {
      const id = await bench.experiment();
      await experiments.setTag(id, 'mlflow.note.content', '# Größe\n*x*');
      await experiments.setTag(id, 'mlflow.note.content', '# Neu');
      expect((await experiments.get(id)).tags.get('mlflow.note.content')).toBe(
        '# Neu'
      );
      const { deleteExperimentTag } = await client.capabilities();
      expect(deleteExperimentTag).toBe(isNewest);
      if (deleteExperimentTag) {
        await experiments.deleteTag(id, 'mlflow.note.content');
        expect(
          (await experiments.get(id)).tags.has('mlflow.note.content')
        ).toBe(false);
      } else {
        await expect(
          experiments.deleteTag(id, 'mlflow.note.content')
        ).rejects.toEqual(failure('too-old'));
      }
    });
  });

  describe('search', () => {
    it('should give pages, and all of them once through the iterator', async () => {
      const prefix = bench.name('paged');
      const ids = new Set<string>();
      for (let i = 0; i < 6; i++) {
        ids.add(await experiments.create(`${prefix} ${i}`));
      }
      const filter = `name LIKE '${prefix}%'`;
      const first = await experiments.search({ filter, maxResults: 3 });
      expect(first.items).toHaveLength(3);
      expect(first.nextPageToken).not.toBeNull();
      const second = await experiments.search({
        filter,
        maxResults: 3,
        pageToken: first.nextPageToken ?? ''
      });
      expect(second.items).toHaveLength(3);
      const all = await collect(
        experiments.searchAll({ filter, maxResults: 3 })
      );
      expect(new Set(all.map(one => one.id))).toEqual(ids);
      expect(all).toHaveLength(6);
    });

    it('should show deleted ones only when asked', async () => {
      const name = bench.name('hidden');
      const id = await experiments.create(name);
      await experiments.delete(id);
      const filter = `name = '${name}'`;
      const found = async (
        viewType?: 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL'
      ): Promise<number> =>
        (await experiments.search({ filter, viewType })).items.length;
      expect([
        await found(),
        await found('DELETED_ONLY'),
        await found('ALL')
      ]).toEqual([0, 1, 1]);
    });

    it('should order', async () => {
      const prefix = bench.name('ordered');
      for (const letter of ['b', 'c', 'a']) {
        await experiments.create(`${prefix} ${letter}`);
      }
      const { items } = await experiments.search({
        filter: `name LIKE '${prefix}%'`,
        orderBy: ['name ASC']
      });
      expect(items.map(one => one.name.slice(-1))).toEqual(['a', 'b', 'c']);
    });

    it('should call a wrong filter what it is, with the text of MLflow', async () => {
      await expect(experiments.search({ filter: 'bogus' })).rejects.toEqual(
        failure('invalid-filter', /Invalid clause/)
      );
    });

    it('should be refused by the server without max_results, and above 50,000', async () => {
      expect(await bench.post('experiments/search', {})).toMatchObject({
        status: 400,
        type: 'application/json'
      });
      expect(
        await bench.post('experiments/search', { max_results: 50_001 })
      ).toMatchObject({ status: 400 });
      await expect(experiments.search({ maxResults: 50_001 })).rejects.toEqual(
        failure('invalid')
      );
    });
  });

  it('should end with the AbortError of its signal', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(
      experiments.search({}, controller.signal)
    ).rejects.toMatchObject({ name: 'AbortError' });
    const later = new AbortController();
    const pending = experiments.search({}, later.signal);
    later.abort();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
  });
});
