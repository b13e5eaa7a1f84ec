import { collect, describeServers, failure } from './support';

describeServers('model versions', bench => {
  const { client, isNewest } = bench;
  const { models, versions } = client.registry;
  let name: string;
  let runId: string;
  let source: string;

  beforeEach(async () => {
    name = bench.name('model');
    await models.create(name);
    const { info } = await bench.run();
    runId = info.id;
    source = `${info.artifactUri}/model`;
    await client.artifacts.upload(
      info,
      'model/MLmodel',
      new Blob(['flavors:\n  python_function: {}\n'])
    );
    await versions.create({
      name,
      source,
      runId,
      description: 'erste',
      tags: new Map([['a', 'b']])
    });
  });

  it('should be created and read, with every field', async () => {
    expect(await versions.get(name, '1')).toMatchObject({
      name,
      version: '1',
      description: 'erste',
      stage: 'None',
      status: 'READY',
      source,
      runId,
      modelId: null,
      tags: new Map([['a', 'b']]),
      aliases: []
    });
  });

  it('should be described, tagged and deleted', async () => {
    expect(
      (await versions.updateDescription(name, '1', 'zweite')).description
    ).toBe('zweite');
    await versions.setTag(name, '1', 'c', 'd');
    await versions.deleteTag(name, '1', 'a');
    expect((await versions.get(name, '1')).tags).toEqual(new Map([['c', 'd']]));
    await versions.delete(name, '1');
    await expect(versions.get(name, '1')).rejects.toEqual(failure('not-found'));
  });

  it('should move through stages, and archive what was there', async () => {
    await versions.create({ name, source, runId });
    expect(
      (await versions.transitionStage(name, '1', 'Production')).stage
    ).toBe('Production');
    const second = await versions.transitionStage(name, '2', 'Production', {
      archiveExisting: true
    });
    expect(second.stage).toBe('Production');
    expect((await versions.get(name, '1')).stage).toBe('Archived');
  });

  it('should be searched by model and run, in pages', async () => {
    for (let i = 0; i < 3; i++) {
      await versions.create({ name, source, runId });
    }
    const filter = `name = '${name}'`;
    const first = await versions.search({ filter, maxResults: 2 });
    expect(first.items).toHaveLength(2);
    const all = await collect(versions.searchAll({ filter, maxResults: 2 }));
    expect(all.map(one => one.version).sort()).toEqual(['1', '2', '3', '4']);
    expect(
      (await versions.search({ filter: `run_id = '${runId}'` })).items
    ).toHaveLength(4);
    await expect(versions.search({ filter: 'bogus' })).rejects.toEqual(
      failure('invalid-filter')
    );
  });

  it('should give its files', async () => {
    expect(await versions.artifactUri(name, '1')).toBe(source);
    expect(await versions.text(name, '1', 'MLmodel')).toContain(
      'python_function'
    );
    const response = await fetch(versions.downloadUrl(name, '1', 'MLmodel'));
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Disposition')).toMatch(/^attachment/);
  });

  it('should be not-found without model or version', async () => {
    await expect(versions.get(name, '99')).rejects.toEqual(
      failure('not-found')
    );
    const missing = { name: bench.name('none'), source, runId };
    await expect(versions.create(missing)).rejects.toEqual(
      failure('not-found')
    );
  });

  it('should refuse the source of another run on new servers', async () => {
    const other = await bench.run();
    const creation = versions.create({ name, source, runId: other.info.id });
    if (isNewest) {
      await expect(creation).rejects.toEqual(failure('invalid'));
    } else {
      expect((await creation).runId).toBe(other.info.id);
    }
  });
});
