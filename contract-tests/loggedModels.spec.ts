import { proxiedPath } from '../src/mlflow/artifacts';
import { collect, describeServers, failure } from './support';

describeServers('logged models', bench => {
  const { client, isNewest } = bench;
  const { loggedModels } = client;

  /** Logs a model as MLflow 3's client does: the run names it as output, its files lie with the model. */
  async function logModel(
    experimentId: string,
    runId: string,
    name: string
  ): Promise<string> {
    const created = await bench.post('logged-models', {
      experiment_id: experimentId,
      name,
      source_run_id: runId,
      model_type: 'classifier',
      params: [{ key: 'depth', value: '7' }],
      tags: [{ key: 'team', value: 'vision' }]
    });
    const { model } = created.json as {
      model: { info: { model_id: string; artifact_uri: string } };
    };
    const { model_id, artifact_uri } = model.info;
    const put = `/ajax-api/2.0/mlflow-artifacts/artifacts/${proxiedPath(artifact_uri)}/MLmodel`;
    await bench.raw('PUT', put, { text: 'signature: null\n', headers: {} });
    await bench.raw('PATCH', `logged-models/${model_id}`, {
      body: { model_id, status: 'LOGGED_MODEL_READY' }
    });
    await bench.post('runs/outputs', {
      run_id: runId,
      models: [{ model_id, step: 0 }]
    });
    return model_id;
  }

  if (!isNewest) {
    it('should be told to be too new for this server', async () => {
      expect((await client.capabilities()).loggedModels).toBe(false);
      const expected = failure('too-old', /3\.0/);
      await expect(
        loggedModels.search({ experimentIds: ['0'] })
      ).rejects.toEqual(expected);
      await expect(loggedModels.get('m-1')).rejects.toEqual(expected);
      await expect(loggedModels.listArtifacts('m-1')).rejects.toEqual(expected);
      await expect(loggedModels.text('m-1', 'MLmodel')).rejects.toEqual(
        expected
      );
    });
    return;
  }

  it('should be read with every field', async () => {
    expect((await client.capabilities()).loggedModels).toBe(true);
    const { info } = await bench.run();
    const id = await logModel(info.experimentId, info.id, 'forest');
    await client.runs.logMetric(info.id, { key: 'acc', value: 0.9 });
    await bench.post('runs/log-metric', {
      run_id: info.id,
      key: 'auc',
      value: 0.75,
      timestamp: 5,
      step: 2,
      model_id: id
    });
    const model = await loggedModels.get(id);
    expect(model).toMatchObject({
      id,
      name: 'forest',
      experimentId: info.experimentId,
      sourceRunId: info.id,
      status: 'LOGGED_MODEL_READY',
      modelType: 'classifier',
      params: new Map([['depth', '7']]),
      metrics: [{ key: 'auc', value: 0.75, timestamp: 5, step: 2 }]
    });
    expect(model.tags.get('team')).toBe('vision');
    expect(model.creationTime).toBeGreaterThan(1_700_000_000_000);
    await expect(loggedModels.get('m-nothing')).rejects.toEqual(
      failure('not-found')
    );
  });

  it('should be named by the run that wrote them, whose own artifacts are empty', async () => {
    const { info } = await bench.run();
    const id = await logModel(info.experimentId, info.id, 'forest');
    const run = await client.runs.get(info.id);
    expect(run.modelOutputs).toEqual([id]);
    expect(await client.artifacts.list(info.id)).toEqual([]);
  });

  it('should give their files', async () => {
    const { info } = await bench.run();
    const id = await logModel(info.experimentId, info.id, 'forest');
    expect(await loggedModels.listArtifacts(id)).toEqual([
      { path: 'MLmodel', isDirectory: false, size: 16 }
    ]);
    expect(await loggedModels.text(id, 'MLmodel')).toBe('signature: null\n');
    const response = await fetch(loggedModels.downloadUrl(id, 'MLmodel'));
    expect(await response.text()).toBe('signature: null\n');
  });

  it('should be searched by run, in pages and order', async () => {
    const { info } = await bench.run();
    const ids = [];
    for (const name of ['a', 'b', 'c']) {
      ids.push(await logModel(info.experimentId, info.id, name));
    }
    const experimentIds = [info.experimentId];
    const filter = `source_run_id = '${info.id}'`;
    const orderBy = [{ field: 'creation_time', ascending: true }];
    const first = await loggedModels.search({
      experimentIds,
      filter,
      orderBy,
      maxResults: 2
    });
    expect(first.items.map(model => model.id)).toEqual(ids.slice(0, 2));
    const all = await collect(
      loggedModels.searchAll({ experimentIds, filter, orderBy, maxResults: 2 })
    );
    expect(all.map(model => model.id)).toEqual(ids);
    await expect(
      loggedModels.search({ experimentIds, filter: 'bogus' })
    ).rejects.toEqual(failure('invalid-filter'));
  });

  it('should be the source of a model version, which names it', async () => {
    const { info } = await bench.run();
    const id = await logModel(info.experimentId, info.id, 'forest');
    const name = bench.name('model');
    await client.registry.models.create(name);
    const version = await client.registry.versions.create({
      name,
      source: `models:/${id}`,
      runId: info.id,
      modelId: id
    });
    expect(version).toMatchObject({ modelId: id, source: `models:/${id}` });
    expect(await client.registry.versions.text(name, '1', 'MLmodel')).toBe(
      'signature: null\n'
    );
  });
});
