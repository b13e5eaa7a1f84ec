"""Registering, repairing and removing kernelspecs; removing environments."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from environment_factory import EnvironmentFactory
from job_support import Bench
from jupyter_core.paths import SYSTEM_JUPYTER_PATH
from test_kernelspecs import ARGUMENTS, only, spec
from wheelhouse import Wheelhouse


async def test_an_interpreter_becomes_a_kernel_and_gets_what_it_lacks(
    bench: Bench,
    environments: EnvironmentFactory,
    wheelhouse: Wheelhouse,
    tmp_path: Path,
) -> None:
    bench.set(wheelhouse.environ)
    python = environments.fresh(tmp_path / "späte $Übung")
    job = await bench.ended(bench.jobs.create({"kind": "register-kernel", "executable": python}))
    assert job.steps == ("Install ipykernel", "Add it to the kernels")
    assert job.result == {
        "kernel_name": "sp-te-bung",
        "display_name": job.result and job.result["display_name"],
    }
    again = await bench.done("register-kernel", executable=python, name="Mine", display_name="Mein Kern")
    assert again == {"kernel_name": "mine", "display_name": "Mein Kern"}
    found = (await bench.machine().describe())["kernelspecs"]
    assert [(each["problem"], each["executable"]) for each in found] == [(None, python)] * 2
    # A dollar of the path stays one when jupyter_client fills in the variables.
    spec_of = bench.manager.get_kernel_spec("mine")
    assert "späte $$Übung" in spec_of.env["PATH"]

    for name in ("a b", "-x", "x" * 200, "../x", ""):
        bench.refused("register-kernel", "invalid-name", executable=python, name=name)
    bench.refused("register-kernel", "invalid-python", executable=str(tmp_path / "gone"))
    system = environments.system(tmp_path / "system")
    bench.refused("register-kernel", "needs-consent", executable=system)


async def test_a_stale_one_is_led_to_a_new_interpreter_and_the_old_is_kept(
    bench: Bench,
    environments: EnvironmentFactory,
    tmp_path: Path,
) -> None:
    python = environments.kept("ipykernel")
    gone = str(tmp_path / "gone" / "python")
    argv = [gone, "-X", "dev", *ARGUMENTS]
    folder = spec(bench.user_kernels, "stale", argv, env={"A": "1"}, metadata={"mine": True})
    before = (folder / "kernel.json").read_text()
    bench.refused("repair-kernel", "needs-executable", kernel_name="stale")
    bench.refused("repair-kernel", "invalid-python", kernel_name="stale", executable=gone)
    bench.refused("repair-kernel", "unknown-kernelspec", kernel_name="another")
    assert await bench.done("repair-kernel", kernel_name="stale", executable=python) == {
        "kernel_name": "stale"
    }
    assert (await only(bench))["problem"] is None
    now = json.loads((folder / "kernel.json").read_text())
    assert now == {**json.loads(before), "argv": [python, "-X", "dev", *ARGUMENTS]}
    assert [each.read_text() for each in folder.glob("kernel.json.*")] == [before]


async def test_a_new_minor_version_in_the_same_environment_is_found(
    bench: Bench,
    environments: EnvironmentFactory,
) -> None:
    python = environments.kept("ipykernel")
    spec(bench.user_kernels, "upgraded", [f"{python}3.1", *ARGUMENTS])
    assert (await only(bench))["problem"] == "stale"
    await bench.done("repair-kernel", kernel_name="upgraded")
    assert ((await only(bench))["problem"], (await only(bench))["executable"]) == (None, python)


async def test_one_without_ipykernel_gets_it(
    bench: Bench,
    environments: EnvironmentFactory,
    wheelhouse: Wheelhouse,
    tmp_path: Path,
) -> None:
    bench.set(wheelhouse.environ)
    folder = spec(bench.user_kernels, "bare", [environments.fresh(tmp_path / "venv"), *ARGUMENTS])
    await bench.done("repair-kernel", kernel_name="bare")
    assert (await only(bench))["problem"] is None
    assert [each.name for each in folder.iterdir()] == ["kernel.json"], "it was right as it was"


async def test_a_bare_python_gets_its_path(bench: Bench) -> None:
    spec(bench.user_kernels, "bare", ["python", *ARGUMENTS])
    await bench.done("repair-kernel", kernel_name="bare")
    found = await only(bench)
    assert (found["problem"], found["argv"][0]) == (None, sys.executable)


@pytest.mark.parametrize("text", ["{", "[]", '{"argv": []}'])
async def test_broken_json_is_written_anew(
    bench: Bench,
    environments: EnvironmentFactory,
    text: str,
) -> None:
    folder = spec(bench.user_kernels, "broken")
    (folder / "kernel.json").write_text(text)
    bench.refused("repair-kernel", "needs-executable", kernel_name="broken")
    await bench.done("repair-kernel", kernel_name="broken", executable=environments.kept("ipykernel"))
    assert (await only(bench))["problem"] is None
    assert [each.read_text() for each in folder.glob("kernel.json.*")] == [text]


async def test_a_repair_that_does_not_help_is_undone(
    bench: Bench,
    environments: EnvironmentFactory,
    wheelhouse: Wheelhouse,
    tmp_path: Path,
) -> None:
    bench.set(wheelhouse.environ)
    python = environments.fresh(tmp_path / "venv", "ipykernel")
    env = {"PYTHONHOME": str(tmp_path / "nowhere")}
    folder = spec(bench.user_kernels, "odd", [str(tmp_path / "gone"), *ARGUMENTS], env=env)
    (folder / "kernel.json").write_text(
        (folder / "kernel.json").read_text().replace(str(tmp_path / "gone"), str(tmp_path / "python"))
    )
    before = (folder / "kernel.json").read_text()
    await bench.failed("repair-kernel", "kernel-still-broken", kernel_name="odd", executable=python)
    assert (folder / "kernel.json").read_text() == before


async def test_removing_takes_only_what_was_meant(bench: Bench) -> None:
    winner, loser = spec(bench.user_kernels, "course"), spec(bench.other_kernels, "course")
    linked = bench.folder / "linked"
    spec(bench.folder, "linked")
    (bench.user_kernels / "link").symlink_to(linked)
    await bench.done("remove-kernel", kernel_name="course", resource_dir=str(loser))
    assert winner.exists()
    assert not loser.exists()
    job = await bench.ended(bench.jobs.create({"kind": "remove-kernel", "kernel_name": "course"}))
    assert job.result == {"kernel_name": "course"}
    assert not winner.exists()
    assert '"display_name": "course"' in bench.log(job), "what it was can be read in the log"
    await bench.done("remove-kernel", kernel_name="link")
    assert (linked / "kernel.json").exists()
    for name in ("course", "", None, "..", "../link"):
        bench.refused("remove-kernel", "unknown-kernelspec", kernel_name=name)
    bench.refused("remove-kernel", "unknown-kernelspec", kernel_name="x", resource_dir=str(bench.root))


async def test_what_belongs_to_the_system_or_a_package_stays(bench: Bench) -> None:
    spec(bench.other_kernels, "python3")
    bench.refused("remove-kernel", "not-removable", kernel_name="python3")
    system = Path(SYSTEM_JUPYTER_PATH[0]) / "kernels"
    assert not bench.registry.is_removable(system / "x")
    bench.manager.kernel_dirs = [*bench.manager.kernel_dirs, str(system)]
    assert not bench.registry.is_removable(system / "x")
    assert not bench.registry.is_removable(bench.root / "x")


async def test_an_environment_goes_with_its_kernels_when_nobody_uses_it(
    bench: Bench,
    environments: EnvironmentFactory,
    wheelhouse: Wheelhouse,
    tmp_path: Path,
) -> None:
    bench.set(wheelhouse.environ)
    made = await bench.done("create-environment", kernel={})
    spec(bench.user_kernels, "another")
    other = environments.fresh(bench.root / "theirs")
    for prefix in (str(Path(other).parent.parent), str(bench.root), str(tmp_path), "mlflow_venv", None, "/"):
        bench.refused("remove-environment", "not-ours", prefix=prefix)
    argv = [made["executable"], "-c", "print(input())"]
    with await asyncio.to_thread(subprocess.Popen, argv, stdin=-1, stdout=-1) as user:
        problem = bench.refused("remove-environment", "environment-in-use", prefix=made["prefix"])
        assert str(user.pid) in problem.message
        user.communicate(b"\n")
    assert await bench.done("remove-environment", prefix=made["prefix"]) == {"prefix": made["prefix"]}
    assert not (bench.root / "mlflow_venv").exists()
    assert [each.name for each in bench.user_kernels.iterdir()] == ["another"]
    assert (bench.root / "theirs").exists()
    bench.refused("remove-environment", "not-ours", prefix=made["prefix"])
    assert (await bench.done("create-environment", kernel={}))["prefix"] == made["prefix"]
