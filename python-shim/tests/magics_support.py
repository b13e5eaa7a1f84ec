"""Kernels of notebooks in which `%mlflow` is tried, and what its outputs hold."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import httpx
from environment_factory import EnvironmentFactory
from jupyter_mlflow.kernel.magics.showing import VIEW_MIME
from jupyter_mlflow.server.kernels.payload import PACKAGE
from jupyter_under_test import Jupyter
from kernel_under_test import Execution, NotebookKernel, add_kernelspec

from servers import mlflow_python

#: MLflow of the kernel and of the server; "none": a kernel without MLflow.
PAIRS = {"newest": "newest", "oldest": "oldest", "none": "newest"}
MIME = "application/vnd.jupyter-mlflow.{}.v1+json"


def layers(execution: Execution) -> dict[str, Any]:
    """The MIME bundle of the last output of a cell."""
    assert execution.outputs, execution
    found: dict[str, Any] = execution.outputs[-1]["content"]["data"]
    return found


def content(execution: Execution, kind: str) -> dict[str, Any]:
    """Our own layer; the others must be there, too, and a widget may be."""
    found = layers(execution)
    assert set(found) - {VIEW_MIME} == {MIME.format(kind), "text/html", "text/plain"}, found
    whole: dict[str, Any] = found[MIME.format(kind)]
    return whole


def log_to(kernel: NotebookKernel, uri: str, experiment: str | None = None) -> None:
    """Let the kernel log there, as a person's variables do."""
    wanted = {"MLFLOW_TRACKING_URI": uri, "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true"}
    if experiment is not None:
        wanted["MLFLOW_EXPERIMENT_NAME"] = experiment
    code = (
        "import os, sys; os.environ.pop('MLFLOW_EXPERIMENT_NAME', None)\n"
        f"os.environ.update({wanted!r})\n"
        f"if 'mlflow' in sys.modules: sys.modules['mlflow'].set_tracking_uri({uri!r})"
    )
    assert kernel.run(code).ok


def be_patient(kernel: NotebookKernel, seconds: float = 60.0) -> None:
    """Let `%mlflow` wait for its server for longer than two seconds: what is tested is not the machine."""
    code = f"import {PACKAGE}.magic as _magic\n_magic.second_stage('store').BUDGET_S = {seconds}"
    assert kernel.run(code).ok


@contextlib.contextmanager
def patient_kernel(
    jupyter: Jupyter, environments: EnvironmentFactory, version: str, *, folder: str
) -> Iterator[NotebookKernel]:
    """A kernel with that MLflow, one of `PAIRS`, of a notebook `train.ipynb` that others do not use."""
    python = environments.kept("ipykernel") if version == "none" else mlflow_python(version)
    name = f"{folder}-{version}"
    add_kernelspec(jupyter, name, python)
    opened = NotebookKernel(jupyter, f"{name}/train.ipynb", kernel=name)
    try:
        opened.wait_known()
        be_patient(opened)
        yield opened
    finally:
        opened.close()


class Api:
    """The tracking server, asked by REST."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._http = httpx.Client(base_url=f"{uri}/api/2.0/mlflow/", trust_env=False, timeout=60)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """The JSON of a POST."""
        answer = self._http.post(path, json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def experiment(self, name: str) -> str:
        """A new experiment; its id."""
        id: str = self.post("experiments/create", name=name)["experiment_id"]
        return id

    def add_run(
        self,
        experiment_id: str,
        name: str,
        *,
        params: dict[str, str] | None = None,
        history: dict[str, list[float]] | None = None,
        tags: dict[str, str] | None = None,
    ) -> str:
        """A finished run; its id."""
        run = self.post(
            "runs/create", experiment_id=experiment_id, run_name=name, start_time=1_700_000_000_000
        )
        id: str = run["run"]["info"]["run_id"]
        metrics = [
            {"key": key, "value": value, "timestamp": 1_700_000_000_000 + step, "step": step}
            for key, values in (history or {}).items()
            for step, value in enumerate(values)
        ]
        pairs = {
            kind: [{"key": key, "value": value} for key, value in (found or {}).items()]
            for kind, found in (("params", params), ("tags", tags))
        }
        self.post("runs/log-batch", run_id=id, metrics=metrics, **pairs)
        self.post("runs/update", run_id=id, status="FINISHED", end_time=1_700_000_060_000)
        return id

    def upload(self, run_id: str, path: str, text: str) -> None:
        """A file among the artifacts of a run."""
        folder = self.run(run_id)["info"]["artifact_uri"].removeprefix("mlflow-artifacts:/")
        place = f"{self._uri}/api/2.0/mlflow-artifacts/artifacts/{folder}/{path}"
        answer = self._http.put(place, content=text.encode())
        assert answer.status_code == 200, answer.text

    def run(self, id: str) -> dict[str, Any]:
        """One run."""
        answer = self._http.get("runs/get", params={"run_id": id})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["run"]
        return found

    def history(self, run_id: str, key: str) -> list[dict[str, Any]]:
        """All points of a metric."""
        asked = {"run_id": run_id, "metric_key": key, "max_results": 25000}
        answer = self._http.get("metrics/get-history", params=asked)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json().get("metrics", [])
        return found

    def runs(self, experiment_id: str) -> list[dict[str, Any]]:
        """All of an experiment, the newest first."""
        found: list[dict[str, Any]] = self.post(
            "runs/search", experiment_ids=[experiment_id], max_results=100
        ).get("runs", [])
        return found

    def named(self, experiment_id: str, name: str) -> dict[str, Any]:
        """The run of that name."""
        return next(each for each in self.runs(experiment_id) if each["info"]["run_name"] == name)


def tags_of(run: dict[str, Any]) -> dict[str, str]:
    """Its tags."""
    return {each["key"]: each["value"] for each in run["data"].get("tags", [])}


def assert_safe(bundle: dict[str, Any]) -> None:
    """What no layer may hold: an address, a login, styles beyond inline ones, anything that runs."""
    whole = json.dumps(bundle)
    for word in ("http://", "https://", "127.0.0.1"):
        assert word not in whole, whole
    markup = bundle["text/html"].lower()
    for word in ("<script", "<style", "<svg", "<img", "<iframe", "<a "):
        assert word not in markup, markup
