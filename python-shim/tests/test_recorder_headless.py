"""Notebooks that are executed without Jupyter: their journals are taken up by the next Jupyter server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_mlflow.kernel import headless
from jupyter_mlflow.server.recorder.matching import match_cells, match_folder, only_cell
from jupyter_under_test import PACKAGE_ROOT, Jupyter
from processes_under_test import wait_until
from recorder_support import wait_for

from servers import clean_environ


def notebook(*sources: str, **more: Any) -> str:
    cells = [
        {
            "cell_type": "code",
            "id": f"id-{n}",
            "source": source,
            "outputs": [],
            "metadata": {},
            "execution_count": None,
        }
        for n, source in enumerate(sources)
    ]
    kernelspec = {"name": "python3", "display_name": "Python 3"}
    return json.dumps(
        {"cells": cells, "metadata": {"kernelspec": kernelspec}, "nbformat": 4, "nbformat_minor": 5, **more}
    )


def environ(home: Path, **more: str) -> dict[str, str]:
    return clean_environ(
        HOME=str(home),
        PYTHONPATH=str(PACKAGE_ROOT),
        JUPYTER_PLATFORM_DIRS="0",
        JUPYTER_DATA_DIR=str(home / "data"),
        JUPYTER_CONFIG_DIR=str(home / "config"),
        JUPYTER_RUNTIME_DIR=str(home / "runtime"),
        IPYTHONDIR=str(home / "ipython"),
        **more,
    )


def run(*command: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        env=environ(home, **more),
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_nbconvert_is_recorded_and_found_in_the_history(start_jupyter: Callable[..., Jupyter]) -> None:
    jupyter = start_jupyter()
    # It would take the journals up as soon as they are there.
    jupyter.process.stop()
    folder = jupyter.root / "night"
    folder.mkdir()
    sources = ("import os", "x = 2", "print(x + 1)", "raise ValueError('at night')")
    (folder / "train.ipynb").write_text(notebook(*sources))
    (folder / "other.ipynb").write_text(notebook("y = 1", "x = 2"))
    enabled = run("jupyter_mlflow", "autoload", "--enable", home=jupyter.home)
    assert enabled.returncode == 0, enabled
    assert "Enabled" in run("jupyter_mlflow", "autoload", "--status", home=jupyter.home).stdout
    convert = ("nbconvert", "--to", "notebook", "--execute", "--allow-errors", str(folder / "train.ipynb"))
    done = run(
        *convert, home=jupyter.home, JUPYTER_MLFLOW_RECORD="all", MLFLOW_TRACKING_URI="http://u:secret@h:1"
    )
    assert done.returncode == 0, done.stderr
    journals = jupyter.home / "runtime" / "jupyter-mlflow" / "journals"
    (journal,) = journals.glob("headless-*/*.journal")
    assert b"secret" not in journal.read_bytes()
    disabled = run("jupyter_mlflow", "autoload", "--disable", home=jupyter.home)
    assert disabled.returncode == 0
    assert list((jupyter.home / "ipython" / "profile_default" / "startup").glob("*.py")) == []

    again = start_jupyter(
        config=f"c.ServerApp.root_dir = {str(jupyter.root)!r}\n",
        env={
            "JUPYTER_DATA_DIR": str(jupyter.home / "data"),
            "JUPYTER_RUNTIME_DIR": str(jupyter.home / "runtime"),
        },
    )
    rows = wait_for(again, None, lambda rows: len(rows) == 4 and all(row["cell_id"] for row in rows))
    assert [row["source"] for row in rows] == list(sources)
    assert [row["cell_id"] for row in rows] == ["id-0", "id-1", "id-2", "id-3"]
    assert [row["status"] for row in rows] == ["ok", "ok", "ok", "error"]
    assert {row["path"] for row in rows} == {str(folder / "train.ipynb")}
    assert {row["capture"] for row in rows} == {"journal"}
    assert rows[0]["target"]["experiment"] == "Notebooks (cells)"
    assert rows[0]["target"]["uri"] == "http://h:1"
    # They go once the ledger has what they say.
    wait_until(lambda: list(journals.iterdir()) == [], "the journals are gone")


def test_without_the_variable_nothing_is_written(tmp_path: Path) -> None:
    code = (
        "from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance(); "
        "s.run_line_magic('load_ext', 'jupyter_mlflow'); s.run_cell('x = 1')"
    )
    for mode in ("", "kepe"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environ(tmp_path, JUPYTER_MLFLOW_RECORD=mode),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ("kepe" in done.stderr) is (mode == "kepe"), done.stderr
    assert not (tmp_path / "runtime" / "jupyter-mlflow").exists()


def test_a_startup_file_of_somebody_else_stays(tmp_path: Path) -> None:
    file = tmp_path / "ipython" / "profile_default" / "startup" / "50-jupyter-mlflow.py"
    file.parent.mkdir(parents=True)
    file.write_text("mine = 1\n")
    for wanted in ("--enable", "--disable"):
        assert run("jupyter_mlflow", "autoload", wanted, home=tmp_path).returncode == 1
    assert file.read_text() == "mine = 1\n"
    assert run("jupyter_mlflow", home=tmp_path).returncode == 2
    assert "autoload" in run("jupyter_mlflow", "--help", home=tmp_path).stdout


def test_a_notebook_whose_cells_have_no_ids(tmp_path: Path) -> None:
    old = json.loads(notebook("a = 1", "b = 2"))
    for cell in old["cells"]:
        del cell["id"]
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({**old, "nbformat_minor": 4}))
    found = match_folder(tmp_path, ["a = 1", "b = 2"])
    assert found is not None
    assert (found.path, found.cells) == (path, [None, None]), "which notebook it was is known all the same"
    assert only_cell(path, "a = 1") is None


def test_cells_are_matched_by_order_and_source(tmp_path: Path) -> None:
    cells = ["a", "b", "a", "c"]
    assert match_cells(cells, ["a", "b", "a", "c"]) == [0, 1, 2, 3]
    assert match_cells(cells, ["a", "a"]) == [0, 2]
    assert match_cells(cells, ["a", "injected", "b"]) == [0, None, 1]
    assert match_cells(cells, ["c", "a"]) == [3, None]
    (tmp_path / "one.ipynb").write_text(notebook("a", "b"))
    (tmp_path / "broken.ipynb").write_text("{")
    assert match_folder(tmp_path, ["a", "b"]).path.name == "one.ipynb"  # type: ignore[union-attr]
    assert match_folder(tmp_path, ["x", "y", "b"]) is None
    (tmp_path / "copy.ipynb").write_text(notebook("a", "b"))
    assert match_folder(tmp_path, ["a", "b"]) is None, "two could be it"
    os.utime(tmp_path / "one.ipynb", (100, 100))
    assert match_folder(tmp_path, ["a", "b"], began=200).path.name == "one.ipynb"  # type: ignore[union-attr]
    assert match_folder(tmp_path / "no", ["a"]) is None


@pytest.mark.parametrize("mode", headless.MODES)
def test_modes_of_headless_runs_are_those_of_the_server(mode: str) -> None:
    from jupyter_mlflow.server.recorder.adoption import HEADLESS, headless_origin

    header = {"mode": mode, "process": "p", "target": {"uri": "", "experiment": "e"}}
    origin = headless_origin(header, find_notebook=lambda path: None, find_server=lambda uri: "s")
    assert origin is not None
    assert origin.send == HEADLESS[mode]
    assert (origin.target is None) is (mode == "keep")
    assert headless_origin({"process": "p"}, find_notebook=lambda path: None) is None
