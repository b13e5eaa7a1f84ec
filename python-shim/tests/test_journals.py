"""A kernel's journal: written in a shell, read by the server, each entry once."""

from __future__ import annotations

import stat

import pytest
from journal_support import Shell, Troubles, make_reader, result, rows
from jupyter_mlflow.kernel import journal as journal_module
from jupyter_mlflow.kernel.journal import Journal
from jupyter_mlflow.server.recorder.history import History
from jupyter_mlflow.server.recorder.journal_reader import JournalReader
from jupyter_mlflow.server.recorder.journals import JournalFolder
from jupyter_mlflow.server.recorder.ledger import Ledger, Origin


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


def test_what_ran_before_cells_were_sent_is_not_sent_when_it_is_read_after_that(
    journal: Journal, shell: Shell, folder: JournalFolder, reader: JournalReader, ledger: Ledger
) -> None:
    """As by a Jupyter server that begins after one was killed, and where a ledger was lost."""
    shell.run(journal, "before", "private = 1")
    shell.begin(journal, "within", "long()")
    folder.write_mode({"on": True, "cwd": True})
    journal.after(result())
    shell.run(journal, "sent", "1")
    target = {"server_id": "s", "experiment": "e"}
    sent = Origin("kernel-1", "notebook-1", "a.ipynb", "python", send="all", target=target)
    reader.origin_of = lambda client, header: sent
    reader.read(ledger)
    assert {row["id"]: row["sending"] for row in rows(ledger)} == {
        "before": None,
        "within": None,
        "sent": "waiting",
    }


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
