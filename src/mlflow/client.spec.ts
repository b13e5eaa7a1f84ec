import { MlflowClient } from './client';
import { mlflowError } from './testing/expected';
import { FakeTransport } from './testing/fakeTransport';

const experiment = (id: number): object => ({
  experiment_id: `${id}`,
  name: `e${id}`
});

describe('MlflowClient', () => {
  describe('answers that no real server gives', () => {
    it.each<[string, unknown, RegExp]>([
      ['a web page', '<html>Sign in</html>', /web page/],
      ['half an answer', '{"experiments": [{"experiment_id": "1', /broke off/],
      ['another list', { experiments: 'none' }, /"experiments"/],
      [
        'a wrong field',
        { experiments: [{ experiment_id: '1', name: 5 }] },
        /"experiments\.0\.name"/
      ],
      ['a list', [1, 2], /the answer itself/],
      [
        'a wrong token',
        { experiments: [], next_page_token: 7 },
        /next_page_token/
      ]
    ])('should call %s malformed', async (_, body, message) => {
      const client = new MlflowClient(new FakeTransport(() => ({ body })));
      await expect(client.experiments.search()).rejects.toMatchObject(
        mlflowError('malformed', message)
      );
    });

    it('should ignore what it does not know, and tolerate what is missing', async () => {
      const body = {
        experiments: [{ experiment_id: 5, colour: 'green', tags: null }],
        colour: 1
      };
      const client = new MlflowClient(new FakeTransport(() => ({ body })));
      expect(await client.experiments.search()).toEqual({
        nextPageToken: null,
        items: [
          {
            id: '5',
            name: '',
            artifactLocation: '',
            lifecycleStage: 'active',
            creationTime: null,
            lastUpdateTime: null,
            tags: new Map()
          }
        ]
      });
    });

    it('should not follow a redirect', async () => {
      const client = new MlflowClient(
        new FakeTransport(() => ({
          status: 302,
          headers: { Location: '/login' }
        }))
      );
      await expect(client.runs.get('a')).rejects.toMatchObject(
        mlflowError('unreachable', /redirects/)
      );
    });
  });

  describe('paging', () => {
    it('should give each item once when items move between pages', async () => {
      const pages = [[1, 2, 3], [3, 4], []];
      const client = new MlflowClient(
        new FakeTransport((_, i) => ({
          body: {
            experiments: pages[i].map(experiment),
            next_page_token: `t${i}`
          }
        }))
      );
      const ids: string[] = [];
      for await (const one of client.experiments.searchAll()) {
        ids.push(one.id);
      }
      expect(ids).toEqual(['1', '2', '3', '4']);
    });

    it('should end on a token that does not advance', async () => {
      const transport = new FakeTransport(() => ({
        body: { experiments: [experiment(1)], next_page_token: 'same' }
      }));
      for await (const one of new MlflowClient(
        transport
      ).experiments.searchAll()) {
        expect(one.id).toBe('1');
      }
      expect(transport.requests).toHaveLength(2);
    });

    it('should ask no page that is not wanted', async () => {
      const transport = new FakeTransport(() => ({
        body: { experiments: [experiment(1)], next_page_token: 't' }
      }));
      for await (const one of new MlflowClient(
        transport
      ).experiments.searchAll()) {
        expect(one.name).toBe('e1');
        break;
      }
      expect(transport.requests).toHaveLength(1);
    });
  });

  describe('requests', () => {
    it('should send ids as text, limits as numbers, and no blank filter', async () => {
      const transport = new FakeTransport(() => ({ body: {} }));
      await new MlflowClient(transport).runs.search({
        experimentIds: ['7'],
        filter: '  ',
        maxResults: 20.9
      });
      expect(JSON.parse(transport.bodyOf(0))).toEqual({
        experiment_ids: ['7'],
        run_view_type: 'ACTIVE_ONLY',
        max_results: 20
      });
    });

    it('should write integers beyond 2^53 and numbers that JSON does not know', async () => {
      const transport = new FakeTransport(() => ({ body: {} }));
      const metric = {
        key: 'm \u0000"0"\u0000',
        value: -Infinity,
        step: 9007199254740993n,
        timestamp: 5.7
      };
      await new MlflowClient(transport).runs.logMetric('a', metric);
      const body = transport.bodyOf(0);
      expect(body).toContain('"step":9007199254740993');
      expect(body).toContain('"timestamp":5');
      expect(body).toContain('"value":"-Infinity"');
      expect((JSON.parse(body) as { key: string }).key).toBe(metric.key);
    });

    it('should encode what stands in paths', async () => {
      const transport = new FakeTransport(() => ({ body: {} }));
      const { artifacts, loggedModels } = new MlflowClient(transport);
      await artifacts.upload(
        { id: 'a', artifactUri: 'mlflow-artifacts://host:5000/1/a/artifacts' },
        'ü/b c?.txt',
        new Blob(['x'])
      );
      expect(transport.requests[0].path).toBe(
        'ajax-api/2.0/mlflow-artifacts/artifacts/1/a/artifacts/%C3%BC/b%20c%3F.txt'
      );
      expect(loggedModels.downloadUrl('m/../x', 'a')).toContain(
        'logged-models/m%2F..%2Fx/artifacts'
      );
    });

    it('should not start when its signal is aborted already', async () => {
      const transport = new FakeTransport(() => ({ body: {} }));
      const controller = new AbortController();
      controller.abort();
      await expect(
        new MlflowClient(transport).runs.get('a', controller.signal)
      ).rejects.toMatchObject({ name: 'AbortError' });
      expect(transport.requests).toHaveLength(0);
    });
  });

  describe('#capabilities', () => {
    it.each([
      ['3.17.2', true, true],
      ['3.1.0', false, false],
      ['3.1.1', true, false],
      ['2.3.2', false, false],
      ['3.10.0.dev0', true, true]
    ])('should read %s', async (version, historyPaging, filterIsNull) => {
      const transport = new FakeTransport(request =>
        request.path === 'version'
          ? { body: version }
          : { status: 404, body: '<html>' }
      );
      expect(await new MlflowClient(transport).capabilities()).toMatchObject({
        version,
        historyPaging,
        filterIsNull
      });
    });

    it('should know workspaces', async () => {
      const transport = new FakeTransport(request =>
        request.path === 'version'
          ? { body: '3.17.2' }
          : { body: { workspaces_enabled: true } }
      );
      expect(
        (await new MlflowClient(transport).capabilities()).workspaces
      ).toBe(true);
    });

    it('should know what is not MLflow', async () => {
      const transport = new FakeTransport(() => ({
        body: '<html>Welcome to nginx</html>'
      }));
      await expect(
        new MlflowClient(transport).capabilities()
      ).rejects.toMatchObject({ kind: 'malformed' });
    });

    it('should pass on that a login is needed', async () => {
      const transport = new FakeTransport(() => ({
        status: 401,
        body: {
          error: {
            code: 'upstream-unauthenticated',
            message: 'Sign in.',
            hint: 'Here.'
          }
        },
        headers: { 'X-Jupyter-Mlflow-Error': 'upstream-unauthenticated' }
      }));
      await expect(
        new MlflowClient(transport).capabilities()
      ).rejects.toMatchObject({ kind: 'unauthenticated' });
    });

    it('should be asked again after a failure', async () => {
      const transport = new FakeTransport((request, i) =>
        i < 2
          ? new TypeError('refused')
          : request.path === 'version'
            ? { body: '2.3.2' }
            : { status: 404, body: '<html>' }
      );
      const client = new MlflowClient(transport);
      await expect(client.capabilities()).rejects.toMatchObject({
        kind: 'unreachable'
      });
      expect((await client.capabilities()).version).toBe('2.3.2');
    });
  });
});
