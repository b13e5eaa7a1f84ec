import { MlflowClient } from '../src/mlflow';
import { describeServers, DirectTransport, failure } from './support';

describeServers('answers', bench => {
  const { client, isNewest } = bench;

  it('should be JSON errors with a code', async () => {
    const answer = await bench.raw('GET', 'experiments/get', {
      query: { experiment_id: '987654321' }
    });
    expect(answer).toMatchObject({ status: 404, type: 'application/json' });
    expect(answer.json).toMatchObject({
      error_code: 'RESOURCE_DOES_NOT_EXIST',
      message: expect.any(String)
    });
  });

  it('should be pages for unknown routes and wrong methods', async () => {
    expect(await bench.raw('GET', 'no/such/route')).toMatchObject({
      status: 404,
      type: 'text/html'
    });
    expect(await bench.raw('GET', 'runs/search')).toMatchObject({
      status: 405,
      type: 'text/html'
    });
  });

  it('should want the content type of JSON on new servers', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const text = JSON.stringify({ name: bench.name('type') });
      const headers = { 'Content-Type': type };
      expect(
        (await bench.raw('POST', 'experiments/create', { text, headers }))
          .status
      ).toBe(isNewest ? 400 : 200);
    }
  });

  it('should be neither compressed nor minified', async () => {
    const answer = await bench.raw('POST', 'experiments/search', {
      body: { max_results: 1 },
      headers: { 'Content-Type': 'application/json', 'Accept-Encoding': 'gzip' }
    });
    expect(answer.headers.get('Content-Encoding')).toBeNull();
    expect(answer.text).toMatch(/\n\s+"/);
  });

  it('should refuse foreign origins and hosts on new servers', async () => {
    const body = JSON.stringify({ max_results: 1 });
    const foreign = {
      'Content-Type': 'application/json',
      Origin: 'https://evil.example'
    };
    const post = await bench.raw('POST', 'experiments/search', {
      text: body,
      headers: foreign
    });
    expect(post).toMatchObject(
      isNewest ? { status: 403, type: 'text/plain' } : { status: 200 }
    );
    const get = await bench.raw('GET', '/version', {
      headers: { Origin: 'https://evil.example' }
    });
    expect(get.status).toBe(200);
    expect(get.headers.get('Access-Control-Allow-Origin')).toBe(
      isNewest ? null : get.headers.get('Access-Control-Allow-Origin')
    );
  });

  it('should tell of an address without a server', async () => {
    // Port 9 (discard) answers nowhere.
    const nowhere = new MlflowClient(new DirectTransport('http://127.0.0.1:9'));
    await expect(nowhere.experiments.search()).rejects.toEqual(
      failure('unreachable')
    );
    await expect(nowhere.capabilities()).rejects.toEqual(
      failure('unreachable')
    );
  });

  it('should tell of a wrong path prefix', async () => {
    const elsewhere = new MlflowClient(
      new DirectTransport(`${bench.server.url}/nowhere`)
    );
    await expect(elsewhere.experiments.search()).rejects.toEqual(
      failure('malformed', /does not answer as an MLflow/)
    );
  });

  it('should tell a time-out from an abort', async () => {
    const late = client.experiments.search({}, AbortSignal.timeout(0));
    await expect(late).rejects.toEqual(failure('unreachable', /in time/));
  });

  it('should drop the rest of a body, unsaid, after a field of a wrong type: so the client types what it sends', async () => {
    const experiment_ids = [await bench.experiment('view')];
    await bench.run(experiment_ids[0]);
    const found = async (run_view_type: unknown): Promise<unknown> => {
      const answer = await bench.post('runs/search', {
        run_view_type,
        experiment_ids,
        max_results: 1
      });
      expect(answer.status).toBe(200);
      return answer.json.runs;
    };
    expect(await found({})).toBeUndefined();
    const unknown = await found('BOTH');
    expect(unknown === undefined).toBe(!isNewest);
    expect(await found('ACTIVE_ONLY')).toHaveLength(1);
  });

  it('should have traces of the third kind on new servers', async () => {
    const locations = [
      { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: '0' } }
    ];
    const answer = await bench.post('/ajax-api/3.0/mlflow/traces/search', {
      locations,
      max_results: 1
    });
    expect(answer).toMatchObject(
      isNewest
        ? { status: 200, type: 'application/json' }
        : { status: 404, type: 'text/html' }
    );
  });

  it('should let through a long query in parts only', async () => {
    const runIds = Array.from({ length: 100 }, (_, i) =>
      i.toString(16).padStart(32, '0')
    );
    const query = runIds.map(id => `run_id=${id}`).join('&');
    const response = await fetch(
      `${bench.server.url}/ajax-api/2.0/mlflow/metrics/get-history-bulk?${query}&metric_key=loss`
    );
    // gunicorn takes request lines of 4 KB: the client asks for at most 75 runs at once.
    expect(response.status).toBe(isNewest ? 200 : 400);
  });
});
