"""What a damaged ledger still holds is in the one that takes its place."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from jupyter_mlflow.server.recorder.history import History
from jupyter_mlflow.server.recorder.ledger import Ledger, Origin, Output
from jupyter_mlflow.server.recorder.reducer import Fact
from jupyter_mlflow.server.recorder.shipping_queue import ShippingQueue

ORIGIN = Origin("k", "n", "a.ipynb", "python", send="all", target={"server_id": "s", "experiment": "e"})
COUNT = 600


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """The folder of a ledger of which half was sent, and half waits."""
    ledger = Ledger(tmp_path)
    for n in range(COUNT):
        id = f"e{n:03}"
        output = {"output_type": "stream", "name": "stdout", "text": f"said {n}"}
        ledger.add(
            ORIGIN,
            [
                Fact(id, "start", {"at": 100.0 + n, "source": f"x = {n}  # " + "y" * n, "process": "p"}),
                Fact(id, "end", {"at": 101.0 + n, "seconds": 1.0, "ok": True}),
            ],
            [Output(id, "m", output)],
        )
        if n % 2:
            ShippingQueue(ledger).set_run(id, f"run-{n}")
            ShippingQueue(ledger).acknowledge(id)
    History(ledger).delete(id="e010")
    ledger.close()
    return tmp_path


def damage(folder: Path, table: str, at: float = 0.5) -> int:
    """A page of a table that has many rows; how many rows are on it at most."""
    file = folder / "ledger-1.db"
    with contextlib.closing(sqlite3.connect(file)) as db:
        (size,) = db.execute("PRAGMA page_size").fetchone()
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    content = bytearray(file.read_bytes())
    page = content[(root - 1) * size : root * size]
    # An interior page names those below it, four bytes at the begin of each cell.
    assert page[0] in (2, 5), "it has pages below it"
    cells = int.from_bytes(page[3:5], "big")
    place = 12 + 2 * int(cells * at)
    cell = int.from_bytes(page[place : place + 2], "big")
    child = int.from_bytes(page[cell : cell + 4], "big")
    assert content[(child - 1) * size] in (10, 13), "a leaf"
    rows = int.from_bytes(content[(child - 1) * size + 3 : (child - 1) * size + 5], "big")
    content[(child - 1) * size : child * size] = b"\xa5" * size
    file.write_bytes(content)
    return rows


def opened(folder: Path) -> tuple[Ledger, list[Path]]:
    aside: list[Path] = []
    return Ledger(folder, on_damage=aside.append), aside


def states(ledger: Ledger) -> dict[str, str]:
    query = "SELECT execution_id, state FROM queue"
    return dict(ledger.write(lambda db: db.execute(query).fetchall()))


EXPECTED = {f"e{n:03}": "sent" if n % 2 else "waiting" for n in range(COUNT) if n != 10}


def test_without_its_header_nothing_is_lost(filled: Path) -> None:
    file = filled / "ledger-1.db"
    content = b"\xff" * 100 + file.read_bytes()[100:]
    file.write_bytes(content)
    ledger, (aside,) = opened(filled)
    history = History(ledger)
    assert states(ledger) == EXPECTED
    assert {row["id"] for row in history.list(limit=COUNT)["executions"]} == set(EXPECTED)
    assert history.outputs("e007")["outputs"][0]["text"] == "said 7"
    assert [row["id"] for row in history.list(text="x = 599 ")["executions"]] == ["e599"]
    ledger.add(ORIGIN, [Fact("e010", "start", {"at": 1.0, "source": "secret"})])
    assert "e010" not in {row["id"] for row in history.list(limit=COUNT)["executions"]}, "it was deleted"
    ledger.write(lambda db: db.execute("INSERT INTO searched (searched) VALUES ('integrity-check')"))
    assert aside.read_bytes() == content, "it lies there as it was"
    assert sorted(each.name for each in filled.glob("*.db")) == sorted([aside.name, "ledger-1.db"])
    ledger.close()


@pytest.mark.parametrize("at", [0.0, 0.5, 0.9])
def test_without_a_page_of_executions_the_others_are_there(filled: Path, at: float) -> None:
    lost = damage(filled, "executions", at)
    ledger, aside = opened(filled)
    assert len(aside) == 1
    found = states(ledger)
    assert COUNT - 1 - lost <= len(found) < COUNT - 1
    assert found.items() <= EXPECTED.items()
    assert ShippingQueue(ledger).due("s", 1e12, COUNT), "and nothing is due that is not there"
    assert all(ShippingQueue(ledger).read(id) for id in ShippingQueue(ledger).due("s", 1e12, COUNT))
    ledger.close()


def test_without_a_page_of_the_queue_all_that_was_to_be_sent_is_in_it(filled: Path) -> None:
    lost = damage(filled, "queue")
    ledger, _ = opened(filled)
    found = states(ledger)
    assert set(found) == set(EXPECTED)
    others = {id for id, state in found.items() if state != EXPECTED[id]}
    assert 0 < len(others) <= lost
    assert {found[id] for id in others} == {"waiting"}, "whether it was sent, the tracking server knows"
    ledger.close()


@pytest.mark.parametrize("table", ["blobs", "outputs"])
def test_without_a_page_of_texts_or_outputs_every_execution_is_there(filled: Path, table: str) -> None:
    damage(filled, table)
    ledger, _ = opened(filled)
    assert states(ledger) == EXPECTED
    for id in EXPECTED:
        assert ShippingQueue(ledger).read(id) is not None
    ledger.close()


def test_a_text_that_is_another_one_now_is_not_taken_over(filled: Path) -> None:
    file = filled / "ledger-1.db"
    content = file.read_bytes()
    assert content.count(b"x = 300  # ") >= 1
    file.write_bytes(b"\xff" * 100 + content[100:].replace(b"x = 300  # ", b"x = 999  # "))
    ledger, _ = opened(filled)
    assert states(ledger) == EXPECTED
    assert History(ledger).get("e300")["source"] is None
    ledger.close()


def test_what_was_written_last_is_taken_from_the_log(filled: Path) -> None:
    """The Jupyter server was killed: it is in the write-ahead log alone."""
    ledger = Ledger(filled)
    ledger.add(ORIGIN, [Fact("last", "start", {"at": 999.0, "source": "last", "process": "p"})])
    file = filled / "ledger-1.db"
    kept = {suffix: Path(f"{file}{suffix}").read_bytes() for suffix in ("", "-wal")}
    ledger.close()
    for suffix, content in kept.items():
        Path(f"{file}{suffix}").write_bytes(content)
    content = bytearray(kept[""])
    content[:100] = b"\xff" * 100
    for page in range(1, len(content) // 4096):
        if content[page * 4096] == 10:  # leaves of indexes
            content[page * 4096 : page * 4096 + 100] = b"\xa5" * 100
    file.write_bytes(content)
    ledger, aside = opened(filled)
    assert len(aside) == 1
    assert History(ledger).get("last")["source"] == "last"
    ledger.close()
