"""The server trusts nothing in a journal: what no kernel wrote is refused without harm."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_support import Troubles, frame, rows
from jupyter_mlflow.server.recorder.execution import read_execution
from jupyter_mlflow.server.recorder.journal_frames import MAX_BAD, fact_of, read_frames
from jupyter_mlflow.server.recorder.journal_reader import JournalReader
from jupyter_mlflow.server.recorder.journals import JournalFolder, folder_of
from jupyter_mlflow.server.recorder.ledger import Ledger, Origin

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
