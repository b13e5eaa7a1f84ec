"""Recording where people share documents (jupyter-collaboration) and the server executes (its nbmodel)."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from environment_factory import EnvironmentFactory
from jupyter_under_test import PACKAGE_ROOT, TOKEN, Jupyter
from kernel_under_test import PATIENCE_S, NotebookKernel
from recorder_support import record, recording, wait_ended, wait_for, wait_recorded
from websocket import WebSocket, create_connection

Open = Callable[..., "SharedNotebook"]

REQUIREMENTS = PACKAGE_ROOT.parent / "scripts" / "requirements" / "collaboration.txt"
EXTENSIONS = ("jupyter_server_fileid", "jupyter_server_ydoc", "jupyter_server_nbmodel")


@pytest.fixture(scope="module")
def jupyter(environments: EnvironmentFactory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """A Jupyter server with both packages as they are released."""
    beside = environments.beside(REQUIREMENTS)
    folder = tmp_path_factory.mktemp("collaboration")
    # Where the ids of files are kept, which nobody else makes.
    (folder / "home" / "data").mkdir(parents=True)
    running = Jupyter(
        folder,
        extensions=EXTENSIONS,
        env={"PYTHONPATH": os.pathsep.join([str(PACKAGE_ROOT), str(beside)])},
    )
    yield running
    running.stop()


class SharedNotebook(NotebookKernel):
    """A notebook that is open as a shared document, in a page that has its cells executed on the server."""

    def __init__(self, jupyter: Jupyter, path: str, sources: dict[str, str]) -> None:
        """:param sources: of its cells, by their ids"""
        cell = {"cell_type": "code", "outputs": [], "metadata": {}, "execution_count": None}
        cells = [{**cell, "id": id, "source": source} for id, source in sources.items()]
        (jupyter.root / path).parent.mkdir(parents=True, exist_ok=True)
        (jupyter.root / path).write_text(
            json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        )
        super().__init__(jupyter, path)
        self.sources = sources
        document = {"format": "json", "type": "notebook"}
        answer = self.http.put(f"api/collaboration/session/{path}", json=document)
        assert answer.status_code in (200, 201), answer.text
        known = answer.json()
        self.document_id = f"json:notebook:{known['fileId']}"
        self._room: WebSocket = create_connection(
            f"{jupyter.url}api/collaboration/room/{self.document_id}?sessionId={known['sessionId']}".replace(
                "http://", "ws://", 1
            ),
            header=[f"Authorization: token {TOKEN}"],
            timeout=PATIENCE_S,
        )
        # The server's first word: the document is there.
        self._room.recv()

    def close(self) -> None:
        """Leave the document, and end the kernel."""
        self._room.close()
        super().close()

    def execute(self, cell_id: str, *, code: str | None = None, **metadata: Any) -> dict[str, Any]:
        """Have the server execute a cell, as the page of jupyter-server-nbmodel does; its result."""
        told = {"cell_id": cell_id, "document_id": self.document_id, "document_path": self.path, **metadata}
        body = {"code": self.sources[cell_id] if code is None else code, "metadata": told}
        answer = self.http.post(f"api/kernels/{self.id}/execute", json=body)
        assert answer.status_code == 202, answer.text
        where = answer.headers["Location"].lstrip("/")
        until = time.monotonic() + PATIENCE_S
        while True:
            answer = self.http.get(where)
            if answer.status_code != 202:
                found: dict[str, Any] = answer.json()
                return found
            assert time.monotonic() < until, answer.text
            time.sleep(0.02)


@pytest.fixture
def open_shared(jupyter: Jupyter) -> Iterator[Callable[..., SharedNotebook]]:
    """Opens a notebook; its kernel ends with the test."""
    opened: list[SharedNotebook] = []

    def make(path: str, sources: dict[str, str]) -> SharedNotebook:
        opened.append(SharedNotebook(jupyter, path, sources))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def test_a_cell_that_the_server_executes_is_known_by_its_event(jupyter: Jupyter, open_shared: Open) -> None:
    notebook = open_shared("nbmodel/a.ipynb", {"one": "print('same')", "two": "print('same')"})
    record(jupyter, notebook.path)
    wait_recorded(jupyter, notebook, code="'warm'")
    # Equal sources: nothing but the event tells these cells apart.
    for cell in ("two", "one", "two"):
        assert notebook.execute(cell)["status"] == "ok"
    rows = wait_for(
        jupyter,
        notebook.path,
        lambda rows: len(rows) == 3 and all(row["cell_id"] for row in rows),
        "the cells to be known",
    )
    assert [row["cell_id"] for row in rows] == ["two", "one", "two"]


def test_a_cell_that_no_event_names_is_known_by_its_source_where_that_is_unique(
    jupyter: Jupyter, open_shared: Open
) -> None:
    notebook = open_shared(
        "nbmodel/b.ipynb", {"unique": "print('unique')", "one": "print('same')", "two": "print('same')"}
    )
    record(jupyter, notebook.path)
    wait_recorded(jupyter, notebook, code="'warm'")
    # A client that does not know the document: nothing is told of the cell, and nothing fails as we listen.
    for cell in ("unique", "one"):
        assert notebook.execute(cell, document_id=None)["status"] == "ok"
    # A cell that was changed on its way, and one that another client of the kernel ran meanwhile.
    assert notebook.execute("one", code="print('another')")["status"] == "ok"
    rows = wait_ended(jupyter, notebook.path, 3)
    assert [row["source"] for row in rows] == ["print('unique')", "print('same')", "print('another')"]
    rows = wait_for(jupyter, notebook.path, lambda rows: rows[0]["cell_id"] is not None)
    assert [row["cell_id"] for row in rows] == ["unique", None, None]


def test_a_shared_notebook_that_is_renamed_while_the_server_executes_keeps_its_history(
    jupyter: Jupyter, open_shared: Open
) -> None:
    notebook = open_shared("nbmodel/c.ipynb", {"one": "print('same')", "two": "print('same')"})
    record(jupyter, notebook.path)
    wait_recorded(jupyter, notebook, code="'warm'")
    assert notebook.execute("two")["status"] == "ok"
    notebook.rename("nbmodel/renamed.ipynb")
    assert notebook.execute("two")["status"] == "ok"
    rows = wait_for(
        jupyter,
        notebook.path,
        lambda rows: [row["cell_id"] for row in rows] == ["two", "two"],
        "the cell to be known before and after",
    )
    assert rows[0]["notebook_id"] == rows[1]["notebook_id"]
    assert recording(jupyter, notebook.path)["rule"] == "notebook"
