"""Which rule counts for a notebook, within what is allowed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jupyter_mlflow.server.problems import Problem
from jupyter_mlflow.server.recorder.modes import Allowed, Modes

TARGET = {"server_id": "s", "experiment": "{notebook} (cells)"}


def modes(folder: Path, **allowed: Any) -> Modes:
    return Modes(folder / "recording.json", Allowed(**allowed))


def put(made: Modes, scope: str, path: str, *, id: str | None = None, **rule: Any) -> None:
    made.put(scope, path=path, notebook_id=id, rule={"keep": True, "send": "nothing", **rule}, by="Ada")


def test_a_notebooks_own_rule_goes_before_its_folders_and_the_personal_one(tmp_path: Path) -> None:
    made = modes(tmp_path)
    assert not made.of("n", "a/b/x.ipynb").is_on
    put(made, "personal", "", send="all", target=TARGET)
    found = made.of("n", "a/b/x.ipynb")
    assert (found.rule, found.send, found.by) == ("personal", "all", "Ada")
    assert found.target == {"server_id": "s", "experiment": "x (cells)"}
    put(made, "folder", "a", send="runs", target=TARGET)
    put(made, "folder", "a/b/", keep=False)
    found = made.of("n", "a/b/x.ipynb")
    assert (found.rule, found.rule_path, found.is_on) == ("folder", "a/b", False)
    assert made.of("n", "a/x.ipynb").rule_path == "a"
    assert made.of("n", "ab/x.ipynb").rule == "personal"
    put(made, "notebook", "a/b/x.ipynb", id="n")
    assert (made.of("n", "a/b/x.ipynb").rule, made.of("n", "a/b/x.ipynb").keep) == ("notebook", True)
    made.put("notebook", path="a/b/x.ipynb", notebook_id="n", rule=None, by=None)
    assert made.of("n", "a/b/x.ipynb").rule == "folder"
    put(made, "folder", "", keep=True)
    assert made.of("m", "x.ipynb").rule == "folder", "Jupyter's root is a folder, too"


def test_rules_of_folders_move_with_them(tmp_path: Path) -> None:
    made = modes(tmp_path)
    put(made, "folder", "a/b")
    made.moved("a", "c")
    assert made.of(None, "c/b/x.ipynb").keep
    assert not made.of(None, "a/b/x.ipynb").keep


def test_the_administrator_has_the_last_word(tmp_path: Path) -> None:
    put(modes(tmp_path), "personal", "", send="all", target=TARGET)
    found = modes(tmp_path, keep=False, send=("nothing", "runs"))
    assert not found.of("n", "x.ipynb").is_on
    with pytest.raises(Problem) as told:
        put(found, "personal", "")
    assert told.value.code == "recording-not-allowed"
    with pytest.raises(Problem) as told:
        put(found, "personal", "", keep=False, send="tagged", target=TARGET)
    assert told.value.code == "recording-not-allowed"


def test_pause_belongs_to_a_notebook(tmp_path: Path) -> None:
    made = modes(tmp_path)
    put(made, "personal", "")
    made.change(notebook_id="n", paused=True)
    assert made.of("n", "x.ipynb").paused
    assert not made.of("m", "y.ipynb").paused
    made.change(notebook_id="n", paused=False)
    assert not made.of("n", "x.ipynb").paused


def test_how_much_is_kept(tmp_path: Path) -> None:
    made = modes(tmp_path, retention_days=30.0, retention_bytes=10**9)
    assert made.retention() == (30.0, 10**9)
    made.change(retention={"days": 7, "bytes": 10**12})
    assert made.retention() == (7, 10**9)


@pytest.mark.parametrize(
    "rule",
    [
        {"send": "everything"},
        {"keep": "yes"},
        {"send": "all", "target": None},
        {"send": "all", "target": {"server_id": "s"}},
        {"send": "all", "target": {"server_id": "s", "experiment": ""}},
    ],
)
def test_what_is_no_rule_is_refused(tmp_path: Path, rule: dict[str, Any]) -> None:
    made = modes(tmp_path)
    with pytest.raises(Problem):
        put(made, "personal", "", **rule)
    assert made.read().personal is None


@pytest.mark.parametrize("text", ["broken", "[]", '{"personal": 1, "folders": [], "notebooks": {"n": 2}}'])
def test_a_broken_file_means_no(tmp_path: Path, text: str) -> None:
    (tmp_path / "recording.json").write_text(text)
    made = modes(tmp_path)
    assert not made.of("n", "x.ipynb").is_on
    put(made, "notebook", "x.ipynb", id="n")
    assert made.of("n", "x.ipynb").is_on
