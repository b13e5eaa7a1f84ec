"""The ledger: kept through crashes, damage and full disks; nothing lost, nothing twice."""

from __future__ import annotations

import random
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from jupyter_mlflow.server.problems import Problem
from jupyter_mlflow.server.recorder import folding
from jupyter_mlflow.server.recorder import ledger as ledger_module
from jupyter_mlflow.server.recorder.execution import read_execution
from jupyter_mlflow.server.recorder.history import History, drawn
from jupyter_mlflow.server.recorder.ledger import JournalMark, Ledger, Origin, Output
from jupyter_mlflow.server.recorder.reducer import Fact

ORIGIN = Origin("kernel-1", "notebook-1", "work/train.ipynb", "python")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "ledger")
    yield made
    made.close()


def began(id: str, source: str = "1 + 1", at: float = 100.0, cell: str | None = "c") -> Fact:
    return Fact(id, "start", {"at": at, "n": 1, "cell": cell, "source": source, "process": "p"})


def ended(id: str, at: float = 101.0) -> Fact:
    return Fact(id, "end", {"at": at, "seconds": 1.0, "ok": True})


def stream(id: str, message: str, text: str) -> Output:
    return Output(id, message, {"output_type": "stream", "name": "stdout", "text": text})


def test_only_its_owner_can_read_it(ledger: Ledger) -> None:
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(ledger.path.parent.stat().st_mode) == 0o700


def test_an_execution_is_found_again(ledger: Ledger) -> None:
    ledger.add(ORIGIN, [began("a", "print('hi')"), ended("a")], [stream("a", "m1", "hi\n")])
    found = History(ledger).get("a")
    assert (found["status"], found["seconds"], found["cell_id"]) == ("ok", 1.0, "c")
    assert found["source"] == "print('hi')"
    assert History(ledger).outputs("a")["outputs"] == [
        {"output_type": "stream", "name": "stdout", "text": "hi\n"}
    ]


def test_facts_and_outputs_that_come_twice_and_in_any_order_make_one_row(ledger: Ledger) -> None:
    chance = random.Random(4)
    facts = [each for n in range(50) for each in (began(str(n), f"x = {n}"), ended(str(n)))] * 2
    chance.shuffle(facts)
    for fact in facts:
        ledger.add(ORIGIN, [fact])
    for _ in range(2):
        ledger.add(ORIGIN, outputs=[stream("7", "m1", "a"), stream("7", "m2", "b")])
    found = History(ledger).list(limit=200)["executions"]
    assert sorted(each["source"] for each in found) == sorted(f"x = {n}" for n in range(50))
    assert {each["status"] for each in found} == {"ok"}
    assert History(ledger).outputs("7")["outputs"][0]["text"] == "ab"


def test_another_kernel_cannot_touch_it(ledger: Ledger) -> None:
    ledger.add(ORIGIN, [began("a")])
    foreign = Origin("kernel-2", "notebook-2")
    assert ledger.add(foreign, [ended("a")], [stream("a", "m", "x")]) == ["a"]
    assert History(ledger).get("a")["status"] == "running"
    assert History(ledger).outputs("a")["outputs"] == []


def test_equal_texts_are_kept_once(ledger: Ledger) -> None:
    big = "y" * 100_000
    for n in range(50):
        ledger.add(ORIGIN, [began(f"e{n}", big)], [stream(f"e{n}", "m", big)])
    assert History(ledger).bytes() < 1_000_000


def test_outputs_are_cut_with_a_mark(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "MAX_OUTPUTS", 1000)
    picture = {"output_type": "display_data", "data": {"image/png": "x" * 2000}, "metadata": {}}
    ledger.add(
        ORIGIN,
        [began("a")],
        [stream("a", "1", "a" * 900), stream("a", "2", "b" * 300), Output("a", "3", picture)],
    )
    found = History(ledger).outputs("a")
    assert found["outputs"][0]["text"] == "a" * 900 + "b" * 100
    assert found["cut_bytes"] > 2200


def test_a_source_is_cut_with_a_mark(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "MAX_SOURCE", 100)
    ledger.add(ORIGIN, [began("a", "z" * 150)])
    assert History(ledger).get("a")["source"] == "z" * 100 + "\n# … 50 characters cut"


def test_text_that_is_no_unicode(ledger: Ledger) -> None:
    ledger.add(ORIGIN, [began("a", "x = '\ud800'")])
    assert History(ledger).get("a")["source"] == "x = '?'"


