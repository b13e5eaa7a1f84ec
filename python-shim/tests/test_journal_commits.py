"""Commit and changes in a journal: told by the kernel, or asked for by the server that reads it."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from journal_support import Shell, frame
from jupyter_mlflow.kernel import journal as journal_module
from jupyter_mlflow.kernel.journal import Journal
from jupyter_mlflow.server.recorder.execution import read_execution
from jupyter_mlflow.server.recorder.journal_reader import JournalReader
from jupyter_mlflow.server.recorder.journals import JournalFolder
from jupyter_mlflow.server.recorder.ledger import Ledger, Origin
from jupyter_mlflow.server.recorder.reducer import Fact
from jupyter_mlflow.server.recorder.shipping_queue import ShippingQueue
from processes_under_test import wait_until


def test_what_is_sent_without_a_jupyter_server_knows_commit_and_changes(
    journal: Journal,
    shell: Shell,
    folder: JournalFolder,
    reader: JournalReader,
    ledger: Ledger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work = tmp_path / "work"
    work.mkdir()

    def git(*words: str) -> str:
        options = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        found = subprocess.run(
            ["git", *options, *words], cwd=work, capture_output=True, text=True, check=True
        )
        return found.stdout.strip()

    git("init", "-q")
    (work / "code.py").write_text("1")
    git("add", "code.py")
    git("commit", "-q", "-m", "First")
    monkeypatch.chdir(work)
    shell.run(journal, "a", "1")
    folder.write_mode({"on": True, "git": True})
    shell.run(journal, "b", "2")

    def known(id: str) -> Any:
        reader.read(ledger)
        read = ledger.write(lambda db: read_execution(db, id))
        assert read is not None
        return read().git

    expected = {"commit": git("rev-parse", "HEAD"), "dirty": False}
    wait_until(lambda: known("b") is not None, "git to answer")
    assert known("b") == expected
    (work / "code.py").write_text("2")
    shell.run(journal, "c", "3")
    assert known("c") == expected, "it is not asked for each cell"
    monkeypatch.setattr(journal_module, "GIT_S", 0.0)
    shell.run(journal, "d", "4")
    wait_until(lambda: known("d") != expected, "git to answer again")
    assert known("d") == {**expected, "dirty": True}
    assert known("a") is None, "nobody asks where nothing is sent"


def test_where_a_jupyter_server_reads_it_asks_git_and_the_kernel_has_no_child(
    journal: Journal,
    shell: Shell,
    folder: JournalFolder,
    reader: JournalReader,
    ledger: Ledger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, str]] = []
    known: dict[str, Any] = {"asks": True}

    def commit_of(origin: Origin, id: str, where: str, at: float) -> Any:
        asked.append((id, where))
        if id == "e":
            ledger.add(origin, [Fact(id, "git", {"commit": None, "dirty": False})])
        return known

    monkeypatch.setattr(journal_module.run_tags, "ask_git", lambda: pytest.fail("asked by the kernel"))
    monkeypatch.chdir(tmp_path)
    reader.commit_of = commit_of
    shell.run(journal, "a", "1")
    folder.write_mode({"on": True, "cwd": True})
    shell.run(journal, "b", "2")
    reader.read(ledger)
    assert asked == [], "nothing is sent of that notebook"
    sent = Origin("kernel-1", "notebook-1", "a.ipynb", "python", send="all", target={"server_id": "s"})
    reader.origin_of = lambda client, header: sent
    shell.run(journal, "c", "3", cellId="c")
    reader.read(ledger)
    known = {"git": {"commit": "a" * 40, "dirty": True}}
    shell.run(journal, "d", "4", cellId="d")
    frames = [
        {"k": "start", "at": 1.0, "id": f"odd-{n}", "cwd": cwd} for n, cwd in enumerate(("b", 7, "/\0"))
    ]
    (file,) = folder.files()
    with file.path.open("ab") as odd:
        odd.write(b"".join(frame(each, b"") for each in frames))
    reader.read(ledger)
    assert asked == [("c", str(tmp_path)), ("d", str(tmp_path))]
    execution = ledger.write(lambda db: read_execution(db, "d"))
    assert execution is not None
    assert execution().git == known["git"]
    queue = ShippingQueue(ledger)
    now = time.time()
    ledger.add(sent, [Fact(id, "idle", {"at": now}) for id in "cd"])
    assert queue.due("s", now, 10) == ["d"], "the other one waits for git"
    ledger.add(sent, [Fact("c", "git", {"commit": None, "dirty": False})])
    assert queue.due("s", now, 10) == ["c", "d"]
    # As where the start itself finds no room at first: git answers before it is written.
    known = {"asks": True}
    shell.run(journal, "e", "5", cellId="e")
    reader.read(ledger)
    ledger.add(sent, [Fact("e", "idle", {"at": now})])
    assert queue.due("s", now, 10) == ["c", "d", "e"]
