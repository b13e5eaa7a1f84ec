"""Journals of processes on another machine, or in another container, whose home folder is this one's: their
process ids mean nothing here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from journal_support import Troubles, frame, make_reader
from jupyter_mlflow.kernel import journal as journal_module
from jupyter_mlflow.server.recorder import writers
from jupyter_mlflow.server.recorder.journals import JournalFolder, folder_of
from jupyter_under_test import Jupyter
from processes_under_test import wait_until
from recorder_support import wait_for
from test_recorder_headless import environ

#: A process of another place: its id is nobody's here.
ELSEWHERE = """
import os, pathlib, sys, time, types
from IPython.core.interactiveshell import InteractiveShell
from jupyter_mlflow.kernel import journal
if sys.argv[2] == "elsewhere":
    journal.os = types.SimpleNamespace(**{**vars(os), "getpid": lambda: 2**22 + 1})
    journal.machine = lambda: "another/1"
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "jupyter_mlflow")
shell.run_cell("first = 1", store_history=True)
while not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.02)
shell.run_cell("second = 2", store_history=True)
if sys.argv[3] == "killed": os.kill(os.getpid(), 9)
"""


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    return tmp_path / "gate"


@pytest.fixture
def start(
    start_jupyter: Callable[..., Jupyter], gate: Path
) -> Iterator[Callable[[str, str], tuple[Jupyter, subprocess.Popen[bytes], Path]]]:
    """Such a process beside a Jupyter server which has read what it wrote first."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(where: str, ends: str) -> tuple[Jupyter, subprocess.Popen[bytes], Path]:
        jupyter = start_jupyter()
        command = [sys.executable, "-c", ELSEWHERE, str(gate), where, ends]
        environment = environ(jupyter.home, JUPYTER_MLFLOW_RECORD="keep")
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        started.append(process)
        wait_for(jupyter, None, lambda rows: [row["source"] for row in rows] == ["first = 1"])
        return jupyter, process, jupyter.home / "runtime" / "jupyter-mlflow" / "journals"

    yield begin
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_it_is_read_until_the_process_says_that_it_ends(
    start: Callable[[str, str], tuple[Jupyter, subprocess.Popen[bytes], Path]], gate: Path, where: str
) -> None:
    jupyter, process, journals = start(where, "well")
    gate.touch()
    assert process.wait(60) == 0
    rows = wait_for(jupyter, None, lambda rows: len(rows) == 2)
    assert [row["source"] for row in rows] == ["first = 1", "second = 2"]
    wait_for(jupyter, None, lambda rows: [row["status"] for row in rows] == ["ok", "ok"])
    wait_until(lambda: list(journals.glob("headless-*")) == [], "the journal is gone")


def test_one_that_was_killed_is_given_up_a_week_later(
    start: Callable[[str, str], tuple[Jupyter, subprocess.Popen[bytes], Path]], gate: Path
) -> None:
    jupyter, process, journals = start("elsewhere", "killed")
    gate.touch()
    process.wait(60)
    wait_for(jupyter, None, lambda rows: len(rows) == 2 and rows[1]["status"] == "ok")
    (file,) = journals.glob("headless-*/*.journal")
    with file.open("ab") as stream:
        stream.write(frame({"k": "start", "id": "in-the-midst", "at": time.time()}, b"x = 1"))
    wait_for(jupyter, None, lambda rows: len(rows) == 3 and rows[2]["status"] == "running")
    long_ago = time.time() - writers.ELSEWHERE_S - 60
    os.utime(file, (long_ago, long_ago))
    wait_for(jupyter, None, lambda rows: rows[2]["status"] == "unknown")
    wait_until(lambda: list(journals.glob("headless-*")) == [], "the journal is gone")


@pytest.mark.parametrize(
    ("head", "dead"),
    [
        ({"pid": 2**22 + 1, "machine": journal_module.machine()}, True),
        ({"pid": 2**22 + 1, "machine": "another/1"}, False),
        # Of a place that has no name, or of none that could be one.
        ({"pid": 2**22 + 1, "machine": None}, True),
        ({"pid": 2**22 + 1, "machine": ["/"]}, False),
        ({"pid": os.getpid(), "machine": journal_module.machine()}, False),
        ({"pid": "1", "machine": journal_module.machine()}, False),
    ],
)
def test_a_process_id_is_believed_where_it_was_given(
    tmp_path: Path, head: dict[str, object], dead: bool
) -> None:
    folder = JournalFolder.take(folder_of(tmp_path, "kernel-1"))
    assert folder is not None
    path = folder.path / "process-1.1.journal"
    path.write_bytes(frame({"k": "journal", "v": 1, "process": "process-1", **head}))
    path.chmod(0o600)
    reader = make_reader(folder, Troubles())
    (file,) = folder.files()
    assert writers.has_died(reader, file) is dead
    folder.close(remove=False)
