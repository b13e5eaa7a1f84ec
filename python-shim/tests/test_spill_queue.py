"""The queue between the witness and the ledger: order is kept, memory is bounded, a cut is told."""

from __future__ import annotations

import random
import threading
from pathlib import Path

from jupyter_mlflow.server.recorder.spill_queue import Arrived, Cut, SpillQueue


def message(number: int, kind: str = "stream", size: int = 1000, kernel: str = "k") -> Arrived:
    header = b'{"msg_type": "%s"}' % kind.encode()
    return Arrived(kernel, float(number), [b"topic", b"<IDS|MSG>", b"", header, b"{}", b"{}", b"x" * size])


def drain(queue: SpillQueue) -> list[object]:
    found = []
    while (item := queue.get(0)) is not None:
        found.append(item)
    return found


def test_order_is_kept_through_memory_and_disk(tmp_path: Path) -> None:
    queue = SpillQueue(tmp_path / "spill", memory=10_000)
    chance = random.Random(2)
    put: list[object] = []
    got: list[object] = []
    for number in range(2000):
        item: object = message(number, kernel=f"k{number % 3}") if chance.random() < 0.9 else (lambda: None)
        put.append(item)
        queue.put(item)
        if chance.random() < 0.4:
            got.append(queue.get(0))
        assert queue.bytes_in_memory < 12_000
    got += drain(queue)
    assert [type(each) for each in got] == [type(each) for each in put]
    assert [each for each in got if not isinstance(each, Arrived)] == [
        each for each in put if not isinstance(each, Arrived)
    ]
    assert [(each.at, each.kernel_id, list(each.parts)) for each in got if isinstance(each, Arrived)] == [
        (each.at, each.kernel_id, list(each.parts)) for each in put if isinstance(each, Arrived)
    ]
    assert list((tmp_path / "spill").iterdir()) == [], "its file has no name, and is gone with the process"


def test_what_finds_no_room_is_cut_and_told_but_never_an_end(tmp_path: Path) -> None:
    queue = SpillQueue(tmp_path, memory=5_000, disk=20_000)
    for number in range(100):
        queue.put(message(number))
    queue.put(message(100, "status", size=10))
    queue.put("order")
    got = drain(queue)
    messages = [each for each in got if isinstance(each, Arrived)]
    assert messages[-1].at == 100.0
    assert got[-2] == "order"
    cut = got[-1]
    assert isinstance(cut, Cut)
    assert len(messages) - 1 + cut.count == 100
    queue.put(message(1))
    assert isinstance(queue.get(0), Arrived), "there is room again"


def test_without_a_folder_memory_is_all_there_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    queue = SpillQueue(tmp_path / "file" / "no", memory=5_000)
    for number in range(20):
        queue.put(message(number))
    queue.put(message(20, "error", size=10))
    got = drain(queue)
    assert [each.at for each in got if isinstance(each, Arrived)] == [0.0, 1.0, 2.0, 3.0, 4.0, 20.0]
    assert got[-1] == Cut("k", 15)


def test_whoever_waits_is_woken(tmp_path: Path) -> None:
    queue = SpillQueue(tmp_path)
    assert queue.get(0.01) is None
    got: list[object] = []
    thread = threading.Thread(target=lambda: got.append(queue.get(30)))
    thread.start()
    queue.put("item")
    thread.join(30)
    assert got == ["item"]
