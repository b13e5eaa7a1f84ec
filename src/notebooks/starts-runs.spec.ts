import { choosesExperiment, startsRuns } from './starts-runs';

describe('startsRuns', () => {
  it.each([
    'with mlflow.start_run() as run:\n    pass',
    'mlflow.sklearn.autolog()',
    'mlflow.log_metric("loss", 1)',
    '%%mlflow baseline --param depth=3\nmodel.fit(X, y)',
    '%mlflow autolog on',
    '  %mlflow log-metric acc=1'
  ])('should see it in %j', code => {
    expect(startsRuns(code)).toBe(true);
  });

  it.each([
    'import mlflow',
    'mlflow.set_tracking_uri("http://localhost:5000")',
    '%mlflow runs --last 5',
    '%mlflow check',
    '%mlflow autolog off',
    'print("%%mlflow")'
  ])('should not see it in %j', code => {
    expect(startsRuns(code)).toBe(false);
  });
});

describe('choosesExperiment', () => {
  it.each([
    'mlflow.set_experiment("mine")',
    'import os; os.environ["MLFLOW_EXPERIMENT_NAME"] = "mine"',
    '%env MLFLOW_EXPERIMENT_ID=7',
    '%env MLFLOW_EXPERIMENT_NAME mine',
    'os.environ.setdefault("MLFLOW_EXPERIMENT_NAME", "mine")',
    'os.environ.update({"MLFLOW_EXPERIMENT_NAME": "mine"})',
    'with mlflow.start_run(experiment_id=id): pass',
    '%mlflow experiment "churn 2026"',
    '%%mlflow baseline --experiment churn\nx = 1'
  ])('should see it in %j', code => {
    expect(choosesExperiment(code)).toBe(true);
  });

  it.each([
    'with mlflow.start_run(): pass',
    'mlflow.search_runs(experiment_ids=["1"])',
    'print(os.environ.get("MLFLOW_EXPERIMENT_NAME", "Default"))',
    'assert os.environ["MLFLOW_EXPERIMENT_NAME"] == "mine"',
    '%env MLFLOW_EXPERIMENT_NAME',
    'if run.info.experiment_id == "0": pass',
    '%mlflow experiment',
    '%mlflow runs --experiment churn'
  ])('should not see it in %j', code => {
    expect(choosesExperiment(code)).toBe(false);
  });
});
