"""From messages to rows: pauses, restarts, full disks, and messages that cannot be kept."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from iopub_support import signed
from jupyter_mlflow.server.recorder import desk as desk_module
from jupyter_mlflow.server.recorder import ledger as ledger_module
from jupyter_mlflow.server.recorder.desk import Desk
from jupyter_mlflow.server.recorder.desk_orders import Ended, Follow, Heard, Restarted
from jupyter_mlflow.server.recorder.following import Plan, View
from jupyter_mlflow.server.recorder.history import History
from jupyter_mlflow.server.recorder.iopub import Signature, message_of
from jupyter_mlflow.server.recorder.ledger import Change, Ledger, Origin
from jupyter_mlflow.server.recorder.redaction import Redaction
from jupyter_mlflow.server.recorder.reducer import Fact
from jupyter_mlflow.server.recorder.spill_queue import MEMORY, Arrived, Cut, SpillQueue
from processes_under_test import wait_until

ORIGIN = Origin("k", "n", "a.ipynb", "python")


class Bench:
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
def bench(tmp_path: Path) -> Iterator[Bench]:  # type: ignore[misc]
    made = Bench(tmp_path)
    made.follow()
    yield made
    made.desk.close()


def statuses(bench: Bench) -> Mapping[str, str]:
    return {id: row["status"] for id, row in bench.rows.items()}


def test_a_cell(bench: Bench) -> None:
    bench.begin("a", "print(1)\nprint(2)")
    bench.print("a", "1\n")
    bench.print("a", "2\n")
    bench.print("a", "!", "stderr")
    bench.say("execute_result", "a", data={"text/plain": "3"}, metadata={}, execution_count=1)
    assert statuses(bench) == {"a": "running"}
    bench.state("a", "idle")
    row = bench.rows["a"]
    assert (row["status"], row["capture"], row["process"]) == ("ok", "witness", "p1")
    assert [each.get("text") for each in bench.outputs("a")] == ["1\n2\n", "!", None]
    assert [change.status for change in bench.changes] == ["running", "ok"]


def test_what_is_asked_beside_the_cells_is_not_recorded(bench: Bench) -> None:
    bench.state("silent", "busy")
    bench.print("silent", "x")
    bench.state("silent", "idle")
    bench.say("stream", None, name="stdout", text="at the start")
    assert bench.rows == {}


def test_a_kernel_that_was_running_already(bench: Bench) -> None:
    bench.print("a", "second half")
    bench.state("a", "idle")
    row = bench.rows["a"]
    assert (row["status"], row["capture"], row["source"]) == ("ok", "partial", None)


def test_a_pause_within_a_cell_keeps_how_it_ended_and_nothing_else(bench: Bench) -> None:
    bench.begin("a")
    bench.print("a", "before")
    bench.follow(paused=True)
    bench.print("a", "private")
    bench.say("error", "a", ename="ValueError", evalue="private", traceback=["private"])
    bench.begin("b", "private")
    bench.state("a", "idle")
    assert statuses(bench) == {"a": "error"}
    assert bench.unneeded == []
    bench.follow()
    bench.print("b", "open again")
    bench.state("b", "idle")
    assert statuses(bench) == {"a": "error", "b": "ok"}
    assert "private" not in json.dumps([bench.rows, bench.outputs("a"), bench.outputs("b")])


def test_switched_off_within_a_cell_it_is_followed_to_its_end(bench: Bench) -> None:
    bench.begin("a")
    bench.follow(on=False)
    bench.settle()
    assert bench.unneeded == []
    bench.state("a", "idle")
    bench.settle()
    assert bench.unneeded == ["k"]
    assert statuses(bench) == {"a": "ok"}


def test_processes_come_and_go(bench: Bench) -> None:
    bench.begin("a")
    bench.process = "p2"
    bench.state(None, "starting")
    bench.begin("b")
    assert statuses(bench) == {"a": "killed", "b": "running"}
    bench.desk.queue.put(Restarted("k", born=bench.at - 2))
    assert statuses(bench)["b"] == "running", "that process was seen to begin already"
    bench.desk.queue.put(Restarted("k", born=bench.at + 1))
    assert statuses(bench)["b"] == "killed"
    bench.process = "p3"
    bench.begin("c")
    bench.desk.queue.put(Ended("k"))
    bench.begin("d")
    assert statuses(bench) == {"a": "killed", "b": "killed", "c": "killed"}


def test_a_process_that_dies_before_it_is_heard_leaves_nothing_running(bench: Bench) -> None:
    bench.begin("a")
    bench.settle()
    start = {"at": bench.at + 1, "process": "p2", "src": "1"}
    bench.desk.ledger().add(ORIGIN, [Fact("b", "start", start)])
    bench.at += 2
    bench.process = "p3"
    bench.begin("c")
    assert statuses(bench) == {"a": "killed", "b": "killed", "c": "running"}
    bench.desk.queue.put(Restarted("k", born=bench.at + 1))
    later = {"at": bench.at + 2, "process": "p4", "src": "1"}
    bench.desk.queue.put(lambda: bench.desk.ledger().add(ORIGIN, [Fact("d", "start", later)]))
    assert statuses(bench)["d"] == "running"
    bench.at += 3
    bench.process = "p4"
    bench.state("d", "busy")
    assert statuses(bench) == {"a": "killed", "b": "killed", "c": "killed", "d": "running"}


def test_a_kernel_that_jupyter_starts_again_under_its_id(bench: Bench) -> None:
    bench.begin("a")
    plan = Plan(View(ORIGIN, True))
    bench.desk.queue.put(Follow("k", plan, life=1))
    bench.desk.queue.put(Ended("k", life=0))
    bench.process = "p2"
    bench.begin("b")
    assert statuses(bench) == {"a": "killed", "b": "running"}, "an end that is told late is not the new one's"
    bench.desk.queue.put(Ended("k", life=1))
    assert statuses(bench) == {"a": "killed", "b": "killed"}


def _stream(text: str) -> list[bytes]:
    header = {"msg_type": "stream", "msg_id": "large", "session": "p1"}
    parent = {"msg_id": "a", "msg_type": "execute_request", "session": "c"}
    content = {"name": "stdout", "text": text}
    return signed(b"key", *(json.dumps(each).encode() for each in (header, parent, {}, content)))


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        # Cut in the middle of a character that JSON escapes.
        (_stream("é" * 2000), "é" * 16),
        (signed(b"another key", *_stream("x" * 2000)[3:]), ""),
        ([b"x" * 2000], ""),
    ],
    ids=["a print", "of somebody else", "no message"],
)
def test_of_a_message_that_is_too_large_its_beginning_is_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, parts: list[bytes], kept: str
) -> None:
    monkeypatch.setattr(desk_module, "MAX_MESSAGE", 1000)
    monkeypatch.setattr(desk_module, "BEGINNING", 100)
    bench.desk.queue.put(Follow("k", Plan(View(ORIGIN, True)), Signature(b"key", "hmac-sha256")))
    bench.begin("a")
    bench.desk.queue.put(Arrived("k", 1.0, parts))
    bench.state("a", "idle")
    assert statuses(bench) == {"a": "ok"}
    found = bench.outputs("a")
    assert [each["text"] for each in found[:-1]] == ([kept] if kept else [])
    assert "cut here (1)" in found[-1]["text"]


def test_a_kernel_that_repeats_its_clients_session_has_processes_too(bench: Bench) -> None:
    bench.process = "c"
    bench.begin("a")
    bench.state(None, "starting")
    bench.process = "c"
    bench.begin("b")
    bench.say("status", "b", execution_state="idle")
    rows = bench.rows
    assert rows["a"]["process"] != rows["b"]["process"]
    assert (rows["a"]["status"], rows["b"]["status"]) == ("killed", "ok")


def test_a_full_disk_is_waited_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "TRY_AGAIN_S", 0.01)
    bench.begin("a")
    bench.settle()
    ledger = bench.desk.ledger()
    real, refused = ledger.add, [True]

    def add(*args: Any, **options: Any) -> list[str]:
        if refused[0]:
            raise sqlite3.OperationalError("database or disk is full")
        return real(*args, **options)

    monkeypatch.setattr(ledger, "add", add)
    bench.print("a", "x" * 1000)
    bench.state("a", "idle")
    wait_until(lambda: "ledger-unwritable" in bench.troubles, "the trouble to be told", 30)
    refused[0] = False
    assert statuses(bench) == {"a": "ok"}
    assert bench.outputs("a")[0]["text"] == "x" * 1000


def test_what_cannot_be_kept_takes_nothing_with_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.begin("a")
    bench.settle()
    ledger = bench.desk.ledger()
    real = ledger.add

    def add(origin: Origin, facts: Any = (), outputs: Any = (), **options: Any) -> list[str]:
        if any("poison" in str(output.content) for output in outputs):
            raise ValueError("poison")
        return real(origin, facts, outputs, **options)

    monkeypatch.setattr(ledger, "add", add)
    done = []
    bench.desk.queue.put(lambda: done.append(True))
    for text in ("good", "poison"):
        bench.say("display_data", "a", data={"text/plain": text}, metadata={})
    bench.state("a", "idle")
    assert statuses(bench) == {"a": "ok"}
    assert [each["data"]["text/plain"] for each in bench.outputs("a")] == ["good"]


def test_a_cut_is_marked_in_the_outputs(bench: Bench) -> None:
    bench.begin("a")
    bench.desk.queue.put(Cut("k", 12))
    bench.state("a", "idle")
    assert statuses(bench) == {"a": "ok"}
    assert "messages were cut here (12)" in bench.outputs("a")[0]["text"]
    assert bench.troubles == ["messages-cut"]


def test_an_administrator_may_have_secrets_masked_in_what_is_kept(tmp_path: Path) -> None:
    bench = Bench(tmp_path, redaction=Redaction())
    bench.follow()
    secret = "ghp_" + "a1B2" * 9
    bench.begin("a", f"token = '{secret}'")
    bench.print("a", f"{secret}\n")
    bench.say("error", "a", ename="E", evalue=secret, traceback=[secret])
    bench.state("a", "idle")
    assert statuses(bench) == {"a": "error"}
    bench.desk.close()
    kept = b"".join(file.read_bytes() for file in (tmp_path / "ledger").iterdir())
    assert b"token" in kept
    assert secret.encode() not in kept


def test_a_secret_that_comes_in_pieces_is_masked(tmp_path: Path) -> None:
    bench = Bench(tmp_path, redaction=Redaction())
    bench.follow()
    secret = "ghp_" + "a1B2" * 9
    bench.begin("a")
    ready: list[bool] = []
    # What is put meanwhile is one batch.
    bench.desk.queue.put(lambda: wait_until(lambda: bool(ready), "all of it is said", 30))
    bench.print("a", secret[:15])
    bench.print("a", f"{secret[15:]}\n")
    bench.state("a", "idle")
    ready.append(True)
    assert statuses(bench) == {"a": "ok"}
    assert "a1B2" not in json.dumps(bench.outputs("a"))
    bench.desk.close()


def test_streams_in_turn_stay_apart_and_in_order(bench: Bench) -> None:
    bench.begin("a")
    bench.begin("b")
    said = [
        ("a", "stdout"),
        ("a", "stdout"),
        ("b", "stdout"),
        ("a", "stdout"),
        ("a", "stderr"),
        ("b", "stderr"),
    ]
    for number, (id, name) in enumerate(said):
        bench.print(id, f"{number}", name)
    bench.say("stream", "a", name="stderr", text=7)
    bench.say("stream", "a", name="stderr", text="!")
    for id in ("a", "b"):
        bench.state(id, "idle")
    assert statuses(bench) == {"a": "ok", "b": "ok"}
    assert [(each["name"], each["text"]) for each in bench.outputs("a")] == [
        ("stdout", "013"),
        ("stderr", "4!"),
    ]
    assert [(each["name"], each["text"]) for each in bench.outputs("b")] == [("stdout", "2"), ("stderr", "5")]


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
    bench: Bench, date: object, counts: bool
) -> None:
    came, sent = 1767225610.0, 1767225605.25
    header = {"msg_type": "execute_input", "msg_id": "m", "session": "p1", "date": date}
    parent = {"msg_id": "a", "msg_type": "execute_request", "session": "c"}
    bench.desk.queue.put(Heard("k", came, message_of(header, parent, {"code": "1", "execution_count": 1})))
    assert bench.rows["a"]["started"] == (sent if counts else came)


def test_a_flood_is_joined_in_its_order_whatever_comes_between(bench: Bench) -> None:
    plan = Plan(View(ORIGIN, True))
    bench.desk.queue.put(Follow("k", plan, Signature(b"key", "hmac-sha256")))
    chance = random.Random(5)
    expected: list[tuple[str, str, str]] = []
    bench.begin("a")
    bench.begin("b")
    items: list[Any] = []
    for number in range(3000):
        # As print does it, now and then with another cell, another stream, or another message between.
        id, name = ("a", "stdout") if chance.random() < 0.95 else (chance.choice("ab"), "stderr")
        header = {"msg_id": f"s_{number}", "msg_type": "stream", "username": "u", "session": "p1"}
        header |= {"date": "2026-01-01T00:00:00.1Z", "version": "5.4"}
        parent = {"msg_id": id, "msg_type": "execute_request", "session": "c"}
        content: dict[str, Any] = {"name": name, "text": f"{number}é\n"}
        if chance.random() < 0.02:
            header["msg_type"] = "clear_output" if chance.random() < 0.1 else "comm_msg"
        if header["msg_type"] == "stream":
            expected.append((id, name, content["text"]))
        elif header["msg_type"] == "clear_output":
            content = {"wait": False}
            expected = [each for each in expected if each[0] != id]
        parts = [json.dumps(each).encode() for each in (header, parent, {}, content)]
        items.append(Arrived("k", 100.0 + number, signed(b"key", *parts)))
    while items:
        count = chance.randint(1, 400)
        bench.desk.queue.put(*items[:count])
        del items[:count]
    bench.settle()
    for id in "ab":
        joined = [(name, text) for of, name, text in expected if of == id]
        for name in ("stdout", "stderr"):
            kept = "".join(each["text"] for each in bench.outputs(id) if each["name"] == name)
            assert kept == "".join(text for of, text in joined if of == name)
        # In turn, and not only each for itself.
        order = [
            name for number, (name, _) in enumerate(joined) if not number or joined[number - 1][0] != name
        ]
        names = [each["name"] for each in bench.outputs(id)]
        assert [name for n, name in enumerate(names) if not n or names[n - 1] != name] == order


def test_outputs_beyond_any_size_take_neither_memory_nor_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "MAX_OUTPUTS", 2_000_000)
    bench = Bench(tmp_path, memory=4_000_000)
    ready: list[bool] = []
    # As if the disk of the ledger were slow: all of it comes meanwhile.
    bench.desk.queue.put(lambda: wait_until(lambda: bool(ready), "all of it is printed", 60))
    plan = Plan(View(ORIGIN, True))
    bench.desk.queue.put(Follow("k", plan, Signature(b"key", "hmac-sha256")))
    parent = json.dumps({"msg_id": "a", "msg_type": "execute_request", "session": "c"}).encode()
    most = 0

    def arrive(kind: str, **content: Any) -> None:
        bench.number += 1
        header = json.dumps({"msg_type": kind, "msg_id": f"m{bench.number}", "session": "p1"}).encode()
        parts = signed(b"key", header, parent, b"{}", json.dumps(content).encode())
        bench.desk.queue.put(Arrived("k", 100.0 + bench.number, parts))

    arrive("execute_input", code="x" * 5_000_000, execution_count=1)
    for number in range(60):
        arrive("stream", name="stdout", text=chr(ord("a") + number % 26) * 1_000_000)
        most = max(most, bench.desk.queue.bytes_in_memory)
    arrive("status", execution_state="idle")
    ready.append(True)
    assert most < 7_000_000, "what is above the limit waits on disk"
    row = bench.rows["a"]
    assert (row["status"], row["source"]) == ("ok", "x" * 5_000_000)
    assert (row["output_bytes"], row["cut_bytes"]) == (2_000_000, 58_000_000)
    assert "".join(each["text"] for each in bench.outputs("a")) == "a" * 1_000_000 + "b" * 1_000_000
    assert bench.troubles == []
    bench.desk.close()
