"""What is sent of an execution: names, limits, files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_mlflow.server.recorder import run_files as run_files_module
from jupyter_mlflow.server.recorder.cell_positions import CellPositions
from jupyter_mlflow.server.recorder.execution import Execution
from jupyter_mlflow.server.recorder.redaction import Redaction
from jupyter_mlflow.server.recorder.run_content import Surroundings, what_is_sent
from jupyter_mlflow.server.recorder.run_files import run_files
from jupyter_mlflow.server.recorder.sent_names import run_name, searchable
from shipping_support import PNG


def execution(**fields: Any) -> Execution:
    """Of a cell that did nothing."""
    known: dict[str, Any] = {
        "id": "e1",
        "kernel_id": "k",
        "process": "p",
        "notebook_id": "n",
        "path": "a.ipynb",
        "language": "python",
        "status": "ok",
        "started": 100.0,
        "ended": 102.5,
        "seconds": 2.5,
        "execution_count": 3,
        "cell_id": "c",
        "source": "1",
        "source_sha256": "0" * 64,
        "error": None,
        "target": {"server_id": "s", "experiment": "x"},
    }
    return Execution(**{**known, **fields})


def files(**fields: Any) -> dict[str, bytes]:
    """Path → content."""
    return {each.path: each.content for each in run_files(execution(**fields), Redaction())}


def notebook(found: dict[str, bytes]) -> Any:
    """The small notebook, which has to be a valid one."""
    read = nbformat.reads(found["execution.ipynb"].decode(), as_version=4)
    nbformat.validate(read)
    return read


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("# Train the model\nfit()", "Train the model"),
        ("\n\n  ## Load:  data\nx", "Load: data"),
        ("import pandas as pd", "import pandas as pd"),
        ("%%time\nfit()", "fit()"),
        ("#| echo: false\nplot()", "plot()"),
        ("#!/bin/sh\nls", "ls"),
        ("# %%\n# Report\nx", "Report"),
        ("# %% Report\nx", "Report"),
        ("// Scala\nx", "Scala"),
        ("%%bash", "%%bash"),
        ("", "cell [3]"),
        ("#\n", "cell [3]"),
        ("x" * 300, "x" * 99 + "…"),
    ],
)
def test_a_run_is_named_by_the_first_comment_or_line(source: str, name: str) -> None:
    assert run_name(source, 3) == name


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        ("ok", "FINISHED"),
        ("error", "FAILED"),
        ("interrupted", "KILLED"),
        ("killed", "KILLED"),
        ("unknown", "KILLED"),
    ],
)
def test_how_it_ended(status: Any, sent: str) -> None:
    run = what_is_sent(execution(status=status), Redaction(), Surroundings()).run
    assert (run.status, run.tags["jupyter.status"]) == (sent, status)
    assert (run.start_time, run.end_time, run.metrics) == (100_000, 102_500, {"duration_s": 2.5})


@pytest.mark.parametrize(("dirty", "tag"), [(True, "true"), (False, "false")])
def test_the_commit_of_a_recorded_cell_has_the_tags_of_the_runs_that_cells_start(
    dirty: bool, tag: str
) -> None:
    known = execution(git={"commit": "a" * 40, "dirty": dirty})
    tags = what_is_sent(known, Redaction(), Surroundings()).run.tags
    assert {name: value for name, value in tags.items() if ".git." in name} == {
        "jupyter.git.commit": "a" * 40,
        "jupyter.git.dirty": tag,
        "mlflow.source.git.commit": "a" * 40,
    }
    assert ".git." not in str(what_is_sent(execution(), Redaction(), Surroundings()).run.tags)


def test_what_nobody_saw_is_not_made_up() -> None:
    seen = execution(started=None, ended=None, seconds=None, execution_count=None, cell_id=None, path=None)
    parcel = what_is_sent(seen, Redaction(), Surroundings())
    assert parcel.run.metrics == {}
    assert parcel.run.params == {"language": "python"}
    assert parcel.parent.name.startswith("notebook · ")


def test_ids_that_cannot_be_searched_for() -> None:
    assert searchable("ab12-cd_34.x:1") == "ab12-cd_34.x:1"
    assert searchable("it's") != searchable('it"s')
    assert searchable("it's").isascii()


def test_long_texts_keep_their_beginning_and_their_end() -> None:
    text = "begin\n" + "x" * 3_000_000 + "\nend"
    found = files(outputs=({"output_type": "stream", "name": "stdout", "text": text},))
    sent = found["stdout.txt"].decode()
    assert sent.startswith("begin\nx")
    assert sent.endswith("x\nend")
    assert f"… {len(text) - 2_000_000:,} characters are left out here …" in sent
    assert len(sent) < 2_001_000
    assert len(notebook(found).cells[0].outputs[0].text) < 251_000


def test_no_half_of_a_secret_is_left_at_a_cut() -> None:
    secret = "ghp_" + "a1B2c3D4e5F6" * 3
    for shift in range(0, 45, 4):
        text = "x" * (187_500 - shift) + f" {secret} " + "y" * 400_000
        found = files(outputs=({"output_type": "stream", "name": "stdout", "text": text},))
        assert "ghp_" not in notebook(found).cells[0].outputs[0].text


def test_pages_and_figures_are_whole_or_not_there() -> None:
    big = {
        "output_type": "display_data",
        "data": {"text/html": "<b>" * 100_000, "text/plain": "t"},
        "metadata": {},
    }
    figure = {
        "output_type": "display_data",
        "data": {"application/x+json": {"a": [1] * 200_000}},
        "metadata": {},
    }
    shown = notebook(files(outputs=(big, figure))).cells[0].outputs
    assert shown[0].data == {"text/plain": "t"}
    assert "application/x+json is left out here" in shown[1].data["text/plain"]


def test_a_picture_is_there_once(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = {"output_type": "display_data", "data": {"image/png": PNG}, "metadata": {}}
    found = files(outputs=(picture,) * 5)
    assert len([path for path in found if path.startswith("displays/")]) == 1
    assert PNG.encode() not in found["execution.ipynb"]
    monkeypatch.setattr(run_files_module, "MAX_PICTURE", 20)
    assert list(files(outputs=(picture,))) == ["source.py", "execution.ipynb"]


def test_a_large_source_leaves_room_for_its_outputs() -> None:
    source = "# " + "é" * 3_000_000
    output = {"output_type": "stream", "name": "stdout", "text": "done\n"}
    (cell,) = notebook(files(source=source, outputs=(output,))).cells
    assert (cell.source, cell.outputs[0]["text"]) == (source, "done\n")


def test_what_was_not_kept_is_said() -> None:
    assert "1,234 bytes of output were not kept" in notebook(files(cut_bytes=1234)).cells[0].outputs[-1].text


@pytest.mark.parametrize(
    ("language", "name"),
    [("python", "source.py"), ("R", "source.R"), ("bash", "source.sh"), (None, "source.txt")],
)
def test_the_source_has_the_ending_of_its_language(language: Any, name: str) -> None:
    assert name in files(language=language)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KINDS = st.sampled_from(["stream", "error", "display_data", "execute_result", "nonsense"])
NAMES = ("name", "text", "data", "metadata", "ename", "evalue", "traceback", "execution_count")
BUNDLES = st.dictionaries(
    st.sampled_from(["text/plain", "text/html", "image/png", "application/json", ""]), JSON
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"output_type": KINDS}, optional=dict.fromkeys(NAMES, JSON) | {"data": BUNDLES | JSON}
        ),
        max_size=4,
    )
)
def test_whatever_a_kernel_says_makes_a_valid_notebook(outputs: list[dict[str, Any]]) -> None:
    found = files(outputs=tuple(outputs), cell_id="an id / of no form")
    notebook(found)
    json.dumps(what_is_sent(execution(outputs=tuple(outputs)), Redaction(), Surroundings()).to_json())


def test_where_a_cell_stands(tmp_path: Path) -> None:
    written = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# a", id="first"),
            nbformat.v4.new_code_cell('x = """\n   "id": "no cell",\n"""', id="second"),
            nbformat.v4.new_code_cell("y", id="third"),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python"}},
    )
    nbformat.write(written, tmp_path / "a.ipynb")
    positions = CellPositions(tmp_path)
    assert [positions.of("a.ipynb", id) for id in ("first", "second", "third", "no cell")] == [1, 2, 3, None]
    written.cells.insert(0, nbformat.v4.new_code_cell("z", id="zeroth"))
    nbformat.write(written, tmp_path / "a.ipynb")
    assert positions.of("a.ipynb", "third") == 4
    assert positions.of("../a.ipynb", "third") is None
    assert positions.of("none.ipynb", "third") is None
