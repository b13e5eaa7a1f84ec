"""From messages to rows: pauses, restarts, and full disks."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest
from desk_support import ORIGIN, Scene, statuses
from jupyter_mlflow.server.recorder import desk as desk_module
from jupyter_mlflow.server.recorder.desk_orders import Ended, Follow, Heard, Restarted
from jupyter_mlflow.server.recorder.following import Plan, View
from jupyter_mlflow.server.recorder.iopub import message_of
from jupyter_mlflow.server.recorder.reducer import Fact
from processes_under_test import wait_until


def test_a_cell(scene: Scene) -> None:
    scene.begin("a", "print(1)\nprint(2)")
    scene.print("a", "1\n")
    scene.print("a", "2\n")
    scene.print("a", "!", "stderr")
    scene.say("execute_result", "a", data={"text/plain": "3"}, metadata={}, execution_count=1)
    assert statuses(scene) == {"a": "running"}
    scene.state("a", "idle")
    row = scene.rows["a"]
    assert (row["status"], row["capture"], row["process"]) == ("ok", "witness", "p1")
    assert [each.get("text") for each in scene.outputs("a")] == ["1\n2\n", "!", None]
    assert [change.status for change in scene.changes] == ["running", "ok"]


def test_what_is_asked_beside_the_cells_is_not_recorded(scene: Scene) -> None:
    scene.state("silent", "busy")
    scene.print("silent", "x")
    scene.state("silent", "idle")
    scene.say("stream", None, name="stdout", text="at the start")
    assert scene.rows == {}


def test_a_kernel_that_was_running_already(scene: Scene) -> None:
    scene.print("a", "second half")
    scene.state("a", "idle")
    row = scene.rows["a"]
    assert (row["status"], row["capture"], row["source"]) == ("ok", "partial", None)


def test_a_pause_within_a_cell_keeps_how_it_ended_and_nothing_else(scene: Scene) -> None:
    scene.begin("a")
    scene.print("a", "before")
    scene.follow(paused=True)
    scene.print("a", "private")
    scene.say("error", "a", ename="ValueError", evalue="private", traceback=["private"])
    scene.begin("b", "private")
    scene.state("a", "idle")
    assert statuses(scene) == {"a": "error"}
    assert scene.unneeded == []
    scene.follow()
    scene.print("b", "open again")
    scene.state("b", "idle")
    assert statuses(scene) == {"a": "error", "b": "ok"}
    assert "private" not in json.dumps([scene.rows, scene.outputs("a"), scene.outputs("b")])


def test_switched_off_within_a_cell_it_is_followed_to_its_end(scene: Scene) -> None:
    scene.begin("a")
    scene.follow(on=False)
    scene.settle()
    assert scene.unneeded == []
    scene.state("a", "idle")
    scene.settle()
    assert scene.unneeded == ["k"]
    assert statuses(scene) == {"a": "ok"}


def test_processes_come_and_go(scene: Scene) -> None:
    scene.begin("a")
    scene.process = "p2"
    scene.state(None, "starting")
    scene.begin("b")
    assert statuses(scene) == {"a": "killed", "b": "running"}
    scene.desk.queue.put(Restarted("k", born=scene.at - 2))
    assert statuses(scene)["b"] == "running", "that process was seen to begin already"
    scene.desk.queue.put(Restarted("k", born=scene.at + 1))
    assert statuses(scene)["b"] == "killed"
    scene.process = "p3"
    scene.begin("c")
    scene.desk.queue.put(Ended("k"))
    scene.begin("d")
    assert statuses(scene) == {"a": "killed", "b": "killed", "c": "killed"}


def test_a_process_that_dies_before_it_is_heard_leaves_nothing_running(scene: Scene) -> None:
    scene.begin("a")
    scene.settle()
    start = {"at": scene.at + 1, "process": "p2", "src": "1"}
    scene.desk.ledger().add(ORIGIN, [Fact("b", "start", start)])
    scene.at += 2
    scene.process = "p3"
    scene.begin("c")
    assert statuses(scene) == {"a": "killed", "b": "killed", "c": "running"}
    scene.desk.queue.put(Restarted("k", born=scene.at + 1))
    later = {"at": scene.at + 2, "process": "p4", "src": "1"}
    scene.desk.queue.put(lambda: scene.desk.ledger().add(ORIGIN, [Fact("d", "start", later)]))
    assert statuses(scene)["d"] == "running"
    scene.at += 3
    scene.process = "p4"
    scene.state("d", "busy")
    assert statuses(scene) == {"a": "killed", "b": "killed", "c": "killed", "d": "running"}


def test_a_kernel_that_jupyter_starts_again_under_its_id(scene: Scene) -> None:
    scene.begin("a")
    plan = Plan(View(ORIGIN, True))
    scene.desk.queue.put(Follow("k", plan, life=1))
    scene.desk.queue.put(Ended("k", life=0))
    scene.process = "p2"
    scene.begin("b")
    assert statuses(scene) == {"a": "killed", "b": "running"}, "an end that is told late is not the new one's"
    scene.desk.queue.put(Ended("k", life=1))
    assert statuses(scene) == {"a": "killed", "b": "killed"}


def test_a_kernel_that_repeats_its_clients_session_has_processes_too(scene: Scene) -> None:
    scene.process = "c"
    scene.begin("a")
    scene.state(None, "starting")
    scene.process = "c"
    scene.begin("b")
    scene.say("status", "b", execution_state="idle")
    rows = scene.rows
    assert rows["a"]["process"] != rows["b"]["process"]
    assert (rows["a"]["status"], rows["b"]["status"]) == ("killed", "ok")


def test_a_full_disk_is_waited_for(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "TRY_AGAIN_S", 0.01)
    scene.begin("a")
    scene.settle()
    ledger = scene.desk.ledger()
    real, refused = ledger.add, [True]

    def add(*args: Any, **options: Any) -> list[str]:
        if refused[0]:
            raise sqlite3.OperationalError("database or disk is full")
        return real(*args, **options)

    monkeypatch.setattr(ledger, "add", add)
    scene.print("a", "x" * 1000)
    scene.state("a", "idle")
    wait_until(lambda: "ledger-unwritable" in scene.troubles, "the trouble to be told", 30)
    refused[0] = False
    assert statuses(scene) == {"a": "ok"}
    assert scene.outputs("a")[0]["text"] == "x" * 1000


@pytest.mark.parametrize(
    ("date", "counts"),
    [
        ("2026-01-01T00:00:05.250000+00:00", True),
        ("2026-01-01T00:00:05.250Z", True),
        ("2026-01-01T02:00:05.250+02:00", True),
        ("2026-01-01T00:01:00Z", False),
        ("2025-12-31T00:00:00Z", False),
        ("9999-12-31T23:59:59-23:59", False),
        ("no date", False),
        (5, False),
        (None, False),
    ],
)
def test_a_message_is_of_the_time_that_the_kernel_says_where_that_can_be(
    scene: Scene, date: object, counts: bool
) -> None:
    came, sent = 1767225610.0, 1767225605.25
    header = {"msg_type": "execute_input", "msg_id": "m", "session": "p1", "date": date}
    parent = {"msg_id": "a", "msg_type": "execute_request", "session": "c"}
    scene.desk.queue.put(Heard("k", came, message_of(header, parent, {"code": "1", "execution_count": 1})))
    assert scene.rows["a"]["started"] == (sent if counts else came)
