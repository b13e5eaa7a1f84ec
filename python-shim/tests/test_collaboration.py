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
from shipping_support import Mlflow
from websocket import WebSocket, create_connection

from servers import MlflowServer

Open = Callable[..., "SharedNotebook"]

REQUIREMENTS = PACKAGE_ROOT.parent / "scripts" / "requirements" / "collaboration.txt"
#: People of one server are told apart by a cookie.
PEOPLE = """
from jupyter_server.auth import IdentityProvider, User

class People(IdentityProvider):
    async def get_user(self, handler):
        found, name = await super().get_user(handler), handler.get_cookie("person")
        return User(name, name.title(), name.title()) if found and name else found

c.ServerApp.identity_provider_class = People
"""
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
        config=PEOPLE,
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
        return self.result(self.begin(cell_id, code=code, **metadata))

    def begin(self, cell_id: str, *, code: str | None = None, **metadata: Any) -> str:
        """Have the server execute a cell; where its result will be."""
        told = {"cell_id": cell_id, "document_id": self.document_id, "document_path": self.path, **metadata}
        body = {"code": self.sources[cell_id] if code is None else code, "metadata": told}
        answer = self.http.post(f"api/kernels/{self.id}/execute", json=body)
        assert answer.status_code == 202, answer.text
        return str(answer.headers["Location"].lstrip("/"))

    def result(self, where: str) -> dict[str, Any]:
        """Of an execution that has begun."""
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


def test_a_shared_notebook_that_is_moved_while_a_cell_runs_keeps_its_rule_its_history_and_its_cells(
    jupyter: Jupyter, open_shared: Open
) -> None:
    gate = jupyter.root / "gate"
    waits = f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)"
    notebook = open_shared("nbmodel/d.ipynb", {"one": waits, "two": waits, "three": "print('same')"})
    record(jupyter, notebook.path)
    wait_recorded(jupyter, notebook, code="'warm'")
    running, queued = notebook.begin("two"), notebook.begin("three")
    wait_for(jupyter, notebook.path, lambda rows: len(rows) == 1, "the cell to run")
    (jupyter.root / "elsewhere").mkdir()
    notebook.rename("elsewhere/moved.ipynb")
    gate.touch()
    assert [notebook.result(each)["status"] for each in (running, queued)] == ["ok", "ok"]
    assert notebook.execute("one")["status"] == "ok"
    cells = ["two", "three", "one"]
    rows = wait_for(
        jupyter,
        notebook.path,
        lambda rows: [row["cell_id"] for row in rows] == cells,
        "the cells to be known before and after",
    )
    assert len({row["notebook_id"] for row in rows}) == 1
    assert recording(jupyter, notebook.path)["rule"] == "notebook"


def test_people_with_other_wishes_see_one_rule_on_a_kernel_that_they_share_and_nothing_is_sent_twice(
    jupyter: Jupyter, open_shared: Open, plain_servers: Callable[[str], MlflowServer]
) -> None:
    url = plain_servers("newest").url
    target = {"server_id": jupyter.add(url), "experiment": "of ana"}
    notebook = open_shared("people/a.ipynb", {"one": "print(1)", "two": "print(2)"})

    def wish(who: str, **rule: Any) -> None:
        body = {"path": notebook.path, "scope": "notebook", "keep": False, "send": "nothing", **rule}
        answer = jupyter.client.put("recording", json=body, headers={"Cookie": f"person={who}"})
        assert answer.status_code == 200, answer.text

    def seen() -> tuple[Any, ...]:
        """By both."""
        found = []
        for who in ("ana", "ben"):
            query = {"path": notebook.path}
            now = jupyter.client.get("recording", params=query, headers={"Cookie": f"person={who}"}).json()
            found.append(tuple(now[name] for name in ("rule", "by", "keep", "send", "target")))
        assert found[0] == found[1]
        return found[0]

    wish("ana", keep=True)
    wait_recorded(jupyter, notebook, code="'warm'")
    wish("ana", keep=True, send="all", target=target)
    # What is wider does not count while the notebook has a rule of its own.
    wish("ben", scope="folder")
    wish("ben", scope="personal", keep=True)
    assert seen() == ("notebook", "Ana", True, "all", target)
    assert notebook.execute("one")["status"] == "ok"
    assert notebook.run("print(2)", cell_id="two").ok
    rows = wait_for(
        jupyter,
        notebook.path,
        lambda rows: [row["sending"] for row in rows] == ["sent", "sent"],
        "all is sent",
    )
    assert [row["cell_id"] for row in rows] == ["one", "two"]
    mlflow = Mlflow(url)
    sent = mlflow.cells("of ana")
    assert {id: len(runs) for id, runs in sent.items()} == {row["id"]: 1 for row in rows}
    assert [sent[row["id"]][0]["tags"]["jupyter.cell_id"] for row in rows] == ["one", "two"]
    # The notebook is both people's: whoever decides last has decided, for both to see.
    wish("ben")
    assert seen() == ("notebook", "Ben", False, "nothing", None)
    off = notebook.run("print('not recorded')", cell_id="two")
    wish("ben", forget=True)
    assert seen() == ("folder", "Ben", False, "nothing", None)
    wish("ana", scope="folder", forget=True)
    assert seen() == ("personal", "Ben", True, "nothing", None)
    assert notebook.execute("two")["status"] == "ok"
    rows = wait_ended(jupyter, notebook.path, 3)
    assert [row["send"] for row in rows] == ["all", "all", "nothing"]
    assert off.msg_id not in [row["id"] for row in rows]
    assert mlflow.cells("of ana").keys() == sent.keys()
    mlflow.close()
    wish("ben", scope="personal", forget=True)
