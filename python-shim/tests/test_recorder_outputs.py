"""What the desk keeps of outputs: in their order, masked, and cut where they are too large."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from desk_support import ORIGIN, Scene, statuses
from iopub_support import signed
from jupyter_mlflow.server.recorder import desk as desk_module
from jupyter_mlflow.server.recorder import ledger as ledger_module
from jupyter_mlflow.server.recorder.desk_orders import Follow
from jupyter_mlflow.server.recorder.following import Plan, View
from jupyter_mlflow.server.recorder.iopub import Signature
from jupyter_mlflow.server.recorder.ledger import Origin
from jupyter_mlflow.server.recorder.redaction import Redaction
from jupyter_mlflow.server.recorder.spill_queue import Arrived, Cut
from processes_under_test import wait_until


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
    scene: Scene, monkeypatch: pytest.MonkeyPatch, parts: list[bytes], kept: str
) -> None:
    monkeypatch.setattr(desk_module, "MAX_MESSAGE", 1000)
    monkeypatch.setattr(desk_module, "BEGINNING", 100)
    scene.desk.queue.put(Follow("k", Plan(View(ORIGIN, True)), Signature(b"key", "hmac-sha256")))
    scene.begin("a")
    scene.desk.queue.put(Arrived("k", 1.0, parts))
    scene.state("a", "idle")
    assert statuses(scene) == {"a": "ok"}
    found = scene.outputs("a")
    assert [each["text"] for each in found[:-1]] == ([kept] if kept else [])
    assert "cut here (1)" in found[-1]["text"]


def test_what_cannot_be_kept_takes_nothing_with_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.begin("a")
    scene.settle()
    ledger = scene.desk.ledger()
    real = ledger.add

    def add(origin: Origin, facts: Any = (), outputs: Any = (), **options: Any) -> list[str]:
        if any("poison" in str(output.content) for output in outputs):
            raise ValueError("poison")
        return real(origin, facts, outputs, **options)

    monkeypatch.setattr(ledger, "add", add)
    done = []
    scene.desk.queue.put(lambda: done.append(True))
    for text in ("good", "poison"):
        scene.say("display_data", "a", data={"text/plain": text}, metadata={})
    scene.state("a", "idle")
    assert statuses(scene) == {"a": "ok"}
    assert [each["data"]["text/plain"] for each in scene.outputs("a")] == ["good"]


def test_a_cut_is_marked_in_the_outputs(scene: Scene) -> None:
    scene.begin("a")
    scene.desk.queue.put(Cut("k", 12))
    scene.state("a", "idle")
    assert statuses(scene) == {"a": "ok"}
    assert "messages were cut here (12)" in scene.outputs("a")[0]["text"]
    assert scene.troubles == ["messages-cut"]


def test_an_administrator_may_have_secrets_masked_in_what_is_kept(tmp_path: Path) -> None:
    scene = Scene(tmp_path, redaction=Redaction())
    scene.follow()
    secret = "ghp_" + "a1B2" * 9
    scene.begin("a", f"token = '{secret}'")
    scene.print("a", f"{secret}\n")
    scene.say("error", "a", ename="E", evalue=secret, traceback=[secret])
    scene.state("a", "idle")
    assert statuses(scene) == {"a": "error"}
    scene.desk.close()
    kept = b"".join(file.read_bytes() for file in (tmp_path / "ledger").iterdir())
    assert b"token" in kept
    assert secret.encode() not in kept


def test_a_secret_that_comes_in_pieces_is_masked(tmp_path: Path) -> None:
    scene = Scene(tmp_path, redaction=Redaction())
    scene.follow()
    secret = "ghp_" + "a1B2" * 9
    scene.begin("a")
    ready: list[bool] = []
    # What is put meanwhile is one batch.
    scene.desk.queue.put(lambda: wait_until(lambda: bool(ready), "all of it is said", 30))
    scene.print("a", secret[:15])
    scene.print("a", f"{secret[15:]}\n")
    scene.state("a", "idle")
    ready.append(True)
    assert statuses(scene) == {"a": "ok"}
    assert "a1B2" not in json.dumps(scene.outputs("a"))
    scene.desk.close()


def test_streams_in_turn_stay_apart_and_in_order(scene: Scene) -> None:
    scene.begin("a")
    scene.begin("b")
    said = [
        ("a", "stdout"),
        ("a", "stdout"),
        ("b", "stdout"),
        ("a", "stdout"),
        ("a", "stderr"),
        ("b", "stderr"),
    ]
    for number, (id, name) in enumerate(said):
        scene.print(id, f"{number}", name)
    scene.say("stream", "a", name="stderr", text=7)
    scene.say("stream", "a", name="stderr", text="!")
    for id in ("a", "b"):
        scene.state(id, "idle")
    assert statuses(scene) == {"a": "ok", "b": "ok"}
    assert [(each["name"], each["text"]) for each in scene.outputs("a")] == [
        ("stdout", "013"),
        ("stderr", "4!"),
    ]
    assert [(each["name"], each["text"]) for each in scene.outputs("b")] == [("stdout", "2"), ("stderr", "5")]


def test_a_flood_is_joined_in_its_order_whatever_comes_between(scene: Scene) -> None:
    plan = Plan(View(ORIGIN, True))
    scene.desk.queue.put(Follow("k", plan, Signature(b"key", "hmac-sha256")))
    chance = random.Random(5)
    expected: list[tuple[str, str, str]] = []
    scene.begin("a")
    scene.begin("b")
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
        scene.desk.queue.put(*items[:count])
        del items[:count]
    scene.settle()
    for id in "ab":
        joined = [(name, text) for of, name, text in expected if of == id]
        for name in ("stdout", "stderr"):
            kept = "".join(each["text"] for each in scene.outputs(id) if each["name"] == name)
            assert kept == "".join(text for of, text in joined if of == name)
        # In turn, and not only each for itself.
        order = [
            name for number, (name, _) in enumerate(joined) if not number or joined[number - 1][0] != name
        ]
        names = [each["name"] for each in scene.outputs(id)]
        assert [name for n, name in enumerate(names) if not n or names[n - 1] != name] == order


def test_outputs_beyond_any_size_take_neither_memory_nor_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "MAX_OUTPUTS", 2_000_000)
    scene = Scene(tmp_path, memory=4_000_000)
    ready: list[bool] = []
    # As if the disk of the ledger were slow: all of it comes meanwhile.
    scene.desk.queue.put(lambda: wait_until(lambda: bool(ready), "all of it is printed", 60))
    plan = Plan(View(ORIGIN, True))
    scene.desk.queue.put(Follow("k", plan, Signature(b"key", "hmac-sha256")))
    parent = json.dumps({"msg_id": "a", "msg_type": "execute_request", "session": "c"}).encode()
    most = 0

    def arrive(kind: str, **content: Any) -> None:
        scene.number += 1
        header = json.dumps({"msg_type": kind, "msg_id": f"m{scene.number}", "session": "p1"}).encode()
        parts = signed(b"key", header, parent, b"{}", json.dumps(content).encode())
        scene.desk.queue.put(Arrived("k", 100.0 + scene.number, parts))

    arrive("execute_input", code="x" * 5_000_000, execution_count=1)
    for number in range(60):
        arrive("stream", name="stdout", text=chr(ord("a") + number % 26) * 1_000_000)
        most = max(most, scene.desk.queue.bytes_in_memory)
    arrive("status", execution_state="idle")
    ready.append(True)
    assert most < 7_000_000, "what is above the limit waits on disk"
    row = scene.rows["a"]
    assert (row["status"], row["source"]) == ("ok", "x" * 5_000_000)
    assert (row["output_bytes"], row["cut_bytes"]) == (2_000_000, 58_000_000)
    assert "".join(each["text"] for each in scene.outputs("a")) == "a" * 1_000_000 + "b" * 1_000_000
    assert scene.troubles == []
    scene.desk.close()
