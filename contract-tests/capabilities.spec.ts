import {
  MlflowClient,
  type Capabilities,
  type ITransport
} from '../src/mlflow';
import { describeServers, failure } from './support';

describeServers('capabilities', bench => {
  const { client, isNewest, transport } = bench;

  const expected: Omit<Capabilities, 'version'> = {
    loggedModels: isNewest,
    datasets: isNewest,
    workspaces: false,
    sampledHistory: isNewest,
    historyPaging: isNewest,
    deleteExperimentTag: isNewest,
    filterIsNull: isNewest,
    filterDatasets: isNewest,
    maxParamLength: isNewest ? 6000 : 500,
    maxTagLength: isNewest ? 8000 : 5000
  };

  /** The same server, where some paths are kept for administrators. */
  function without(...paths: string[]): ITransport {
    return {
      url: (path, query) => transport.url(path, query),
      send: request =>
        paths.some(path => request.path.endsWith(path))
          ? Promise.resolve(new Response('Permission denied', { status: 403 }))
          : transport.send(request)
    };
  }

  it('should be read from the version', async () => {
    const { version, ...rest } = await client.capabilities();
    expect(version).toMatch(isNewest ? /^3\.\d+/ : /^2\.3\.2$/);
    expect(rest).toEqual(expected);
  });

  it('should be the same without the version', async () => {
    expect(await new MlflowClient(without('version')).capabilities()).toEqual({
      version: null,
      ...expected
    });
  });

  it('should be the same asked of the endpoints alone', async () => {
    expect(
      await new MlflowClient(without('version', 'server-info')).capabilities()
    ).toEqual({ version: null, ...expected });
  });

  it('should be asked once, and again after a failure', async () => {
    let asked = 0;
    let broken = true;
    const counting: ITransport = {
      url: (path, query) => transport.url(path, query),
      send: request => {
        asked += request.path === 'version' ? 1 : 0;
        return broken
          ? Promise.reject(new TypeError('fetch failed'))
          : transport.send(request);
      }
    };
    const other = new MlflowClient(counting);
    await expect(other.capabilities()).rejects.toEqual(failure('unreachable'));
    broken = false;
    await Promise.all([other.capabilities(), other.capabilities()]);
    await other.capabilities();
    expect(asked).toBe(2);
  });

  it('should end one caller alone by its signal', async () => {
    const other = new MlflowClient(transport);
    const controller = new AbortController();
    const [first, second] = [
      other.capabilities(controller.signal),
      other.capabilities()
    ];
    controller.abort();
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    expect((await second).datasets).toBe(isNewest);
  });

  it('should have health and version at the root, and server-info on new servers', async () => {
    expect(await bench.raw('GET', '/health')).toMatchObject({
      status: 200,
      text: 'OK'
    });
    expect((await bench.raw('GET', '/version')).text.trim()).toBe(
      (await client.capabilities()).version
    );
    const info = await bench.raw('GET', '/ajax-api/3.0/mlflow/server-info');
    expect(info.status).toBe(isNewest ? 200 : 404);
  });
});
