"""Commit and changes of the folder that a cell runs in: asked by the Jupyter server, now and then."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jupyter_mlflow.server.recorder import commits as commits_module
from jupyter_mlflow.server.recorder.commits import AGAIN_S, LATE_S, Commits
from processes_under_test import wait_until


def git(folder: Path, *words: str) -> str:
    options = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", *options, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with one commit."""
    made = tmp_path / "work"
    made.mkdir()
    git(made, "init", "-q")
    (made / "code.py").write_text("1")
    git(made, "add", "code.py")
    git(made, "commit", "-q", "-m", "First")
    return made


class Asked:
    """Commits by a clock of the test's, and what they tell."""

    def __init__(self, **options: Any) -> None:
        self.now = 1000.0
        self.told: list[tuple[str, Mapping[str, Any]]] = []
        self.commits = Commits(clock=lambda: self.now, **options)

    def of(self, name: str, folder: Path, began: float | None = None) -> Mapping[str, Any]:
        began = self.now if began is None else began
        return self.commits.of(str(folder), began, lambda found: self.told.append((name, found)))

    def wait(self, count: int) -> None:
        wait_until(lambda: len(self.told) >= count, "git to answer", 30)


def test_git_is_asked_and_its_answer_serves_the_next_cells(work: Path) -> None:
    asked = Asked()
    assert asked.of("a", work) == {"asks": True}
    asked.wait(1)
    clean = {"commit": git(work, "rev-parse", "HEAD"), "dirty": False}
    assert asked.told == [("a", clean)]
    (work / "code.py").write_text("2")
    assert asked.of("b", work) == {"git": clean}, "it is not asked for each cell"
    asked.now += AGAIN_S + 1
    assert asked.of("c", work) == {"asks": True}
    asked.wait(2)
    assert asked.told[1:] == [("c", {**clean, "dirty": True})]


def test_one_question_answers_all_who_wait_and_a_slow_folder_holds_nobody(tmp_path: Path) -> None:
    gate, questions = threading.Event(), []

    def ask(folder: str) -> Mapping[str, Any]:
        questions.append(folder)
        gate.wait(30)
        if folder.endswith("broken"):
            raise OSError("gone")
        return {"commit": "a" * 40, "dirty": False}

    asked = Asked(ask=ask)
    for name in "abc":
        assert asked.of(name, tmp_path / "one") == {"asks": True}
    asked.of("d", tmp_path / "broken")
    asked.of("e", tmp_path / "two")
    gate.set()
    asked.wait(5)
    assert [(name, found["commit"]) for name, found in asked.told] == [
        *((name, "a" * 40) for name in "abc"),
        ("d", None),
        ("e", "a" * 40),
    ]
    assert [Path(each).name for each in questions] == ["one", "broken", "two"]


def test_where_there_is_no_commit_that_is_the_answer(tmp_path: Path) -> None:
    asked = Asked()
    for name, folder in (("plain", tmp_path), ("gone", tmp_path / "gone")):
        asked.of(name, folder)
    asked.wait(2)
    assert asked.told == [(name, {"commit": None, "dirty": False}) for name in ("plain", "gone")]


def test_of_a_cell_of_long_ago_nobody_knows(work: Path) -> None:
    """Of a journal that is read late, or after a step of the clock: the folder may be another one by now."""
    asked = Asked()
    for began in (asked.now - LATE_S - 1, asked.now + LATE_S + 1):
        assert asked.of("old", work, began) == {}
    asked.of("new", work)
    asked.wait(1)
    assert [name for name, _ in asked.told] == ["new"]


def test_no_more_is_remembered_than_there_is_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits_module, "_FOLDERS", 2)
    asked = Asked(ask=lambda folder: {"commit": folder, "dirty": False})
    for number in range(3):
        asked.of(str(number), tmp_path / str(number))
        asked.wait(number + 1)
    assert "git" in asked.of("known", tmp_path / "2")
    assert asked.of("forgotten", tmp_path / "0") == {"asks": True}
    asked.wait(4)


def test_no_more_folders_wait_than_there_is_room_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits_module, "_FOLDERS", 2)
    gate = threading.Event()

    def ask(folder: str) -> Mapping[str, Any]:
        gate.wait(30)
        return {"commit": folder, "dirty": False}

    asked = Asked(ask=ask)
    said = [asked.of(name, tmp_path / name) for name in "abc"]
    assert said == [{"asks": True}, {"asks": True}, {}], "of the third, nobody will know"
    assert asked.of("a again", tmp_path / "a") == {"asks": True}
    gate.set()
    asked.wait(3)
    assert [name for name, _ in asked.told] == ["a", "a again", "b"]
    assert asked.of("c", tmp_path / "c") == {"asks": True}, "there is room again"
    asked.wait(4)


def test_a_folders_own_settings_run_nothing(work: Path) -> None:
    hook, mark = work / "hook.sh", work / "ran"
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    os.chmod(hook, 0o700)
    git(work, "config", "core.fsmonitor", str(hook))
    git(work, "status")
    assert mark.exists(), "git would run it"
    mark.unlink()
    asked = Asked()
    asked.of("a", work)
    asked.wait(1)
    assert not mark.exists()
