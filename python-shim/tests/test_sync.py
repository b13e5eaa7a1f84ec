"""`python -m jupyter_mlflow sync`: what ran without a Jupyter server reaches the tracking server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from jupyter_under_test import PACKAGE_ROOT
from processes_under_test import free_port
from shipping_support import Mlflow

from servers import MlflowServer, clean_environ


class Home:
    """A person's folders, and the commands that they type."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = clean_environ(
            HOME=str(folder),
            PYTHONPATH=str(PACKAGE_ROOT),
            JUPYTER_PLATFORM_DIRS="0",
            JUPYTER_DATA_DIR=str(folder / "data"),
            JUPYTER_CONFIG_DIR=str(folder / "config"),
            JUPYTER_RUNTIME_DIR=str(folder / "runtime"),
            IPYTHONDIR=str(folder / "ipython"),
        )
        (folder / "config").mkdir()
        self.config = folder / "config" / "jupyter_server_config.py"

    @property
    def journals(self) -> Path:
        """Where kernels write."""
        return self.folder / "runtime" / "jupyter-mlflow" / "journals"

    def run(self, *command: str, code: int = 0, **env: str) -> str:
        """Run Python with these arguments; what it prints."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.folder,
            env=self.env | env,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr[-3000:]
        return done.stdout

    def sync(self, *arguments: str, code: int = 0, **env: str) -> str:
        """Run the command."""
        return self.run("-m", "jupyter_mlflow", "sync", *arguments, code=code, **env)

    def execute(self, name: str, sources: list[str], uri: str) -> None:
        """Execute a notebook as a machine without Jupyter does."""
        cells = [
            {
                "cell_type": "code",
                "id": f"cell-{n}",
                "source": source,
                "metadata": {},
                "outputs": [],
                "execution_count": None,
            }
            for n, source in enumerate(["%load_ext jupyter_mlflow", *sources])
        ]
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (self.folder / name).write_text(json.dumps(notebook))
        self.run(
            *("-m", "nbconvert", "--to", "notebook", "--execute", "--stdout", name),
            JUPYTER_MLFLOW_RECORD="all",
            JUPYTER_MLFLOW_NOTEBOOK=str(self.folder / name),
            MLFLOW_TRACKING_URI=uri,
        )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty one."""
    return Home(tmp_path)


def test_from_a_headless_run_to_the_tracking_server(
    home: Home, plain_servers: Callable[[str], MlflowServer]
) -> None:
    url = plain_servers("newest").url
    mlflow = Mlflow(url)
    name = home.folder.name
    home.config.write_text("c.JupyterMlflow.recorder_secret_words = ['Project Falcon']\n")
    home.execute(f"{name}.ipynb", ["# Project Falcon\nx = 1", "api_key = 'hunter2'"], url)
    shown = home.sync("--dry-run", MLFLOW_TRACKING_URI=url)
    assert "hunter2" not in shown
    assert '"name": "•••"' in shown, "what the administrator has masked is masked here, too"
    assert list(home.journals.glob("*/*.journal")), "nothing has been touched"
    assert (
        mlflow.client.get(
            "experiments/get-by-name", params={"experiment_name": f"{name} (cells)"}
        ).status_code
        == 404
    )

    # The server is known by its address alone once it is named.
    assert "0 sent, 2 waiting" in home.sync("--wait", "0", code=1)
    assert "2 sent, 0 waiting, 0 refused" in home.sync("--server", url)
    assert not list(home.journals.glob("*/*.journal"))
    cells = mlflow.cells(f"{name} (cells)")
    assert sorted(runs[0]["run_name"] for runs in cells.values()) == ["api_key = '•••'", "•••"]
    assert all(len(runs) == 1 and runs[0]["status"] == "FINISHED" for runs in cells.values())
    tags = [runs[0]["tags"] for runs in cells.values()]
    assert {each["jupyter.cell_id"] for each in tags} == {"cell-1", "cell-2"}
    assert {each["jupyter.notebook_path"] for each in tags} == {str(home.folder / f"{name}.ipynb")}
    assert "2 sent" in home.sync("--server", url), "a second time changes nothing"
    assert mlflow.cells(f"{name} (cells)").keys() == cells.keys()


def test_a_server_that_does_not_answer(home: Home) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    home.execute("a.ipynb", ["x = 1"], url)
    said = home.sync("--wait", "1", code=1, MLFLOW_TRACKING_URI=url)
    assert "0 sent, 1 waiting" in said
    assert "nothing answers there" in said


def test_what_cannot_begin(home: Home) -> None:
    assert "There are no journals in" in home.sync(str(home.folder), code=2)
    home.config.write_text("this is no Python\n")
    assert "configuration cannot be read" in home.sync(code=2)
