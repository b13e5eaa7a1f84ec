"""Every run that a cell starts says which cell made it: with both MLflows, real kernels and a real server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel, add_kernelspec
from processes_under_test import wait_until

from servers import MlflowServer, mlflow_python

VERSIONS = ("newest", "oldest")


def environment(uri: str) -> str:
    """A cell that sets where to log, and keeps MLflow from printing addresses."""
    wanted = {"MLFLOW_TRACKING_URI": uri, "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true"}
    return f"import os; os.environ.update({wanted!r})"


@pytest.fixture(scope="module", params=VERSIONS)
def kernel(
    request: pytest.FixtureRequest, jupyter: Jupyter, plain_servers: Callable[[str], MlflowServer]
) -> Iterator[NotebookKernel]:
    """A notebook whose kernel has that MLflow and logs to a server of that version; the tests share it."""
    version: str = request.param
    add_kernelspec(jupyter, f"mlflow-{version}", mlflow_python(version))
    opened = NotebookKernel(jupyter, f"tags-{version}/train.ipynb", kernel=f"mlflow-{version}")
    try:
        # While the kernel starts.
        opened.server = plain_servers(version)  # type: ignore[attr-defined]
        opened.wait_known()
        assert opened.run(environment(opened.server.url)).ok  # type: ignore[attr-defined]
        yield opened
    finally:
        opened.close()


def tags_of(kernel: NotebookKernel, run_id: str) -> dict[str, str]:
    """What the tracking server has."""
    uri = kernel.server.url  # type: ignore[attr-defined]
    answer = httpx.get(
        f"{uri}/api/2.0/mlflow/runs/get", params={"run_id": run_id}, trust_env=False, timeout=60
    )
    run: dict[str, Any] = answer.json()["run"]
    return {each["key"]: each["value"] for each in run["data"]["tags"]}


START = "import mlflow\nwith mlflow.start_run() as run: print(run.info.run_id)"


def test_a_run_carries_its_cell(kernel: NotebookKernel) -> None:
    cell = kernel.run(START, cell_id="cell-1")
    assert cell.ok, cell
    tags = tags_of(kernel, cell.stdout.strip())
    assert tags["jupyter.execution_id"] == cell.msg_id
    assert tags["jupyter.cell_id"] == "cell-1"
    assert tags["jupyter.kernel_id"] == kernel.id
    assert tags["jupyter.notebook_path"] == kernel.path
    assert tags["jupyter.notebook_id"] == kernel.report()["notebook"]["id"]
    assert tags["jupyter.user"]
    assert tags["mlflow.source.name"] == kernel.path
    assert tags["mlflow.source.type"] == "NOTEBOOK"
    assert "jupyter.git.commit" not in tags

    # MLflow is loaded now: the next cell, without an id, and a thread of it.
    code = (
        "import threading\ndone = []\n"
        "def work():\n    with mlflow.start_run() as run: done.append(run.info.run_id)\n"
        "thread = threading.Thread(target=work); thread.start(); thread.join(); print(done[0])"
    )
    second = kernel.run(code)
    tags = tags_of(kernel, second.stdout.strip())
    assert tags["jupyter.execution_id"] == second.msg_id
    assert "jupyter.cell_id" not in tags


def status_of(kernel: NotebookKernel, run_id: str) -> str:
    uri = kernel.server.url  # type: ignore[attr-defined]
    answer = httpx.get(
        f"{uri}/api/2.0/mlflow/runs/get", params={"run_id": run_id}, trust_env=False, timeout=60
    )
    status: str = answer.json()["run"]["info"]["status"]
    return status


def test_a_run_left_open_is_known_and_ended_at_a_word(kernel: NotebookKernel) -> None:
    def end(id: str) -> Any:
        answer = kernel.jupyter.client.post(f"kernels/{kernel.id}/options", json={"end_run": id})
        assert answer.status_code == 200, answer.text
        return answer.json()["facts"]["active_run"]

    assert kernel.probe()["facts"]["active_run"] is None
    started = kernel.run(
        "import mlflow\nprint(mlflow.start_run(run_name='left open').info.run_id)", cell_id="cell-1"
    )
    id = started.stdout.strip()
    opened = {"id": id, "name": "left open", "cell_id": "cell-1"}
    assert kernel.probe()["facts"]["active_run"] == opened
    # Another one may be open by the time that somebody presses a button.
    assert end("f" * 32) == opened
    assert status_of(kernel, id) == "RUNNING"
    assert end(id) is None
    assert status_of(kernel, id) == "FINISHED"
    assert kernel.run("print(mlflow.active_run())").stdout.strip() == "None"


def test_the_commit_and_whether_it_was_changed(kernel: NotebookKernel, tmp_path: Path) -> None:
    def git(*words: str) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words]
        return subprocess.run(
            command, cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout.strip()

    notebook = tmp_path / "train.ipynb"
    notebook.write_text("{}")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    before = kernel.run(f"import os; print(os.getcwd()); os.chdir({str(tmp_path)!r})").stdout.strip()
    try:
        clean = tags_of(kernel, kernel.run(START).stdout.strip())
        assert clean["jupyter.git.commit"] == clean["mlflow.source.git.commit"] == git("rev-parse", "HEAD")
        assert clean["jupyter.git.dirty"] == "false"
        notebook.write_text("{ }")
        changed = tags_of(kernel, kernel.run(START).stdout.strip())
        assert changed["jupyter.git.dirty"] == "true"
    finally:
        kernel.run(f"os.chdir({before!r})")


def test_no_request_more(kernel: NotebookKernel) -> None:
    """The same cell with and without tags: as many requests."""
    counting = (
        "import requests\nsent = []\nreal = requests.Session.send\n"
        "requests.Session.send = lambda *a, **k: (sent.append(a[1].url), real(*a, **k))[1]"
    )
    assert kernel.run(counting).ok
    assert kernel.run(START).ok
    count = "del sent[:]\nwith mlflow.start_run(): pass\nprint(len(sent))"
    tagged = kernel.run(count).stdout
    kernel.jupyter.client.patch("preferences", json={"run_tags": False})
    try:
        kernel.probe()
        run = kernel.run(count + "\nprint(mlflow.last_active_run().info.run_id)").stdout.split()
        assert run[0] == tagged.strip()
        assert "jupyter.cell_id" not in tags_of(kernel, run[1])
        assert "jupyter.execution_id" not in tags_of(kernel, run[1])
    finally:
        kernel.jupyter.client.patch("preferences", json={"run_tags": True})


def test_runs_after_a_restart_and_a_rename(kernel: NotebookKernel) -> None:
    uri = kernel.server.url  # type: ignore[attr-defined]
    id = kernel.report()["notebook"]["id"]
    kernel.rename(kernel.path.replace("train", "renamed"))
    kernel.restart_known()
    code = f"{environment(uri)}\n{START}"
    cell = kernel.run(code, cell_id="c")
    assert cell.ok, cell
    tags = tags_of(kernel, cell.stdout.strip())
    assert tags["jupyter.notebook_path"] == kernel.path
    assert tags["jupyter.notebook_id"] == id, "a renamed notebook stays the same"


def test_another_kernel_of_the_notebook_is_the_same_notebook_and_a_copy_is_not(jupyter: Jupyter) -> None:
    first = NotebookKernel(jupyter, "identity/a.ipynb")
    second = NotebookKernel(jupyter, "identity/b.ipynb")
    try:
        ids = {each.wait_known()["notebook"]["id"] for each in (first, second)}
        assert len(ids) == 2
        found = jupyter.client.get("notebooks", params={"path": "identity/a.ipynb"}).json()
        assert found["id"] in ids
        assert jupyter.client.get("notebooks", params={"id": found["id"]}).json() == found
        first.http.request("DELETE", "api/contents/identity/a.ipynb")

        def answer() -> httpx.Response:
            return jupyter.client.get("notebooks", params={"id": found["id"]})

        # Jupyter tells of the deletion after it has answered.
        wait_until(lambda: answer().status_code == 404, "the notebook to be forgotten")
        assert answer().json()["error"]["code"] == "unknown-notebook"
    finally:
        first.close()
        second.close()


def test_preferences_are_checked(jupyter: Jupyter) -> None:
    others = ({"run_tags": 1}, {"notebooks": {"a": {"other": "x"}}}, {"panel_server_id": 1})
    for body in ([], {"connect": "sometimes"}, *others):
        answer = jupyter.client.patch("preferences", content=json.dumps(body))
        assert answer.status_code == 400, body
        assert answer.json()["error"]["code"] == "invalid-preferences"
    Path(jupyter.state_dir / "preferences.json").write_text("broken")
    assert jupyter.client.get("preferences").json()["run_tags"] is True
