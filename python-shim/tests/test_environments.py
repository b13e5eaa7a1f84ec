"""Interpreters as facts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_mlflow.server.environments import environments
from jupyter_mlflow.server.environments.environments import (
    READY_MARK,
    Environments,
    ask_interpreter,
    environment_python,
    find_interpreters,
    find_uv,
)
from jupyter_mlflow.server.environments.mlflow_releases import recipe
from jupyter_mlflow.server.problems import Problem
from local_support import NEWEST, OLDEST


def make_venv(folder: Path) -> str:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return str(environment_python(folder))


async def test_finds_them_in_order_each_once_with_their_mlflow(tmp_path: Path) -> None:
    ours = tmp_path / "state" / "environments" / "mine"
    mine = make_venv(ours)
    (ours / READY_MARK).write_text("{}")
    make_venv(tmp_path / "state" / "environments" / "half-made")
    kernel = make_venv(tmp_path / "kernel")
    specs = {
        "k": [kernel, "-m", "ipykernel"],
        "same": [kernel, "-m", "ipykernel"],
        "bare": ["python3", "-m", "ipykernel"],
        "runner": [str(tmp_path / "conda"), "run", "python"],
        "stale": [str(tmp_path / "gone" / "bin" / "python"), "-m", "ipykernel"],
        "empty": [],
    }
    found = await find_interpreters(configured=OLDEST, state_dir=tmp_path / "state", kernelspecs=specs)
    assert [
        (each.executable, each.source, each.mlflow) for each in found if each.executable != sys.executable
    ] == [
        (OLDEST, "configured", "2.3.2"),
        (mine, "environment:mine", None),
        (kernel, "kernel:k", None),
    ]
    assert found[1].source == "jupyter"


async def test_a_configured_interpreter_is_the_only_one_that_runs_servers(tmp_path: Path) -> None:
    plain = make_venv(tmp_path / "plain")
    assert (await Environments(state_dir=tmp_path, configured=plain).best()) is None
    best = await Environments(state_dir=tmp_path, configured=NEWEST).best()
    assert best is not None
    assert (best.executable, best.source) == (NEWEST, "configured")


async def test_what_was_installed_since_is_seen(tmp_path: Path) -> None:
    python = make_venv(tmp_path / "venv")
    before = await find_interpreters(configured=python, kernelspecs={})
    assert before[0].mlflow is None
    packages = next(
        (tmp_path / "venv").glob("lib/python3*/site-packages"), tmp_path / "venv" / "Lib" / "site-packages"
    )
    (packages / "mlflow").mkdir()
    (packages / "mlflow" / "__init__.py").write_text("raise RuntimeError('must not be imported')")
    (packages / "mlflow-3.0.0.dist-info").mkdir()
    (packages / "mlflow-3.0.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: mlflow\nVersion: 3.0.0\n"
    )
    os.utime(packages, (4e9, 4e9))
    after = await find_interpreters(configured=python, kernelspecs={})
    assert after[0].mlflow == "3.0.0"
    assert after[0].package_dir == str(packages / "mlflow")


def test_metadata_without_the_package_is_no_mlflow(tmp_path: Path) -> None:
    python = make_venv(tmp_path / "venv")
    packages = next(
        (tmp_path / "venv").glob("lib/python3*/site-packages"), tmp_path / "venv" / "Lib" / "site-packages"
    )
    (packages / "mlflow-3.0.0.dist-info").mkdir()
    (packages / "mlflow-3.0.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: mlflow\nVersion: 3.0.0\n"
    )
    found = ask_interpreter(python, "x")
    assert found is not None
    assert found.mlflow is None


@pytest.mark.skipif(sys.platform == "win32", reason="scripts stand in for interpreters")
def test_what_does_not_run_or_answer_is_left_out(tmp_path: Path) -> None:
    slow = tmp_path / "python-slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    noise = tmp_path / "python-noise"
    noise.write_text("#!/bin/sh\necho hello\n")
    plain = tmp_path / "python-plain"
    plain.write_text("not a program")
    for path in (slow, noise, plain):
        path.chmod(0o755)
    assert ask_interpreter(str(slow), "x", timeout_s=0.3) is None
    assert ask_interpreter(str(noise), "x") is None
    assert ask_interpreter(str(plain), "x") is None
    assert ask_interpreter(str(tmp_path / "gone"), "x") is None


def test_another_interpreter_is_not_led_to_our_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leak = tmp_path / "leak"
    (leak / "mlflow").mkdir(parents=True)
    (leak / "mlflow" / "__init__.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", f"{leak}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.chdir(leak)
    found = ask_interpreter(OLDEST, "x")
    assert found is not None
    assert found.package_dir is not None
    assert not found.package_dir.startswith(str(leak))


def test_uv_is_found_on_path_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "uv.exe" if sys.platform == "win32" else "uv"
    (tmp_path / name).write_text("")
    (tmp_path / name).chmod(0o755)
    assert find_uv({"PATH": str(tmp_path)}) == [str(tmp_path / name)]
    monkeypatch.setattr(environments.shutil, "which", lambda *_, **__: None)
    monkeypatch.setattr(environments.util, "find_spec", lambda name: None)
    assert find_uv({"PATH": ""}) is None


def test_old_releases_get_packages_of_their_time() -> None:
    old = recipe("2.3.2")
    assert (old.requirement, str(old.as_of)) == ("mlflow==2.3.2", "2023-07-01")
    assert set(old.bounds) == {"sqlalchemy<2.1", "werkzeug<3", "setuptools<81"}
    assert not old.python.contains("3.12.1")
    assert recipe("==2.22.1").as_of is not None
    for newest in (None, "", "3.17.2", ">=3,<4"):
        assert recipe(newest).as_of is None
    assert recipe("3.17.2").requirement == "mlflow==3.17.2"
    assert recipe("3.17.2").bounds == ()
    assert set(recipe("2.15.1").bounds) == {"sqlalchemy<2.1", "setuptools<81"}
    assert recipe("3.8.1").bounds == ("sqlalchemy<2.1",)
    assert recipe("2.22.0").python.contains("3.12.1")
    for bad in ("===3", "3 ; os_name", "3.1+local", "latest", "@ file:///x", "2.0"):
        with pytest.raises(Problem):
            recipe(bad)
