"""The runs that a cell starts are known of its execution, with both MLflows."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel, add_kernelspec
from recorder_support import record, wait_for, wait_recorded

from servers import mlflow_python


@pytest.fixture(scope="module", params=["newest", "oldest"])
def kernel(request: pytest.FixtureRequest, jupyter: Jupyter) -> Iterator[NotebookKernel]:
    """A recorded notebook whose kernel logs into a store of its own."""
    version: str = request.param
    add_kernelspec(jupyter, f"runs-{version}", mlflow_python(version))
    path = f"runs-{version}/train.ipynb"
    record(jupyter, path)
    opened = NotebookKernel(jupyter, path, kernel=f"runs-{version}")
    try:
        opened.wait_known()
        store = f"sqlite:///{jupyter.root}/runs-{version}/mlflow.db"
        assert opened.run(f"import os; os.environ['MLFLOW_TRACKING_URI'] = {store!r}").ok
        wait_recorded(jupyter, opened)
        yield opened
    finally:
        opened.close()


def ids_in(text: str) -> list[str]:
    """What was printed may also be MLflow's own lines."""
    return sorted(set(re.findall(r"\b[0-9a-f]{32}\b", text)))


def test_runs_of_a_cell(jupyter: Jupyter, kernel: NotebookKernel) -> None:
    # Imported and used in one and the same cell; a run in a run, one of a thread, one by the client.
    code = """
import mlflow, threading
found = []
with mlflow.start_run() as run:
    found.append(run.info.run_id)
    with mlflow.start_run(nested=True) as inner:
        found.append(inner.info.run_id)
found.append(mlflow.MlflowClient().create_run('0').info.run_id)
def work():
    with mlflow.start_run() as run: found.append(run.info.run_id)
thread = threading.Thread(target=work); thread.start(); thread.join()
print(' '.join(found))
"""
    cell = kernel.run(code, cell_id="train")
    assert cell.ok, cell
    magic = kernel.run("%%mlflow night\nprint(mlflow.active_run().info.run_id)", cell_id="magic")
    assert magic.ok, magic
    none = kernel.run("x = 1")
    rows = wait_for(
        jupyter,
        kernel.path,
        lambda rows: (
            rows[-1]["id"] == none.msg_id
            and all(row["seconds"] is not None for row in rows)
            # The journal is read at its own pace, and may come before what the witness saw.
            and all(row["capture"] == "full" for row in rows[-3:])
        ),
    )
    by_id = {row["id"]: row for row in rows}
    assert by_id[cell.msg_id]["runs"] == ids_in(cell.stdout)
    assert set(by_id[cell.msg_id]["run_uris"].values()) == {
        f"sqlite:///{jupyter.root}/{kernel.path.split('/')[0]}/mlflow.db"
    }
    assert by_id[magic.msg_id]["runs"] == ids_in(magic.stdout)
    assert len(ids_in(magic.stdout)) == 1
    assert by_id[magic.msg_id]["source"].startswith("%%mlflow")
    assert by_id[none.msg_id]["runs"] == []
    assert len([row for row in rows if row["id"] == magic.msg_id]) == 1
