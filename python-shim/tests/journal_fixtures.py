"""A journal's folder, what writes into it and what reads it, for the tests of journals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from journal_support import Shell, Troubles, make_reader
from jupyter_mlflow.kernel.journal import Journal
from jupyter_mlflow.server.recorder.journal_reader import JournalReader
from jupyter_mlflow.server.recorder.journals import JournalFolder, folder_of
from jupyter_mlflow.server.recorder.ledger import Ledger


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
