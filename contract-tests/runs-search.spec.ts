import { collect, describeServers, failure } from './support';

describeServers('runs/search', bench => {
  const { client, isNewest } = bench;
  const { runs } = client;
  const COUNT = 12;
  let experimentId: string;
  const ids: string[] = [];

  beforeAll(async () => {
    experimentId = await bench.experiment('search');
    for (let i = 0; i < COUNT; i++) {
      const { info } = await runs.create({
        experimentId,
        name: `run ${i}`,
        startTime: 1_700_000_000_000 + i
      });
      ids.push(info.id);
      await runs.logBatch(info.id, {
        metrics: i === 5 ? [] : [{ key: 'test/acc', value: (i * 7) % COUNT }],
        params: new Map([['depth', String(i)]]),
        tags: new Map([['parity', i % 2 === 0 ? 'even' : 'odd']])
      });
    }
  });

  const search = (
    options: { filter?: string; orderBy?: string[]; maxResults?: number } = {}
  ): Promise<string[]> =>
    runs
      .search({ experimentIds: [experimentId], ...options })
      .then(page => page.items.map(run => run.info.name));

  it('should give the newest first', async () => {
    expect((await search()).slice(0, 3)).toEqual(['run 11', 'run 10', 'run 9']);
  });

  it('should give everything of a run', async () => {
    const { items } = await runs.search({
      experimentIds: [experimentId],
      filter: `run_id = '${ids[3]}'`
    });
    expect(items).toEqual([await runs.get(ids[3])]);
  });

  it('should page, and give each run once through the iterator', async () => {
    const options = { experimentIds: [experimentId], maxResults: 5 };
    const first = await runs.search(options);
    expect(first.items).toHaveLength(5);
    const second = await runs.search({
      ...options,
      pageToken: first.nextPageToken ?? ''
    });
    expect(second.items).toHaveLength(5);
    const all = await collect(runs.searchAll(options));
    expect(all.map(run => run.info.id)).toEqual([...ids].reverse());
  });

  it('should end after a last page that is exactly full', async () => {
    const page = await runs.search({
      experimentIds: [experimentId],
      maxResults: COUNT
    });
    expect(page.items).toHaveLength(COUNT);
    // MLflow 2.3.2 gives a token also here; the iterator asks once more and ends.
    expect(page.nextPageToken === null).toBe(isNewest);
    expect(
      await collect(
        runs.searchAll({ experimentIds: [experimentId], maxResults: COUNT / 2 })
      )
    ).toHaveLength(COUNT);
  });

  it('should have tokens that are offsets, not bound to the filter', async () => {
    const { nextPageToken } = await runs.search({
      experimentIds: [experimentId],
      maxResults: 5
    });
    expect(JSON.parse(atob(nextPageToken ?? ''))).toEqual({ offset: 5 });
    const page = await runs.search({
      experimentIds: [experimentId],
      filter: "tags.parity = 'even'",
      pageToken: nextPageToken ?? ''
    });
    expect(page.items).toHaveLength(1);
    await expect(
      runs.search({ experimentIds: [experimentId], pageToken: '!' })
    ).rejects.toEqual(failure('invalid'));
  });

  it('should order by metrics, parameters as text, and attributes, missing values last', async () => {
    const byMetric = await search({ orderBy: ['metrics.`test/acc` DESC'] });
    expect(byMetric[byMetric.length - 1]).toBe('run 5');
    const up = await search({ orderBy: ['metrics.`test/acc` ASC'] });
    expect(up[0]).toBe('run 0');
    expect(up[up.length - 1]).toBe('run 5');
    expect(
      (await search({ orderBy: ['params.depth ASC'] })).slice(0, 4)
    ).toEqual(['run 0', 'run 1', 'run 10', 'run 11']);
    expect((await search({ orderBy: ['attributes.start_time ASC'] }))[0]).toBe(
      'run 0'
    );
    expect((await search({ orderBy: ['attributes.run_name DESC'] }))[0]).toBe(
      'run 9'
    );
    await expect(search({ orderBy: ['duration DESC'] })).rejects.toEqual(
      failure('invalid')
    );
  });

  it('should filter', async () => {
    expect(await search({ filter: "params.depth = '3'" })).toEqual(['run 3']);
    expect(
      await search({
        filter: "tags.parity = 'odd' AND start_time < 1700000000003"
      })
    ).toEqual(['run 1']);
    expect(
      await search({ filter: `run_id IN ('${ids[1]}', '${ids[2]}')` })
    ).toEqual(['run 2', 'run 1']);
    expect(await search({ filter: "status = 'running'" })).toEqual([]);
    expect(
      await search({ filter: "status = 'RUNNING'", maxResults: 1 })
    ).toEqual(['run 11']);
    expect(await search({ filter: '   ' })).toHaveLength(COUNT);
  });

  it.each([
    'bogus',
    "status > 'RUNNING'",
    'a = b OR c = d',
    "metrics.x > 'one'",
    "params.a/b = '1'"
  ])(
    'should call the filter %s wrong, with the text of MLflow',
    async filter => {
      await expect(search({ filter })).rejects.toEqual(
        failure('invalid-filter', /Invalid|Expected/)
      );
    }
  );

  it('should not blame the filter for something else', async () => {
    await expect(
      search({ filter: "params.a = 'b'", maxResults: 50_001 })
    ).rejects.toEqual(failure('invalid'));
    await expect(
      search({ filter: "params.a = 'b'", orderBy: ['foo.bar'] })
    ).rejects.toMatchObject({ name: 'MlflowError' });
  });

  it('should find no runs for numbers as ids: so the client sends text', async () => {
    const wrong = await bench.post('runs/search', {
      experiment_ids: [Number(experimentId)],
      max_results: 1
    });
    expect(wrong).toMatchObject({ status: 200, json: {} });
    expect(await search({ maxResults: 1 })).toHaveLength(1);
  });

  it('should fail on old servers for max_results as text: so the client sends a number', async () => {
    const answer = await bench.post('runs/search', {
      experiment_ids: [experimentId],
      max_results: '1'
    });
    expect(answer.status).toBe(isNewest ? 200 : 500);
    if (!isNewest) {
      expect(answer.type).toBe('text/html');
    }
  });

  it('should find no runs where no experiment is given, without asking', async () => {
    expect(await runs.search({ experimentIds: [] })).toEqual({
      items: [],
      nextPageToken: null
    });
  });

  it('should search several experiments, and deleted runs when asked', async () => {
    const other = await bench.experiment('other');
    const { info } = await bench.run(other);
    await runs.delete(info.id);
    const experimentIds = [experimentId, other];
    expect((await runs.search({ experimentIds })).items).toHaveLength(COUNT);
    expect(
      (await runs.search({ experimentIds, viewType: 'ALL' })).items
    ).toHaveLength(COUNT + 1);
    const deleted = await runs.search({
      experimentIds,
      viewType: 'DELETED_ONLY'
    });
    expect(deleted.items.map(run => run.info.id)).toEqual([info.id]);
  });

  it('should fill a sink with the same as Run objects', async () => {
    const page = await runs.search({
      experimentIds: [experimentId],
      maxResults: 5
    });
    const seen: string[] = [];
    let token: string | null = '';
    await runs.searchInto(
      {
        begin: count => seen.push(`begin ${count}`),
        run: info => seen.push(info.id),
        param: (key, value) => seen.push(`p ${key} ${value}`),
        metric: (key, value, timestamp, step) =>
          seen.push(`m ${key} ${value} ${timestamp} ${step}`),
        tag: (key, value) => seen.push(`t ${key} ${value}`),
        end: next => (token = next)
      },
      { experimentIds: [experimentId], maxResults: 5 }
    );
    const expected = page.items.flatMap(run => [
      run.info.id,
      ...[...run.params].map(([key, value]) => `p ${key} ${value}`),
      ...[...run.metrics.values()].map(
        m => `m ${m.key} ${m.value} ${m.timestamp} ${m.step}`
      ),
      ...[...run.tags].map(([key, value]) => `t ${key} ${value}`)
    ]);
    expect(seen).toEqual(['begin 5', ...expected]);
    expect(token).toBe(page.nextPageToken);
  });

  it('should end with the AbortError of its signal', async () => {
    const controller = new AbortController();
    const pending = runs.search(
      { experimentIds: [experimentId] },
      controller.signal
    );
    controller.abort();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
  });
});
