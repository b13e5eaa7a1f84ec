"""A kernel whose MLflow is newer than its server: what docs/doctor.md says of `version-skew` happens."""

from __future__ import annotations

import json
from collections.abc import Callable

from servers import MlflowServer, run_python

PROGRAM = """
import json, mlflow
from mlflow.pyfunc import PythonModel

class Twice(PythonModel):
    def predict(self, context, model_input, params=None):
        return 2 * model_input

mlflow.set_experiment("skew")
with mlflow.start_run() as run:
    mlflow.log_param("slope", 2)
    mlflow.log_metric("loss", 0.5)
    mlflow.log_text("a text", "text.txt")
    refused = {}
    for name, log in {
        "log_model": lambda: mlflow.pyfunc.log_model(name="model", python_model=Twice()),
        "log_input": lambda: mlflow.log_input(mlflow.data.from_numpy(__import__("numpy").zeros(2))),
    }.items():
        try:
            log()
        except Exception as error:
            refused[name] = str(error)
told = mlflow.get_run(run.info.run_id)
print(json.dumps({
    "status": told.info.status,
    "params": told.data.params,
    "metrics": told.data.metrics,
    "files": [each.path for each in mlflow.MlflowClient().list_artifacts(run.info.run_id)],
    "refused": refused,
}))
"""


def test_a_new_kernel_logs_a_run_to_an_old_server_and_no_model(
    plain_servers: Callable[[str], MlflowServer],
) -> None:
    server = plain_servers("oldest")
    told = json.loads(run_python("newest", PROGRAM, MLFLOW_TRACKING_URI=server.url).splitlines()[-1])
    refused = told.pop("refused")
    assert told == {
        "status": "FINISHED",
        "params": {"slope": "2"},
        "metrics": {"loss": 0.5},
        "files": ["text.txt"],
    }
    # MLflow itself checks no versions: the server does not know the path.
    assert sorted(refused) == ["log_input", "log_model"]
    for call, path in (("log_model", "logged-models"), ("log_input", "log-inputs")):
        assert path in refused[call]
        assert "404" in refused[call]