def test_pages_filters_and_search(ledger: Ledger) -> None:
    history = History(ledger)
    for n in range(25):
        ledger.add(ORIGIN, [began(f"e{n:02}", f"Alpha = {n}", at=100.0 + n // 2, cell=f"c{n % 5}")])
    ledger.add(ORIGIN, [ended("e03")])
    seen: list[str] = []
    cursor = None
    while True:
        page = history.list(notebook_id="notebook-1", cursor=cursor, limit=7)
        seen += [each["id"] for each in page["executions"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [f"e{n:02}" for n in reversed(range(25))]
    assert [each["id"] for each in history.list(status="ok")["executions"]] == ["e03"]
    assert [each["id"] for each in history.list(text="ALPHA = 1")["executions"]][-1] == "e01"
    assert len(history.list(cell_id="c2")["executions"]) == 5
    assert history.list(notebook_id="other")["executions"] == []
    with pytest.raises(Problem):
        history.list(cursor="nonsense")


@pytest.mark.parametrize("indexed", [True, False])
def test_the_search_finds_any_text_with_and_without_an_index(ledger: Ledger, indexed: bool) -> None:
    if not indexed:
        ledger._file.has_index = False
    sources = [
        'print("50% \\"done\\"")',
        "x = 1  # ÄÖÜ",
        "SELECT * FROM t",
        "a\nb",
        "NEAR OR AND",
        "x" * 120_000 + "end",
    ]
    for n, source in enumerate(sources):
        ledger.add(ORIGIN, [began(f"e{n}", source, at=100.0 + n)])
    history = History(ledger)
    found = {
        text: [each["id"] for each in history.list(text=text)["executions"]]
        for text in ('50% \\"d', "ÄÖÜ", "select *", "a\nb", "R OR A", "x", "xxend", "%", "no such")
    }
    assert found == {
        '50% \\"d': ["e0"],
        "ÄÖÜ": ["e1"],
        "select *": ["e2"],
        "a\nb": ["e3"],
        "R OR A": ["e4"],
        "x": ["e5", "e1"],
        "xxend": ["e5"],
        "%": ["e0"],
        "no such": [],
    }
    history.delete(id="e0")
    assert history.list(text="done")["executions"] == []
    ledger.add(ORIGIN, [began("again", sources[0])])
    assert [each["id"] for each in history.list(text="done")["executions"]] == ["again"]
    ledger.write(lambda db: db.execute("INSERT INTO searched (searched) VALUES ('integrity-check')"))


def test_how_far_a_journal_was_read_is_kept_with_what_it_said(ledger: Ledger) -> None:
    mark = JournalMark("kernel-1/a.journal", "kernel-1", 120, {"notebook_id": "n"}, 77)
    ledger.add(ORIGIN, [began("a")], journal=mark)
    assert ledger.journal_marks() == {mark.name: mark}
    assert [each[:3] for each in ledger.running()] == [("a", "kernel-1", "p")]
    with pytest.raises(TypeError):
        ledger.add(ORIGIN, [Fact("b", "start", {"at": object()})], journal=replace(mark, offset=200))
    assert ledger.journal_marks()[mark.name].offset == 120
    ledger.forget_journal(mark.name)
    assert ledger.journal_marks() == {}


def test_runs_of_an_execution_come_one_by_one(ledger: Ledger) -> None:
    for run in ("b", "a", "b"):
        ledger.add(ORIGIN, [began("e"), Fact("e", "runs", {"ids": [run], "uris": {run: f"http://{run}"}})])
    found = History(ledger).get("e")
    assert found["runs"] == ["a", "b"]
    assert found["run_uris"] == {"a": "http://a", "b": "http://b"}


def test_what_was_deleted_stays_so_whatever_comes_late(ledger: Ledger) -> None:
    history = History(ledger)
    ledger.add(ORIGIN, [began("a", "secret"), began("b", "other", cell="d")], [stream("a", "m", "secret")])
    assert history.delete(cell_id="c") == 1
    ledger.add(ORIGIN, [began("a", "secret"), ended("a")], [stream("a", "m2", "secret")])
    assert [each["id"] for each in history.list()["executions"]] == ["b"]
    assert ledger.write(lambda db: db.execute("SELECT text FROM blobs").fetchall()) == [("other",)]
    assert history.delete() == 1
    assert ledger.write(lambda db: db.execute("SELECT count(*) FROM blobs").fetchone()) == (0,)


def test_retention_by_age_and_size_spares_what_waits_to_be_sent(ledger: Ledger) -> None:
    history = History(ledger)
    now = time.time()
    sent = Origin(
        "kernel-1", "notebook-1", keep=True, send="all", target={"server_id": "s", "experiment": "e"}
    )
    ledger.add(sent, [began("waits", at=now - 4e6), ended("waits", now - 4e6)])
    ledger.add(ORIGIN, [began("old", at=now - 4e6), ended("old", now - 4e6), began("runs", at=now - 4e6)])
    for n in range(20):
        ledger.add(ORIGIN, [began(f"n{n}", f"{n}" * 50_000, at=now - 100 + n), ended(f"n{n}", now)])
    assert history.clean(days=30, max_bytes=10**9) == 1
    assert history.clean(days=30, max_bytes=100_000) == 20
    assert {each["id"] for each in history.list()["executions"]} == {"waits", "runs"}
    assert history.unsent() == history.unsent("notebook-1") == 1


def test_what_is_only_to_be_sent_is_a_line_without_content_once_it_is_sent(ledger: Ledger) -> None:
    history = History(ledger)
    origin = Origin("kernel-1", "n", keep=False, send="runs", target={"server_id": "s", "experiment": "e"})
    ledger.add(origin, [began("a"), ended("a"), began("b", "x = 1"), Fact("b", "runs", {"ids": ["r"]})])
    failed = Fact("b", "end", {"at": 2.0, "ok": False, "seconds": 1.0, "ename": "E", "evalue": "says much"})
    ledger.add(origin, [failed], [stream("b", "m", "printed")])
    shown = history.list()["executions"]
    assert [(each["id"], each["keep"], each["sending"]) for each in shown] == [("b", False, "waiting")]
    assert history.clean(days=30, max_bytes=10**9) == 1, "what started no run is not kept for later"
    assert history.get("b")["source"] == "x = 1", "it is still to be sent"
    ledger.write(lambda db: db.execute("UPDATE queue SET state = 'sent', run_id = 'r2', frozen = '{}'"))
    # A day later, when facts come no more; it is no older than what is kept.
    now = time.time()
    ledger.write(lambda db: db.execute("UPDATE executions SET ended = ? WHERE shown = 1", (now - 86_400,)))
    assert history.clean(days=30, max_bytes=10**9) == 0
    left = history.get("b")
    assert (left["status"], left["cell_id"], left["sending"], left["sent_run"]) == (
        "error",
        "c",
        "sent",
        "r2",
    )
    assert (left["source"], left["output_bytes"], left["error"]) == (None, 0, {"name": "E", "message": ""})
    assert history.outputs("b")["outputs"] == []
    for query in (
        "SELECT count(*) FROM blobs",
        "SELECT count(*) FROM outputs",
        "SELECT count(frozen) FROM queue",
    ):
        assert ledger.write(lambda db, query=query: db.execute(query).fetchone()) == (0,)
    assert history.clean(days=30, max_bytes=10**9, now=now + 31 * 86_400) == 1


def test_what_was_refused_can_be_sent_again_for_as_long_as_the_rest_is_kept(ledger: Ledger) -> None:
    now = time.time()
    origin = Origin("kernel-1", "n", keep=False, send="all", target={"server_id": "s", "experiment": "e"})
    ledger.add(origin, [began("a", at=now - 1000), ended("a", now - 1000)])
    ledger.write(lambda db: db.execute("UPDATE queue SET state = 'refused'"))
    assert History(ledger).clean(days=30, max_bytes=10**9) == 0
    assert History(ledger).clean(days=30, max_bytes=10**9, now=now + 31 * 86_400) == 1


def test_two_servers_on_one_folder_have_a_ledger_each(tmp_path: Path) -> None:
    one, two = Ledger(tmp_path), Ledger(tmp_path)
    assert one.path != two.path
    one.add(ORIGIN, [began("a")])
    one.close()
    three = Ledger(tmp_path)
    assert three.path == one.path, "one that nobody holds is taken over"
    assert History(three).get("a")["status"] == "running"
    two.close()
    three.close()


@pytest.mark.parametrize("place", ["header", "page"])
def test_a_damaged_file_is_set_aside_and_said(tmp_path: Path, place: str) -> None:
    ledger = Ledger(tmp_path)
    for n in range(300):
        ledger.add(ORIGIN, [began(f"e{n}", f"x = {n}\n" * 100)])
    ledger.close()
    content = bytearray(ledger.path.read_bytes())
    if place == "header":
        content[:100] = b"\xff" * 100
    else:
        for page in range(1, len(content) // 4096):
            content[page * 4096 : page * 4096 + 2048] = b"\xa5" * 2048
    ledger.path.write_bytes(content)
    aside: list[Path] = []
    again = Ledger(tmp_path, on_damage=aside.append)
    assert len(aside) == 1
    assert aside[0].read_bytes()[-2000:] == bytes(content[-2000:])
    again.add(ORIGIN, [began("a")])
    left = 300 if place == "header" else 0
    assert len(History(again).list(limit=500)["executions"]) == left + 1
    again.close()


def test_damage_that_shows_later_is_set_aside_too(tmp_path: Path) -> None:
    aside: list[Path] = []
    ledger = Ledger(tmp_path, on_damage=aside.append)
    ledger.add(ORIGIN, [began("a")])
    ledger.write(lambda db: db.execute("PRAGMA writable_schema = ON"))
    ledger.write(lambda db: db.execute("DROP TABLE blobs"))
    ledger.add(ORIGIN, [began("b")])
    assert len(aside) == 1
    assert {each["id"] for each in History(ledger).list()["executions"]} == {"a", "b"}
    ledger.close()


def test_a_full_disk_loses_nothing_that_was_written(ledger: Ledger) -> None:
    ledger.add(ORIGIN, [began("a")])
    ledger.write(
        lambda db: db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
    )
    with pytest.raises(sqlite3.OperationalError, match="full"):
        ledger.add(ORIGIN, [began("b", "x" * 1_000_000)])
    ledger.write(lambda db: db.execute("PRAGMA max_page_count = 1000000"))
    assert [each["id"] for each in History(ledger).list()["executions"]] == ["a"]
    ledger.add(ORIGIN, [began("b", "x" * 1_000_000)])
    assert History(ledger).get("b")["status"] == "running"


WRITER = """
import sys
from pathlib import Path
from jupyter_mlflow.server.recorder.ledger import Ledger, Origin
from jupyter_mlflow.server.recorder.reducer import Fact
ledger = Ledger(Path(sys.argv[1]))
n = int(sys.argv[2])
while True:
    n += 1
    ledger.add(Origin("k"), [Fact(f"e{n}", "start", {"at": float(n), "source": f"{n}"}),
                             Fact(f"e{n}", "end", {"at": n + 1.0, "ok": True})])
    print(n, flush=True)
"""


def test_killed_at_any_moment_it_has_what_was_acknowledged(tmp_path: Path) -> None:
    chance = random.Random(11)
    told = 0
    for _ in range(5):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(told)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        stop_at = told + chance.randint(5, 60)
        for line in writer.stdout:
            told = int(line)
            if told >= stop_at:
                break
        writer.kill()
        rest = writer.stdout.read().split("\n")
        told = max([told, *(int(each) for each in rest[:-1] if each)])
        writer.wait()
    ledger = Ledger(tmp_path)
    ids = {each["id"] for each in History(ledger).list(limit=10_000)["executions"]}
    assert {f"e{n}" for n in range(1, told + 1)} <= ids
    ledger.close()


def test_what_a_notebook_shows_after_its_messages() -> None:
    def show(text: str, display: str | None = None, kind: str = "display_data") -> dict[str, object]:
        transient = {"display_id": display} if display else {}
        return {"output_type": kind, "data": {"text/plain": text}, "metadata": {}, "transient": transient}

    def line(text: str) -> dict[str, object]:
        return {"output_type": "stream", "name": "stdout", "text": text}

    messages = [
        line("1"),
        {"output_type": "clear_output", "wait": True},
        line("2"),
        line("3"),
        show("old", "d"),
    ]
    messages.append(show("new", "d", "update_display_data"))
    found = drawn(messages)
    assert [each["output_type"] for each in found] == ["stream", "display_data"]
    assert found[0]["text"] == "23"
    assert found[1]["data"] == {"text/plain": "new"}
    assert drawn([line("1"), {"output_type": "clear_output", "wait": False}]) == []


def test_the_kernelspec_is_known_when_the_kernel_is_gone(ledger: Ledger) -> None:
    ledger.add(Origin("k1", kernel="python3"), [Fact("a", "start", {"at": 1.0, "source": "1"})])
    ledger.add(Origin("k1"), [Fact("b", "start", {"at": 1.0, "source": "1"})])
    ledger.add(Origin("k2"), [Fact("c", "start", {"at": 1.0, "source": "1"})])
    found = [ledger.write(lambda db, id=id: read_execution(db, id)) for id in "abc"]  # type: ignore[misc]
    assert [read().kernel for read in found if read is not None] == ["python3", "python3", None]
