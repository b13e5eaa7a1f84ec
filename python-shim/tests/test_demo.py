"""The tutorial notebook of demo/, run for real against the newest MLflow, and what it must leave there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from servers import MlflowServer

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "demo" / "tracking-experiments.ipynb"
TRAINED = {
    "logistic regression",
    "naive Bayes",
    "random forest",
    "extra trees",
    "neural network",
    "search: random forest",
}


def _post(server: MlflowServer, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = httpx.post(f"{server.url}/api/2.0/mlflow/{path}", json=body, timeout=60)
    answer.raise_for_status()
    return dict(answer.json())


def _get(server: MlflowServer, path: str, **query: str) -> dict[str, Any]:
    answer = httpx.get(f"{server.url}/api/2.0/mlflow/{path}", params=query, timeout=60)
    answer.raise_for_status()
    return dict(answer.json())


def _outputs(notebook: dict[str, Any]) -> str:
    return "\n".join(
        "".join(output.get("text", ""))
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if output["output_type"] == "stream"
    )


def test_notebook_is_clean() -> None:
    """It is kept without outputs, counters and whose kernel it was."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        assert cell["metadata"] == {}
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
    assert notebook["cells"][0]["source"][0].strip() == "# Tracking experiments with MLflow"


@pytest.fixture(scope="module")
def ran(
    plain_servers: Callable[[str], MlflowServer], tmp_path_factory: pytest.TempPathFactory
) -> tuple[MlflowServer, dict[str, Any]]:
    """The server that the notebook ran against, and the notebook with its outputs."""
    server = plain_servers("newest")
    output = tmp_path_factory.mktemp("demo") / "executed.ipynb"
    result = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "run_demo.py"), str(NOTEBOOK), str(output)],
        env={**os.environ, "MLFLOW_TRACKING_URI": server.url},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return server, json.loads(output.read_text(encoding="utf-8"))


def test_runs_are_complete(ran: tuple[MlflowServer, dict[str, Any]]) -> None:
    """Every trained model has all that the notebook promises; the search has its children."""
    server, _ = ran
    experiment = _get(server, "experiments/get-by-name", experiment_name="Wine cultivars")["experiment"]
    runs = _post(
        server, "runs/search", {"experiment_ids": [experiment["experiment_id"]], "max_results": 1000}
    )["runs"]
    by_name = {run["info"]["run_name"]: run for run in runs}

    assert set(by_name) >= TRAINED
    for name in TRAINED:
        run = by_name[name]
        assert run["info"]["status"] == "FINISHED"
        assert run["data"]["params"]
        metrics = {metric["key"]: metric["value"] for metric in run["data"]["metrics"]}
        assert 0.6 < metrics["test_accuracy"] <= 1
        assert run["inputs"]["dataset_inputs"][0]["dataset"]["name"] == "wine-clean"
        assert len(run["outputs"]["model_outputs"]) == 1

    parent = by_name["search: random forest"]["info"]["run_id"]
    children = [
        run
        for run in runs
        if any(
            tag["key"] == "mlflow.parentRunId" and tag["value"] == parent
            for tag in run["data"].get("tags", [])
        )
    ]
    assert len(children) == 12

    network = by_name["neural network"]["info"]["run_id"]
    history = _get(server, "metrics/get-history", run_id=network, metric_key="train_loss")["metrics"]
    assert [metric["step"] for metric in history] == list(range(40))
    assert history[-1]["value"] < history[0]["value"]

    files = _get(server, "artifacts/list", run_id=by_name["random forest"]["info"]["run_id"])["files"]
    assert "confusion_matrix.png" in {file["path"] for file in files}


def test_best_model_is_registered(ran: tuple[MlflowServer, dict[str, Any]]) -> None:
    """The alias points to a version whose run has the best score, and whose model has a signature."""
    server, _ = ran
    version = _get(server, "registered-models/alias", name="wine-cultivar", alias="champion")["model_version"]
    assert version["status"] == "READY"
    run = _get(server, "runs/get", run_id=version["run_id"])["run"]
    experiment = {"experiment_ids": [run["info"]["experiment_id"]], "max_results": 1}
    best = _post(server, "runs/search", {**experiment, "order_by": ["metrics.test_f1 DESC"]})["runs"][0]

    def score(of: dict[str, Any]) -> float:
        return next(float(m["value"]) for m in of["data"]["metrics"] if m["key"] == "test_f1")

    assert score(run) == score(best)
    model = _get(server, f"logged-models/{run['outputs']['model_outputs'][0]['model_id']}")["model"]
    assert (
        version["source"].endswith(model["info"]["model_id"])
        or version["source"] == model["info"]["artifact_uri"]
    )


def test_says_nothing_of_deprecation(ran: tuple[MlflowServer, dict[str, Any]]) -> None:
    """A newcomer must not begin with warnings."""
    _, notebook = ran
    text = _outputs(notebook)
    for noise in ("Warning", "WARNING", "deprecat", "Traceback"):
        assert noise not in text
