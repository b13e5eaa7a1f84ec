"""Counting on a real tracking server: each execution that was acknowledged is there exactly once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel
from recorder_support import Rows, record, wait_for, wait_recorded
from shipping_support import Mlflow

#: The run's, by the execution's.
RUN_STATUS = {
    "ok": "FINISHED",
    "error": "FAILED",
    "interrupted": "KILLED",
    "killed": "KILLED",
    "unknown": "KILLED",
}


def send_all(jupyter: Jupyter, path: str, url: str, experiment: str) -> NotebookKernel:
    """A notebook whose kernel is seen as a whole already, and of which every cell is sent from now on."""
    record(jupyter, path)
    kernel = NotebookKernel(jupyter, path)
    wait_recorded(jupyter, kernel)
    target = {"server_id": jupyter.add(url), "experiment": experiment}
    record(jupyter, path, send="all", target=target)
    return kernel


def wait_sent(jupyter: Jupyter, path: str | None, ids: Iterable[str]) -> Rows:
    """Until all of these are in the history and sent, and nothing of it waits."""
    asked = set(ids)

    def is_sent(rows: Rows) -> bool:
        sent = {row["id"] for row in rows if row["sending"] == "sent"}
        return asked <= sent and not any(row["sending"] == "waiting" for row in rows)

    return wait_for(jupyter, path, is_sent, "everything to be sent")


def check_counts(mlflow: Mlflow, experiment: str, ended: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Zero lost, zero doubled: the runs of exactly these executions, each with the status that goes with how
    it ended; the runs."""
    cells = mlflow.cells(experiment)
    found = {id: [run["status"] for run in runs] for id, runs in cells.items()}
    assert found == {id: [RUN_STATUS[status]] for id, status in ended.items()}
    return {id: run for id, (run,) in cells.items()}
