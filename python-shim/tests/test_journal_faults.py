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
from IPython.core.interactiveshell import InteractiveShell
from jupyter_mlflow.kernel import journal
shell = InteractiveShell.instance()
journal.start(shell, {"folder": sys.argv[1]})
# As long as the hooks of others take, in which an interrupt would be swallowed.
for event in ("pre_run_cell", "post_run_cell"):
    shell.events.register(event, lambda _: time.sleep(0.05))
def write(file, data):
    if b'"k": "%s"' % sys.argv[2].encode() in data:
        journal.os = os
        os.kill(os.getpid(), signal.SIGINT)
    return os.write(file, data)
journal.os = types.SimpleNamespace(**{**vars(os), "write": write})
cell = shell.run_cell(sys.argv[3], store_history=True)
# As long as the kernel needs for its reply, and the next cell.
time.sleep(0.05)
next = shell.run_cell("import time; time.sleep(0.05)", store_history=True)
print(type(cell.error_before_exec or cell.error_in_exec).__name__, next.success)
"""
LONG = "import time\nuntil = time.monotonic() + 20\nwhile time.monotonic() < until: pass"
RUN = "import sys\nsys.modules['jupyter_mlflow.kernel.journal'].created('r', 'u')\n"


@pytest.mark.parametrize(
    ("kind", "cell", "ends"),
    [
        ("start", LONG, {"KeyboardInterrupt"}),
        ("run", RUN + LONG, {"KeyboardInterrupt"}),
        # It may be over before it can be interrupted.
        ("start", "1", {"KeyboardInterrupt", "NoneType"}),
        ("end", "1", {"NoneType"}),
    ],
)
def test_an_interrupt_within_a_hook_reaches_the_cell_and_nothing_else(
    tmp_path: Path,
    reader: JournalReader,
    folder: JournalFolder,
    ledger: Ledger,
    kind: str,
    cell: str,
    ends: set[str],
) -> None:
    command = [sys.executable, "-c", HOOK, str(folder.path), kind, cell]
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path)}
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    error, _, following = told.stdout.strip().splitlines()[-1].partition(" ")
    assert (error in ends, following) == (True, "True"), told.stdout + told.stderr
    reader.read(ledger)
    status = "ok" if error == "NoneType" else "interrupted"
    assert [row["status"] for row in rows(ledger)] == [status, "ok"]


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
