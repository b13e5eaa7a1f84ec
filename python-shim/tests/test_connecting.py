"""Which kernels log to the panel's server from their start, by what the person wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jupyter_under_test import Jupyter
from kernel_under_test import THIS_PYTHON, NotebookKernel, add_kernelspec

#: Nobody asks them: a kernel is told an address.
TEAM, OTHER = "http://mlflow.example:5000", "http://other.example:5000"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    servers = [
        {"uri": TEAM, "name": "Team", "auth": {"username": "team", "password": "hunter2"}},
        {"uri": OTHER, "name": "Other"},
    ]
    running = Jupyter(
        tmp_path_factory.mktemp("connecting"),
        config=f"c.JupyterMlflow.servers = {servers!r}\n",
    )
    add_kernelspec(running, "chosen", THIS_PYTHON, env={"MLFLOW_TRACKING_URI": OTHER})
    yield running
    running.stop()


@pytest.fixture
def ids(lab: Jupyter) -> Mapping[str, str]:
    """Of the servers, by their names."""
    return {each["name"]: each["id"] for each in lab.client.get("servers").json()["servers"]}


def wish(lab: Jupyter, **body: Any) -> None:
    answer = lab.client.patch("preferences", json=body)
    assert answer.status_code == 200, answer.text


def tracking(lab: Jupyter, path: str, kernel: str = "python3") -> dict[str, Any]:
    """Where a new kernel of this notebook logs, as it says itself."""
    opened = NotebookKernel(lab, path, kernel=kernel)
    try:
        found: dict[str, Any] = opened.wait_known()["facts"]["tracking"]
        told = opened.run(
            "import os; print({k: v for k, v in os.environ.items() if k.startswith('MLFLOW_TRACKING')})"
        ).stdout
        assert "hunter2" not in told
        assert found["has_credentials"] is False
        return found
    finally:
        opened.close()


def test_always_is_for_kernels_that_have_chosen_no_place(lab: Jupyter, ids: Mapping[str, str]) -> None:
    wish(lab, connect="always", server_id=ids["Team"])
    found = tracking(lab, "always.ipynb")
    assert (found["uri"], found["source"]) == (TEAM, "us")
    found = tracking(lab, "chosen.ipynb", "chosen")
    assert (found["uri"], found["source"]) == (OTHER, "variable")


def test_what_is_remembered_for_a_notebook_goes_before_all(lab: Jupyter, ids: Mapping[str, str]) -> None:
    wish(lab, connect="ask", server_id=None, notebooks={"mine.ipynb": {"server_id": ids["Team"]}})
    found = tracking(lab, "mine.ipynb", "chosen")
    assert (found["uri"], found["source"]) == (TEAM, "us")
    opened = NotebookKernel(lab, "mine.ipynb")
    try:
        assert opened.wait_known()["notebook"]["server_id"] == ids["Team"], "so that it can be forgotten"
    finally:
        opened.close()
    # Of another notebook nobody has said anything.
    assert tracking(lab, "another.ipynb")["source"] == "default"
    # Forgotten, it is as before.
    wish(lab, notebooks={"mine.ipynb": {"server_id": None}})
    assert tracking(lab, "mine.ipynb", "chosen")["uri"] == OTHER


def test_never_is_never(lab: Jupyter, ids: Mapping[str, str]) -> None:
    wish(lab, connect="never", server_id=ids["Team"], notebooks={"n.ipynb": {"server_id": ids["Team"]}})
    assert tracking(lab, "n.ipynb")["source"] == "default"
    wish(lab, connect="ask", server_id=None, notebooks={"n.ipynb": None})


def test_a_server_that_is_gone_stops_no_kernel(lab: Jupyter) -> None:
    wish(lab, connect="always", server_id="no-such-server")
    assert tracking(lab, "gone.ipynb")["source"] == "default"
    wish(lab, connect="ask", server_id=None)


def test_an_experiment_that_is_remembered_is_there_before_the_first_cell(lab: Jupyter) -> None:
    wish(lab, notebooks={"train.ipynb": {"experiment": "train"}})
    opened = NotebookKernel(lab, "train.ipynb")
    try:
        report = opened.wait_known()
        assert report["facts"]["experiment"] == {"name": "train", "id": None, "source": "us"}
        assert report["notebook"]["experiment"] == "train", "so that it can be forgotten"
        assert opened.run("import os; print(os.environ['MLFLOW_EXPERIMENT_NAME'])").stdout == "train\n"
    finally:
        opened.close()
    # Never is never: what is remembered rests.
    wish(lab, experiment="never")
    opened = NotebookKernel(lab, "train.ipynb")
    try:
        assert opened.wait_known()["facts"]["experiment"]["source"] is None
    finally:
        opened.close()
        wish(lab, experiment="ask", notebooks={"train.ipynb": None})
