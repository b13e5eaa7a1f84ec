"""A kernel's journal: written in a shell, read by the server, which trusts nothing in it."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_support import Shell, Troubles, frame, make_reader, result, rows
from jupyter_mlflow.kernel import journal as journal_module
from jupyter_mlflow.kernel.journal import Journal
from jupyter_mlflow.server.recorder.execution import read_execution
from jupyter_mlflow.server.recorder.history import History
from jupyter_mlflow.server.recorder.journal_frames import MAX_BAD, fact_of, read_frames
from jupyter_mlflow.server.recorder.journal_reader import JournalReader
from jupyter_mlflow.server.recorder.journals import JournalFolder, folder_of
from jupyter_mlflow.server.recorder.ledger import Ledger, Origin
from jupyter_mlflow.server.recorder.reducer import Fact
from jupyter_mlflow.server.recorder.shipping_queue import ShippingQueue
from processes_under_test import wait_until


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[JournalFolder]:
    taken = JournalFolder.take(folder_of(tmp_path / "journals", "kernel-1"))
    assert taken is not None
    taken.write_mode({"on": True})
    yield taken
    taken.close(remove=False)


@pytest.fixture
def shell() -> Shell:
    return Shell()


@pytest.fixture
def journal(folder: JournalFolder, shell: Shell) -> Journal:
    return Journal(shell, {"folder": str(folder.path), "mode": str(folder.mode_file)})


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "ledger")
    yield made
    made.close()


@pytest.fixture
def troubles() -> Troubles:
    return Troubles()


@pytest.fixture
def reader(folder: JournalFolder, troubles: Troubles) -> JournalReader:
    return make_reader(folder, troubles)


def test_what_ran_is_read_once(
    journal: Journal, shell: Shell, reader: JournalReader, ledger: Ledger, troubles: Troubles
) -> None:
    shell.run(journal, "a", "x = 'é\ud800'", cellId="cell-a", tags=["mlflow-record"])
    shell.run(journal, "b", "1/0", ZeroDivisionError("division by zero"))
    shell.run(journal, "c", "stop", KeyboardInterrupt())  # type: ignore[arg-type]
    reader.read(ledger)
    shell.begin(journal, "d", "sleep()")
    for _ in range(2):
        reader.read(ledger)
    found = rows(ledger)
    assert [row["status"] for row in found] == ["ok", "error", "interrupted", "running"]
    assert (found[0]["source"], found[0]["cell_id"], found[0]["execution_count"]) == ("x = 'é?'", "cell-a", 7)
    assert found[1]["error"] == {"name": "ZeroDivisionError", "message": "division by zero"}
    assert {row["process"] for row in found} == {"process-1"}
    assert troubles == []
    (file,) = reader.folder.files()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert ledger.journal_marks()[file.name].offset == file.path.stat().st_size


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

    def commit_of(id: str, where: str, at: float) -> Any:
        asked.append((id, where))
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
    shell.run(journal, "c", "3")
    reader.read(ledger)
    known = {"git": {"commit": "a" * 40, "dirty": True}}
    shell.run(journal, "d", "4")
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


def test_reading_goes_on_where_it_had_ended(
    journal: Journal, shell: Shell, folder: JournalFolder, ledger: Ledger, troubles: Troubles
) -> None:
    shell.run(journal, "a", "1")
    make_reader(folder, troubles).read(ledger)
    History(ledger).delete()
    again = make_reader(folder, troubles)
    again.resume(ledger.journal_marks())
    shell.run(journal, "b", "2")
    again.read(ledger)
    assert [row["id"] for row in rows(ledger)] == ["b"]
    again.read(ledger, ended=lambda process: True)
    assert folder.files() == []
    assert ledger.journal_marks() == {}


def test_a_cell_magic_that_runs_its_cell_is_one_execution(
    journal: Journal, shell: Shell, reader: JournalReader, ledger: Ledger
) -> None:
    shell.begin(journal, "a", "%%mlflow\n1")
    shell.run(journal, "a", "1")
    reader.read(ledger)
    assert rows(ledger)[0]["status"] == "running"
    journal.created("run-1", "http://me:secret@host:5000/x?token=1")
    journal.after(result())
    journal.after(result())
    reader.read(ledger)
    (row,) = rows(ledger)
    assert (row["status"], row["source"]) == ("ok", "%%mlflow\n1")
    assert (row["runs"], row["run_uris"]) == (["run-1"], {"run-1": "http://host:5000/x"})


def test_what_is_paused_or_of_another_notebook_is_not_written(
    journal: Journal, shell: Shell, folder: JournalFolder
) -> None:
    shell.begin(journal, "a", "long()")
    folder.write_mode({"on": False})
    journal.after(result(ValueError("private")))
    shell.run(journal, "b", "hidden")
    folder.write_mode({"on": True, "not_of": ["client-1"]})
    shell.run(journal, "c", "hidden")
    folder.write_mode({"on": True, "only_of": ["client-2"]})
    shell.run(journal, "d", "hidden")
    folder.mode_file.unlink()
    shell.run(journal, "e", "hidden")
    (file,) = folder.files()
    text = file.path.read_bytes()
    assert b"hidden" not in text
    assert b"private" not in text
    assert text.count(b'"k": "end"') == 1


def test_segments(
    journal: Journal, shell: Shell, reader: JournalReader, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "SEGMENT_BYTES", 2000)
    for number in range(40):
        shell.run(journal, f"e{number:02}", "x" * 300)
    assert len(reader.folder.files()) > 5
    reader.read(ledger)
    assert len(rows(ledger)) == 40
    assert len(reader.folder.files()) == 1, "what has been read is not kept"


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


START = {"k": "start", "id": "a", "at": 100.0, "cell": None, "tagged": False}


@pytest.mark.parametrize(
    "bad",
    [
        {**START, "id": "../../etc/passwd"},
        {**START, "id": "x" * 200},
        {**START, "id": ["a"]},
        {**START, "id": "a\x00b"},
        {**START, "at": "now"},
        {**START, "at": float("inf")},
        {**START, "at": 10**400},
        {**START, "at": True},
        {**START, "k": "journal-of-somebody"},
        {**START, "k": ["start"]},
        {"k": "end", "id": "a", "at": 1.0, "seconds": -1, "ok": True},
        {"k": "end", "id": "a", "at": 1.0, "seconds": 1, "ok": "yes"},
        {"k": "end", "id": "a", "at": 1.0, "seconds": 1, "ok": True, "n": 1e99},
        {"k": "run", "id": "a", "run": "../x", "uri": "http://h"},
        {"k": "run", "id": "a", "run": None},
    ],
)
def test_tampered_entries_are_refused_without_harm(
    reader: JournalReader, ledger: Ledger, troubles: Troubles, bad: dict[str, Any]
) -> None:
    path = reader.folder.path / "p.1.journal"
    path.write_bytes(frame(bad) + frame({**START, "id": "good"}, b"1"))
    reader.read(ledger)
    assert [row["id"] for row in rows(ledger)] == ["good"]
    assert troubles.codes == {"journal-damaged"}


def test_tampered_values_become_harmless(reader: JournalReader, ledger: Ledger) -> None:
    path = reader.folder.path / "p.1.journal"
    end = {
        "k": "end",
        "id": "a",
        "at": 1.0,
        "seconds": 1,
        "ok": False,
        "ename": {"x": 1},
        "evalue": "v" * 9999,
    }
    run = {"k": "run", "id": "a", "run": "r1", "uri": "http://u:p@h/"}
    start = {**START, "cell": "c\ud800" + "x" * 999, "tagged": "yes", "git": {"commit": ["a" * 40]}}
    git = {"k": "git", "id": "a", "commit": "'; --", "dirty": False}
    path.write_bytes(frame(start, b"\xff") + frame(end) + frame(run) + frame(git))
    reader.read(ledger)
    (row,) = rows(ledger)
    assert len(row["cell_id"]) == 500
    assert row["error"] == {"name": "", "message": "v" * 2000}
    assert row["source"] == "�"
    assert "p@" not in json.dumps(row)
    assert ledger.write(lambda db: read_execution(db, "a"))().git is None  # type: ignore[misc]


def test_another_kernels_execution_cannot_be_changed(
    reader: JournalReader, ledger: Ledger, troubles: Troubles
) -> None:
    ledger.add(Origin("kernel-2"), [fact_of(read_frames(frame(START), is_all=True).frames[0], "p")])  # type: ignore[list-item]
    path = reader.folder.path / "p.1.journal"
    path.write_bytes(frame({"k": "end", "id": "a", "at": 200.0, "seconds": 1.0, "ok": True}))
    reader.read(ledger)
    assert [(row["kernel_id"], row["status"]) for row in rows(ledger)] == [("kernel-2", "running")]
    assert troubles.codes == {"journal-foreign"}


@pytest.mark.parametrize("kind", ["symlink", "hardlink", "fifo", "folder", "another person's"])
def test_files_that_no_kernel_wrote_are_not_read(
    reader: JournalReader,
    ledger: Ledger,
    troubles: Troubles,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(frame(START, b"secret"))
    path = reader.folder.path / "p.1.journal"
    {
        "symlink": lambda: path.symlink_to(secret),
        "hardlink": lambda: os.link(secret, path),
        "fifo": lambda: os.mkfifo(path),
        "folder": lambda: path.mkdir(),
        "another person's": lambda: path.write_bytes(frame(START, b"secret")),
    }[kind]()
    if kind == "another person's":
        me = os.getuid()
        monkeypatch.setattr(os, "getuid", lambda: me + 1)
    for _ in range(2):
        reader.read(ledger)
    assert rows(ledger) == []
    assert len(troubles) == 1, "told once"
    assert troubles.codes == {"journal-refused"}


def test_a_journal_full_of_nonsense_is_given_up(
    reader: JournalReader, ledger: Ledger, troubles: Troubles
) -> None:
    path = reader.folder.path / "p.1.journal"
    # Each says that thirty megabytes follow.
    path.write_bytes(b'\x1e{"len":30000000,"crc":1}\n' * 2_000_000)
    began = time.process_time()
    reader.read(ledger, ended=lambda process: True)
    assert time.process_time() - began < 20
    assert "journal-refused" in troubles.codes


def test_a_kernel_that_names_itself_strangely_gets_a_plain_folder(tmp_path: Path) -> None:
    for id in ("../x", "headless-1", "a" * 200, ".hidden", ""):
        assert folder_of(tmp_path, id).parent == tmp_path
        assert folder_of(tmp_path, id).name.isalnum()
    assert JournalFolder.take(tmp_path / "k") is not None


def test_one_server_reads_a_folder(tmp_path: Path) -> None:
    one = JournalFolder.take(tmp_path / "k")
    assert one is not None
    assert JournalFolder.take(tmp_path / "k") is None
    one.close(remove=False)
    assert JournalFolder.take(tmp_path / "k") is not None


FRAMES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.builds(
            lambda id, source: frame({**START, "id": id}, source),
            st.sampled_from(["a", "b", "c"]),
            st.binary(max_size=60),
        ),
        st.builds(lambda id: frame({**START, "id": id}), st.sampled_from(["d", "e"])),
    ),
    max_size=12,
)


@settings(max_examples=200)
@given(FRAMES, st.integers(1, 50))
def test_read_in_pieces_or_as_a_whole_it_says_the_same(parts: list[bytes], piece: int) -> None:
    data = b"".join(parts)
    whole = read_frames(data, is_all=True)
    if whole.bad > MAX_BAD:
        return
    heads, at = [], 0
    for end in [*range(piece, len(data), piece), len(data)]:
        found = read_frames(data[at:end], is_all=end == len(data))
        heads += [each.head["id"] for each in found.frames if "id" in each.head]
        at += found.used
    assert heads == [each.head["id"] for each in whole.frames if "id" in each.head]


def test_random_damage_never_raises() -> None:
    chance = random.Random(5)
    good = b"".join(frame({**START, "id": f"e{n}"}, b"x" * n) for n in range(30))
    for _ in range(300):
        data = bytearray(good)
        for _ in range(chance.randint(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        for each in read_frames(bytes(data), is_all=True).frames:
            fact_of(each, "p")
