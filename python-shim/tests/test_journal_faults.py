"""What goes wrong while a kernel writes its journal: what ran is known all the same, and nothing more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from journal_support import Shell, Troubles, result, rows
from jupyter_mlflow.kernel import journal as journal_module
from jupyter_mlflow.kernel.journal import Journal
from jupyter_mlflow.server.recorder.journal_reader import JournalReader
from jupyter_mlflow.server.recorder.journals import JournalFolder
from jupyter_mlflow.server.recorder.ledger import Ledger


def test_a_forked_child_writes_nothing(
    journal: Journal, shell: Shell, reader: JournalReader, ledger: Ledger
) -> None:
    shell.begin(journal, "a", "fork()")
    child = os.fork()
    if child == 0:
        shell.run(journal, "b", "of the child")
        journal.created("run", "uri")
        os._exit(0)
    os.waitpid(child, 0)
    journal.after(result())
    reader.read(ledger)
    assert [(row["id"], row["status"]) for row in rows(ledger)] == [("a", "ok")]


def test_threads(
    journal: Journal, shell: Shell, reader: JournalReader, ledger: Ledger, troubles: Troubles
) -> None:
    shell.begin(journal, "a", "threads()")
    threads = [
        threading.Thread(target=lambda n=n: [journal.created(f"run-{n}-{k}", "http://h") for k in range(50)])  # type: ignore[misc]
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.after(result())
    reader.read(ledger)
    assert len(rows(ledger)[0]["runs"]) == 400
    assert troubles == []


def test_a_step_of_the_clock_changes_nothing(
    journal: Journal, shell: Shell, reader: JournalReader, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.begin(journal, "a", "1")
    real = time.time
    monkeypatch.setattr(journal_module.time, "time", lambda: real() - 7200)
    journal.after(result())
    reader.read(ledger)
    (row,) = rows(ledger)
    assert 0 <= row["seconds"] < 60
    assert row["ended"] - row["started"] == pytest.approx(row["seconds"], abs=1e-3)


HOOK = """
import os, signal, sys, time, types
from jupyter_mlflow.kernel import journal
shell = types.SimpleNamespace(execution_count=1, kernel=None)
made = journal.Journal(shell, {"folder": sys.argv[1]})
real = os.write
def write(file, data):
    if sys.argv[2] == "within":
        os.kill(os.getpid(), signal.SIGINT)
    return real(file, data)
def trigger(hook, *args):
    # As IPython calls hooks: what interrupts them is swallowed, however long they take.
    try:
        hook(*args)
        time.sleep(0.05)
    except (Exception, KeyboardInterrupt):
        told.append("swallowed")
journal.os = types.SimpleNamespace(**{**vars(os), "write": write})
told = []
info = types.SimpleNamespace(raw_cell="x = 1", cell_id=None)
try:
    trigger(made.before, info)
    told.append("begins")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        pass
except KeyboardInterrupt:
    told.append("interrupted")
journal.os = os
end = {"error_before_exec": None, "error_in_exec": KeyboardInterrupt(), "execution_count": 1}
made.after(types.SimpleNamespace(**end))
print(told)
"""


def test_an_interrupt_within_a_hook_reaches_the_cell(
    tmp_path: Path, reader: JournalReader, folder: JournalFolder, ledger: Ledger
) -> None:
    command = [sys.executable, "-c", HOOK, str(folder.path), "within"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert told.stdout.strip() == "['begins', 'interrupted']", told.stderr
    reader.read(ledger)
    assert [row["status"] for row in rows(ledger)] == ["interrupted"]


def test_a_full_disk_costs_what_found_no_room_and_says_so(
    journal: Journal, shell: Shell, reader: JournalReader, ledger: Ledger, troubles: Troubles
) -> None:
    """By the limit of a process on the size of files: a write is cut short, then refused."""
    import resource

    shell.run(journal, "a", "1")
    (file,) = reader.folder.files()
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.path.stat().st_size + 300, hard))
    try:
        for id in "bcd":
            shell.run(journal, id, "y" * 400)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    shell.run(journal, "e", "2")
    reader.read(ledger)
    found = {row["id"]: row["status"] for row in rows(ledger)}
    assert found["a"] == found["e"] == "ok"
    assert {"journal-lost", "journal-damaged"} <= troubles.codes


@pytest.mark.parametrize("cut", [1, 5, 40, 130])
def test_a_torn_last_line_is_passed_over_when_the_process_is_gone(
    journal: Journal, shell: Shell, reader: JournalReader, ledger: Ledger, troubles: Troubles, cut: int
) -> None:
    shell.run(journal, "a", "1")
    shell.begin(journal, "b", "y" * 100)
    (file,) = reader.folder.files()
    file.path.write_bytes(file.path.read_bytes()[:-cut])
    reader.read(ledger)
    assert [row["id"] for row in rows(ledger)] == ["a"]
    reader.read(ledger, ended=lambda process: True)
    assert [row["id"] for row in rows(ledger)] == ["a"]
    assert troubles == []
