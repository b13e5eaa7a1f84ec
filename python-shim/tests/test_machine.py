"""Interpreters of a machine, found and asked: real ones."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from environment_factory import EnvironmentFactory, polluted_environ, site_packages
from job_support import Bench
from jupyter_mlflow.server.environments.environments import environment_python
from jupyter_mlflow.server.environments.interpreter_facts import FactsMemory, NotAnswered, ask
from jupyter_mlflow.server.environments.interpreter_search import (
    distinct,
    environments_in,
    pythons_of_machine,
)
from jupyter_mlflow.server.environments.made_environments import MadeEnvironments


def test_what_an_environment_says_of_itself(environments: EnvironmentFactory, tmp_path: Path) -> None:
    full = ask(environments.kept("mlflow-skinny", "ipykernel", seed=True))
    assert full.mlflow is not None
    assert (full.distribution, full.pip, full.is_virtual) == ("mlflow-skinny", True, True)
    assert full.ipykernel is not None
    assert full.writable
    bare = ask(environments.kept())
    assert (bare.mlflow, bare.ipykernel, bare.pip) == (None, None, False)
    # Two environments of one base are links to one binary.
    assert os.path.realpath(full.executable) == os.path.realpath(bare.executable)
    assert full.prefix != bare.prefix

    python = environments.fresh(tmp_path / "späte Übung")
    assert ask(python).prefix == str(tmp_path / "späte Übung")


def test_metadata_without_the_module_is_not_there(environments: EnvironmentFactory, tmp_path: Path) -> None:
    python = environments.fresh(tmp_path / "venv")
    memory = FactsMemory()
    assert memory.ask(python).mlflow is None
    environments.distribution(python, "mlflow", "3.0.0", module=False)
    environments.distribution(python, "ipykernel", "7.0.0", module=False)
    assert (memory.ask(python).mlflow, memory.ask(python).ipykernel) == (None, None)
    environments.distribution(python, "mlflow-tracing", "3.1.0", module=False)
    (site_packages(python) / "mlflow").mkdir()  # a plain folder is no MLflow either
    assert memory.ask(python).mlflow is None
    (site_packages(python) / "mlflow" / "__init__.py").write_text("raise RuntimeError('imported')")
    memory.forget()
    assert memory.ask(python).mlflow == "3.0.0"


def test_variables_of_ours_do_not_mislead_another_interpreter(
    environments: EnvironmentFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = environments.kept()
    for name, value in polluted_environ(tmp_path).items():
        monkeypatch.setenv(name, value)
    found = ask(python)
    assert (found.mlflow, found.prefix) == (None, str(Path(python).parent.parent))


def test_packages_of_the_base_are_seen_where_the_environment_sees_them(
    environments: EnvironmentFactory, tmp_path: Path
) -> None:
    base = environments.fresh(tmp_path / "base")
    assert ask(environments.kept(system_site=True)).prefix != ask(base).prefix
    # The base of an environment of an environment is the first base: pip shows whether it is looked into.
    own = ask(environments.kept(system_site=True))
    assert own.base_prefix == sys.base_prefix
    assert own.pip == ask(str(environment_python(Path(sys.base_prefix)))).pip


def test_interpreters_are_asked_once_and_again_when_packages_changed(
    environments: EnvironmentFactory, tmp_path: Path
) -> None:
    python = environments.fresh(tmp_path / "venv")
    memory = FactsMemory()
    first = memory.ask(python)
    assert memory.ask(python) is first
    environments.distribution(python, "mlflow", "3.0.0")
    assert memory.ask(python).mlflow == "3.0.0"


def test_what_does_not_answer_is_not_waited_for_twice(tmp_path: Path) -> None:
    slow = tmp_path / "python"
    started = tmp_path / "started"
    slow.write_text(f"#!/bin/sh\necho again >> '{started}'\nexec sleep 60\n")
    slow.chmod(0o755)
    memory = FactsMemory(timeout_s=1.0)
    with pytest.raises(NotAnswered, match="did not answer"):
        memory.ask(str(slow))
    asked = started.read_text() if started.exists() else ""
    with pytest.raises(NotAnswered, match="did not answer"):
        memory.ask(str(slow))
    assert (started.read_text() if started.exists() else "") == asked
    with pytest.raises(NotAnswered, match="gone"):
        memory.ask(str(tmp_path / "gone"))


def test_the_machine_is_searched_where_pythons_lie(tmp_path: Path) -> None:
    def python(*parts: str, name: str = "python3") -> str:
        path = tmp_path.joinpath(*parts, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        path.chmod(0o755)
        return str(path)

    expected = {
        python("usr", "bin"),
        python(".pyenv", "versions", "3.12.1", "bin", name="python"),
        python(".local", "share", "uv", "python", "cpython-3.13.0", "bin"),
        python("miniforge3", "bin", name="python"),
        python("miniforge3", "envs", "course", "bin", name="python"),
        python("elsewhere", "conda", "bin", name="python"),
    }
    python(".pyenv", "shims")
    python("usr", "bin", name="python3-config")
    (tmp_path / ".conda").mkdir()
    (tmp_path / ".conda" / "environments.txt").write_text(f"{tmp_path}/elsewhere/conda\n\n/gone\n")
    environ = {"HOME": str(tmp_path), "PATH": f"{tmp_path}/.pyenv/shims:{tmp_path}/usr/bin:relative:/gone"}
    found = {each for each in pythons_of_machine(environ) if each.startswith(str(tmp_path))}
    assert found == expected
    assert os.path.abspath(sys.executable) in pythons_of_machine({"HOME": str(tmp_path), "PATH": ""})

    os.symlink("python3", tmp_path / "usr" / "bin" / "python")
    both = [str(tmp_path / "usr" / "bin" / name) for name in ("python3", "python", "python3")]
    assert distinct(both) == both[:1]


async def test_each_environment_is_listed_once_with_its_kernels(
    bench: Bench,
    environments: EnvironmentFactory,
) -> None:
    python = environments.kept("mlflow-skinny", "ipykernel", seed=True)
    bench.pythons = [python, str(Path(python).with_name("python3")), environments.kept(), sys.executable]
    await bench.done("register-kernel", executable=python, name="one", display_name="One")
    found = await bench.machine().describe()
    assert [each["executable"] for each in found["interpreters"]] == [bench.pythons[at] for at in (0, 2, 3)]
    assert [each["runs_jupyter"] for each in found["interpreters"]] == [False, False, True]
    first = found["interpreters"][0]
    assert (first["kind"], first["kernelspecs"], first["removable"]) == ("venv", ["one"], False)
    assert first["problem"] is None
    assert found["folder"] == str(bench.root)
    assert (found["uv"], found["jobs"]) == (True, True)
    # As a person would type it, who need not have it on the PATH.
    assert Path(found["uv_command"][0]).is_absolute()
    assert [spec["name"] for spec in found["kernelspecs"]] == ["one"]


async def test_an_environment_of_the_workspace_is_read_but_not_run(
    bench: Bench,
    environments: EnvironmentFactory,
    tmp_path: Path,
) -> None:
    folder = bench.root / "project" / "späte Übung"
    python = environments.fresh(folder, "mlflow-skinny", "ipykernel")
    environments.distribution(python, "ipywidgets", "8.1.9")
    mark = tmp_path / "it-was-run"
    (site_packages(python) / "evil.pth").write_text(f"import pathlib; pathlib.Path({str(mark)!r}).touch()\n")
    environments.fresh(bench.root / "a" / "b" / "too-deep")
    gone = bench.root / "gone"
    environments.fresh(gone)
    environment_python(gone).unlink()
    found = await bench.machine().describe()
    assert not mark.exists()
    listed = {each["prefix"]: each for each in found["interpreters"]}
    assert set(listed) == {str(folder), str(gone)}
    told = ask(python)  # this one runs it
    assert mark.exists()
    assert told.ipywidgets == "8.1.9"
    for name in ("python", "mlflow", "distribution", "ipykernel", "ipywidgets", "pip", "writable", "prefix"):
        assert listed[str(folder)][name] == getattr(told, name), name
    assert listed[str(gone)]["python"] is None
    assert listed[str(gone)]["problem"] == "The Python that it was made with is gone."


async def test_the_event_loop_goes_on_while_interpreters_are_asked(bench: Bench, tmp_path: Path) -> None:
    for number in range(3):
        slow = tmp_path / f"slow-{number}" / "python"
        slow.parent.mkdir()
        slow.write_text("#!/bin/sh\nexec sleep 60\n")
        slow.chmod(0o755)
        bench.pythons.append(str(slow))
    bench.memory._timeout_s = 1.0
    machine = bench.machine()
    both = asyncio.gather(machine.describe(), machine.describe())
    turns = 0
    while not both.done():
        await asyncio.sleep(0.005)
        turns += 1
    first, second = both.result()
    assert first is second, "asked once"
    assert first["interpreters"] == []
    assert turns > 12, "it had a turn again and again, not only between two interpreters"


async def test_asking_anew_sees_what_left_no_trace(
    bench: Bench,
    environments: EnvironmentFactory,
    tmp_path: Path,
) -> None:
    python = environments.fresh(tmp_path / "venv")
    environments.distribution(python, "mlflow", "3.0.0")
    os.utime(site_packages(python), (1e9, 1e9))
    bench.pythons = [python]
    assert (await bench.machine().describe())["interpreters"][0]["mlflow"] == "3.0.0"
    (site_packages(python) / "mlflow-3.0.0.dist-info" / "METADATA").write_text(
        "Name: mlflow\nVersion: 3.1.0\n"
    )
    assert (await bench.machine().describe())["interpreters"][0]["mlflow"] == "3.0.0"
    assert (await bench.machine().describe(fresh=True))["interpreters"][0]["mlflow"] == "3.1.0"


def test_only_what_a_job_made_is_ours(tmp_path: Path) -> None:
    made = MadeEnvironments(tmp_path / "state")
    folder = tmp_path / "mine"
    made.begin(folder)
    assert (made.is_left_over(folder), made.is_ready(folder)) == (True, False)
    made.finish(folder, {"mlflow": "3.0.0"})
    assert (made.is_left_over(folder), made.is_ready(folder)) == (False, True)
    assert made.all() == [folder]
    # Copied, moved or linked together with its marks, it is somebody else's.
    copy = tmp_path / "copy"
    copy.mkdir()
    for mark in folder.iterdir():
        (copy / mark.name).write_bytes(mark.read_bytes())
    assert not made.is_ready(copy)
    (tmp_path / "link").symlink_to(folder)
    assert not made.is_ready(tmp_path / "link")
    assert not MadeEnvironments(tmp_path / "another-state").is_ready(folder)
    made.remove(folder)
    assert not folder.exists()
    assert made.all() == []


def test_environments_are_looked_for_two_folders_deep(tmp_path: Path) -> None:
    for parts in (("venv",), ("a", ".venv"), ("a", "b", "c"), ("node_modules", "x")):
        folder = tmp_path.joinpath(*parts)
        folder.mkdir(parents=True)
        (folder / "pyvenv.cfg").write_text("version = 3.11.0\n")
    assert environments_in(tmp_path) == [tmp_path / "venv", tmp_path / "a" / ".venv"]
    assert environments_in(tmp_path / "gone") == []
