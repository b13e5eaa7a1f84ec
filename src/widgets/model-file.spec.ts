import { MlflowClient } from '../mlflow';
import { FakeTransport } from '../mlflow/testing/fakeTransport';
import { modelFile } from './model-file';

/** What is asked for the file of a version with this source. */
async function askedFor(
  source: string
): Promise<[string, Readonly<Record<string, string>>]> {
  const transport = new FakeTransport(({ path }) =>
    path.endsWith('model-versions/get')
      ? { body: { model_version: { name: 'm', version: '3', source } } }
      : { body: 'signature: null\n' }
  );
  const text = await modelFile(new MlflowClient(transport), 'm', '3');
  expect(text).toBe('signature: null\n');
  const { path, query = [] } = transport.requests[1];
  return [path, Object.fromEntries(query)];
}

describe('modelFile', () => {
  it('should read it by the version’s name', async () => {
    for (const source of [
      'mlflow-artifacts:/1/r/artifacts/model',
      'models:/m-1'
    ])
      expect(await askedFor(source)).toEqual([
        'model-versions/get-artifact',
        { name: 'm', version: '3', path: 'MLmodel' }
      ]);
  });

  it.each([
    ['runs:/abc/model', 'model/MLmodel'],
    ['runs:/abc/a/b/', 'a/b/MLmodel'],
    ['runs:///abc/model', 'model/MLmodel'],
    ['runs:/abc', 'MLmodel']
  ])('should read it from the run of %s', async (source, path) => {
    expect(await askedFor(source)).toEqual([
      'get-artifact',
      { run_id: 'abc', path }
    ]);
  });
});
