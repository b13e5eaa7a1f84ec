import { SERVER } from '../../ui/testing/harness';
import { ownPageUrl } from './own-page';
import { loadCode, uriForKernel } from './load-code';

describe('uriForKernel', () => {
  it('should give the address of a remote server, and none that the kernel inherits', () => {
    expect(uriForKernel(SERVER)).toBe('http://mlflow.example:5000');
    expect(uriForKernel({ ...SERVER, origin: 'environment' })).toBeNull();
  });

  it('should give the address that a local server listens on, never its store', () => {
    const local = { ...SERVER, kind: 'local', uri: 'sqlite:///m.db' } as const;
    expect(uriForKernel({ ...local, page: 'http://127.0.0.1:4321/' })).toBe(
      'http://127.0.0.1:4321'
    );
    expect(uriForKernel({ ...local, page: null })).toBeNull();
  });
});

describe('loadCode', () => {
  it('should load a run without models and show what it logged', () => {
    expect(loadCode({ runId: 'abc', trackingUri: null, models: [] })).toBe(
      'import mlflow\n\nrun = mlflow.get_run("abc")\nrun.data.params, run.data.metrics'
    );
  });

  it('should name the server where the kernel does not know it, and every model', () => {
    const model = { modelId: null, status: '', flavors: [] };
    expect(
      loadCode({
        runId: 'abc',
        trackingUri: 'http://h:5000',
        models: [
          { ...model, name: 'model' },
          { ...model, name: 'it"s\n' }
        ]
      })
    ).toBe(
      [
        'import mlflow',
        '',
        'mlflow.set_tracking_uri("http://h:5000")',
        'run = mlflow.get_run("abc")',
        '',
        'model = mlflow.pyfunc.load_model("runs:/abc/model")',
        '# model = mlflow.pyfunc.load_model("runs:/abc/it\\"s\\n")'
      ].join('\n')
    );
  });
});

describe('ownPageUrl', () => {
  it("should point into MLflow's page, below its prefix", () => {
    expect(
      ownPageUrl({ ...SERVER, page: 'https://h/mlflow/' }, '1', 'r#1')
    ).toBe('https://h/mlflow/#/experiments/1/runs/r%231');
  });

  it.each([[null], ['javascript:alert(1)'], ['sqlite:///x']])(
    'should give nothing for the page %p',
    page => {
      expect(ownPageUrl({ ...SERVER, page }, '1', 'r')).toBeNull();
    }
  );

  it('should give nothing for an unknown server', () => {
    expect(ownPageUrl(undefined, '1', 'r')).toBeNull();
  });
});
