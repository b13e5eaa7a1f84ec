"""`%mlflow` and its widgets in the oldest Python of this machine, without MLflow and this package."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import pytest
from environment_factory import EnvironmentFactory, oldest_python
from jupyter_mlflow.kernel.magics.showing import VIEW_MIME
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel, add_kernelspec
from magics_support import Api, be_patient, content, layers, log_to

from servers import MlflowServer

#: Each sub-command that shows something, and the kind that it shows.
LINES = {
    "": "status",
    "help": "status",
    "check": "status",
    "experiment": "status",
    "autolog": "status",
    "runs": "table",
    "show old": "card",
    "best acc": "card",
    "compare old other": "compare",
    "chart acc": "chart",
    "models": "model",
}


@pytest.fixture(scope="module", params=["widgets", "plain"])
def kernel(
    request: pytest.FixtureRequest, jupyter: Jupyter, plain_servers: Callable[[str], MlflowServer]
) -> Iterator[NotebookKernel]:
    """With ipywidgets and without."""
    packages = ["ipykernel", "ipywidgets"] if request.param == "widgets" else ["ipykernel"]
    python = EnvironmentFactory(python=oldest_python()).kept(*packages)
    name = f"old-{request.param}"
    # The Jupyter server under test finds this package by its path, and the kernel must not.
    add_kernelspec(jupyter, name, python, env={"PYTHONPATH": ""})
    opened = NotebookKernel(jupyter, f"{name}/old.ipynb", kernel=name)
    server = plain_servers("newest")
    api = Api(server.url)
    try:
        opened.wait_known()
        log_to(opened, server.url, name)
        be_patient(opened)
        experiment = api.experiment(name)
        for run in ("old", "other"):
            api.add_run(experiment, run, params={"name": run}, history={"acc": [0.1, 0.2]})
        yield opened
    finally:
        opened.close()


def test_every_sub_command(kernel: NotebookKernel) -> None:
    for line, kind in LINES.items():
        cell = kernel.run(f"%mlflow {line}")
        assert cell.ok, cell
        content(cell, kind)
        wanted = kind != "status" and "widgets" in kernel.path
        assert (VIEW_MIME in layers(cell)) == wanted, line


def test_a_cell_as_a_run(kernel: NotebookKernel) -> None:
    assert kernel.run("%%mlflow cell --param a=1\n%mlflow log-metric acc=0.5\nx = 1").ok
    assert content(kernel.run("%mlflow show"), "card")["snapshot"]["status"] == "FINISHED"


def test_the_python_api_is_offered(kernel: NotebookKernel) -> None:
    code = (
        "from jupyter_mlflow import RunTable\n"
        """table = RunTable("params.name = 'old'")\nprint([run.name for run in table.runs])"""
    )
    cell = kernel.run(code)
    if "widgets" in kernel.path:
        assert ast.literal_eval(cell.stdout) == ["old"]
    else:
        assert cell.reply["ename"] == "ImportError"
        assert "need ipywidgets" in cell.reply["evalue"]
    assert kernel.run("%load_ext jupyter_mlflow").ok
    missing = kernel.run("from jupyter_mlflow import Nothing")
    assert missing.reply["ename"] == "ImportError"
    assert kernel.run("import jupyter_mlflow.server").reply["ename"] == "ModuleNotFoundError"
