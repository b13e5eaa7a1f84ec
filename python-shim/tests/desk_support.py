"""A desk of the recorder, and a kernel that says what a test wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jupyter_mlflow.server.recorder.desk import Desk
from jupyter_mlflow.server.recorder.desk_orders import Follow, Heard
from jupyter_mlflow.server.recorder.following import Plan, View
from jupyter_mlflow.server.recorder.history import History
from jupyter_mlflow.server.recorder.iopub import message_of
from jupyter_mlflow.server.recorder.ledger import Change, Ledger, Origin
from jupyter_mlflow.server.recorder.spill_queue import MEMORY, SpillQueue
from processes_under_test import wait_until

ORIGIN = Origin("k", "n", "a.ipynb", "python")


class Scene:
    """A desk, and a kernel that says what the test wants."""

    def __init__(self, folder: Path, *, memory: int = MEMORY, **options: Any) -> None:
        self.folder = folder
        self.troubles: list[str] = []
        self.changes: list[Change] = []
        self.unneeded: list[str] = []
        self.desk = Desk(
            SpillQueue(folder / "spill", memory=memory),
            open_ledger=lambda: Ledger(folder / "ledger"),
            on_trouble=lambda code, words: self.troubles.append(code),
            on_change=self.changes.extend,
            on_unneeded=self.unneeded.append,
            **options,
        )
        self.desk.start()
        self.process = "p1"
        self.at = 100.0
        self.number = 0

    def follow(self, *, on: bool = True, paused: bool = False) -> None:
        plan = Plan(View(ORIGIN, on and not paused), listens=on)
        self.desk.queue.put(Follow("k", plan))

    def say(self, kind: str, id: str | None, client: str = "c", **content: Any) -> None:
        self.number += 1
        self.at += 1.0
        header = {"msg_type": kind, "msg_id": f"m{self.number}", "session": self.process}
        parent = {"msg_id": id, "msg_type": "execute_request", "session": client} if id else {}
        self.desk.queue.put(Heard("k", self.at, message_of(header, parent, content)))

    def state(self, id: str | None, state: str) -> None:
        self.say("status", id, execution_state=state)

    def begin(self, id: str, code: str = "1") -> None:
        self.state(id, "busy")
        self.say("execute_input", id, code=code, execution_count=1)

    def print(self, id: str, text: str, name: str = "stdout") -> None:
        self.say("stream", id, name=name, text=text)

    def settle(self) -> None:
        done: list[bool] = []
        self.desk.queue.put(lambda: done.append(True))
        wait_until(lambda: bool(done), "the desk to be done", 30)

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        self.settle()
        found = History(self.desk.ledger()).list(limit=500)["executions"]
        return {row["id"]: row for row in found}

    def outputs(self, id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = History(self.desk.ledger()).outputs(id)["outputs"]
        return found


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:  # type: ignore[misc]
    made = Scene(tmp_path)
    made.follow()
    yield made
    made.desk.close()


def statuses(scene: Scene) -> Mapping[str, str]:
    return {id: row["status"] for id, row in scene.rows.items()}
