"""Notebooks that are recorded, from the cell to the ledger, with real kernels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel
from recorder_support import (
    executions,
    outputs,
    pause,
    record,
    recording,
    wait_ended,
    wait_for,
    wait_outputs,
    wait_recorded,
)


@pytest.fixture(scope="module")
def kernel(jupyter: Jupyter) -> Iterator[NotebookKernel]:
    """One for the tests that leave it as it was."""
    opened = NotebookKernel(jupyter, "recorder/notebook.ipynb")
    try:
        opened.wait_known()
        yield opened
    finally:
        opened.close()


def test_nothing_is_recorded_until_somebody_chooses_so(jupyter: Jupyter, kernel: NotebookKernel) -> None:
    found = recording(jupyter, kernel.path)
    assert (found["keep"], found["send"], found["rule"], found["offered"]) == (
        False,
        "nothing",
        "none",
        False,
    )
    assert kernel.run("1").ok
    assert executions(jupyter, kernel.path) == []
    # Other tests' kernels of this Jupyter may have been recorded before.
    journals = jupyter.home / "runtime" / "jupyter-mlflow" / "journals"
    assert not list(journals.glob(f"{kernel.id}*"))


def test_cells_are_kept_as_they_ran(jupyter: Jupyter, kernel: NotebookKernel) -> None:
    found = record(jupyter, kernel.path)
    assert (found["keep"], found["rule"]) == (True, "notebook")
    assert found["sessions"][0]["kernel_id"] == kernel.id
    wait_recorded(jupyter, kernel)
    cells = [
        kernel.run("x = 41", cell_id="a"),
        kernel.run("print('hello'); x + 1", cell_id="b"),
        kernel.run("raise ValueError('no')", cell_id="c"),
        kernel.run("this is no Python", cell_id="d"),
    ]
    rows = wait_for(
        jupyter, kernel.path, lambda rows: len(rows) == 4 and all(row["seconds"] is not None for row in rows)
    )
    assert [row["id"] for row in rows] == [cell.msg_id for cell in cells]
    assert [row["cell_id"] for row in rows] == ["a", "b", "c", "d"]
    assert [row["status"] for row in rows] == ["ok", "ok", "error", "error"]
    assert {row["capture"] for row in rows} == {"full"}
    assert {row["process"] for row in rows} == {rows[0]["process"]}
    assert [row["execution_count"] for row in rows] == [cell.reply["execution_count"] for cell in cells]
    assert rows[2]["error"] == {"name": "ValueError", "message": "no"}
    assert rows[3]["error"]["name"] == "SyntaxError"
    shown = wait_outputs(jupyter, rows[1]["id"], lambda found: len(found) == 2)
    assert [each["output_type"] for each in shown] == ["stream", "execute_result"]
    assert jupyter.client.get("executions/nothing").status_code == 404
    assert wait_ended(jupyter, kernel.path, 4)


def test_pause_and_resume_in_the_midst_of_a_cell(jupyter: Jupyter, kernel: NotebookKernel) -> None:
    before = len(executions(jupyter, kernel.path))
    gate = jupyter.root / "recorder" / "gate"
    code = (
        "import os, time\nprint('before', flush=True)\n"
        f"while not os.path.exists({str(gate)!r}): time.sleep(0.01)\nprint('after', flush=True)"
    )
    cell = kernel.send(code, cell_id="long")
    rows = wait_for(
        jupyter, kernel.path, lambda rows: len(rows) == before + 1 and rows[-1]["output_bytes"] > 0
    )
    assert rows[-1]["status"] == "running"
    pause(jupyter, kernel.path)
    assert recording(jupyter, kernel.path)["sessions"][0]["state"] == "paused"
    gate.touch()
    assert kernel.wait(cell).ok
    assert kernel.run("secret = 1").ok
    rows = wait_ended(jupyter, kernel.path, before + 1)
    assert outputs(jupyter, cell.msg_id) == [{"output_type": "stream", "name": "stdout", "text": "before\n"}]
    pause(jupyter, kernel.path, False)
    again = kernel.run("open_again = 1")
    rows = wait_ended(jupyter, kernel.path, before + 2)
    assert [row["id"] for row in rows[before:]] == [cell.msg_id, again.msg_id]
