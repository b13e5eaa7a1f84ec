import { collect, describeServers, failure, ODD_NAMES } from './support';

describeServers('registered models', bench => {
  const { client, isNewest } = bench;
  const { models, versions } = client.registry;

  /** A model with one version, the source of which is a run's artifact. */
  async function registered(): Promise<{
    name: string;
    runId: string;
    source: string;
  }> {
    const name = bench.name('model');
    await models.create(name);
    const { info } = await bench.run();
    const source = `${info.artifactUri}/model`;
    await versions.create({ name, source, runId: info.id });
    return { name, runId: info.id, source };
  }

  it('should be created, read, described, renamed and deleted', async () => {
    const name = bench.name('model');
    const created = await models.create(name, {
      description: 'Rein 🍷',
      tags: new Map([['task', 'regression']])
    });
    expect(created).toMatchObject({
      name,
      description: 'Rein 🍷',
      tags: new Map([['task', 'regression']])
    });
    expect(created.creationTime).toBeGreaterThan(1_700_000_000_000);
    expect(await models.get(name)).toEqual(created);
    expect((await models.updateDescription(name, '# Neu')).description).toBe(
      '# Neu'
    );
    const newName = bench.name('renamed');
    expect((await models.rename(name, newName)).name).toBe(newName);
    await expect(models.get(name)).rejects.toEqual(failure('not-found'));
    await models.delete(newName);
    await expect(models.get(newName)).rejects.toEqual(failure('not-found'));
  });

  it('should tell that a name is taken without raw SQL', async () => {
    const name = bench.name('taken');
    await models.create(name);
    const error = await models.create(name).catch((e: unknown) => e);
    expect(error).toEqual(failure('already-exists', /exists already/));
    expect((error as Error).message).not.toMatch(/SQL|INSERT/);
    const other = bench.name('other');
    await models.create(other);
    const renamed = await models.rename(other, name).catch((e: unknown) => e);
    expect(renamed).toEqual(expect.objectContaining({ name: 'MlflowError' }));
    expect((renamed as Error).message).not.toMatch(/SQL:|UPDATE/);
  });

  it.each(ODD_NAMES)(
    'should have the name %s, or be refused with a sentence',
    async odd => {
      const name = `${odd} ${bench.name('')}`;
      const creation = models.create(name);
      if (isNewest && /[/:]/.test(odd)) {
        await expect(creation).rejects.toEqual(failure('invalid'));
      } else {
        await creation;
        expect((await models.get(name)).name).toBe(name);
      }
    }
  );

  it('should have tags', async () => {
    const name = bench.name('tags');
    await models.create(name);
    await models.setTag(name, 'owner', 'ada');
    await models.setTag(name, 'owner', 'grace');
    expect((await models.get(name)).tags).toEqual(
      new Map([['owner', 'grace']])
    );
    await models.deleteTag(name, 'owner');
    expect((await models.get(name)).tags.size).toBe(0);
  });

  describe('aliases', () => {
    it('should be set, moved, resolved and removed', async () => {
      const { name, source, runId } = await registered();
      await versions.create({ name, source, runId });
      await models.setAlias(name, 'champion', '1');
      await models.setAlias(name, 'champion', '2');
      expect((await models.get(name)).aliases).toEqual(
        new Map([['champion', '2']])
      );
      expect(await models.getByAlias(name, 'champion')).toMatchObject({
        name,
        version: '2',
        aliases: ['champion']
      });
      expect((await versions.get(name, '2')).aliases).toEqual(['champion']);
      await models.deleteAlias(name, 'champion');
      expect((await models.get(name)).aliases.size).toBe(0);
    });

    it('should be not-found when missing, which MLflow calls 400', async () => {
      const { name } = await registered();
      const raw = await bench.raw('GET', 'registered-models/alias', {
        query: { name, alias: 'none' }
      });
      expect(raw.status).toBe(400);
      await expect(models.getByAlias(name, 'none')).rejects.toEqual(
        failure('not-found')
      );
    });

    it.each(['latest', 'v1'])('should not be called %s', async alias => {
      const { name } = await registered();
      await expect(models.setAlias(name, alias, '1')).rejects.toEqual(
        failure('invalid')
      );
    });
  });

  describe('search', () => {
    it('should page, and give all once through the iterator', async () => {
      const prefix = bench.name('paged');
      for (let i = 0; i < 5; i++) {
        await models.create(`${prefix} ${i}`);
      }
      const filter = `name LIKE '${prefix}%'`;
      const first = await models.search({
        filter,
        maxResults: 2,
        orderBy: ['name ASC']
      });
      expect(first.items.map(model => model.name)).toEqual([
        `${prefix} 0`,
        `${prefix} 1`
      ]);
      const all = await collect(
        models.searchAll({ filter, maxResults: 2, orderBy: ['name DESC'] })
      );
      expect(all.map(model => model.name)).toEqual(
        [4, 3, 2, 1, 0].map(i => `${prefix} ${i}`)
      );
      // An equals sign that is not encoded is a 500 on 2.3.2: the transport encodes it.
      expect(
        (await models.search({ filter: `name = '${prefix} 3'` })).items
      ).toHaveLength(1);
    });

    it('should call a wrong filter and too large a page what they are', async () => {
      await expect(models.search({ filter: 'bogus' })).rejects.toEqual(
        failure('invalid-filter', /Invalid clause/)
      );
      await expect(models.search({ maxResults: 1001 })).rejects.toEqual(
        failure('invalid')
      );
    });

    it('should show the newest version of each stage', async () => {
      const { name, source, runId } = await registered();
      await versions.create({ name, source, runId });
      await versions.transitionStage(name, '1', 'Production');
      const { items } = await models.search({ filter: `name = '${name}'` });
      const latest = items[0].latestVersions
        .map(one => [one.stage, one.version])
        .sort();
      expect(latest).toEqual([
        ['None', '2'],
        ['Production', '1']
      ]);
    });
  });
});
