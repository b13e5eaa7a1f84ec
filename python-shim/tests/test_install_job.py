"""The job "install": into the environment of the kernel, and no other."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from environment_factory import EnvironmentFactory, contents, polluted_environ, site_packages
from job_support import NO_NETWORK, Bench
from jupyter_mlflow.server.environments.interpreter_facts import ask
from jupyter_mlflow.server.jobs.install_failures import install_problem
from jupyter_mlflow.server.jobs.install_job import check_may_install, known_bounds
from jupyter_mlflow.server.jobs.kernel_target import KernelSaid
from jupyter_mlflow.server.problems import Problem
from wheelhouse import Wheelhouse

FIND_UV = "jupyter_mlflow.server.jobs.install_job.find_uv"


def kernel(bench: Bench, python: str, **more: Any) -> dict[str, Any]:
    """A kernel that runs this interpreter, as it says."""
    facts = {"executable": python, "prefix": str(Path(python).parent.parent), "cwd": "/", "path": [], **more}
    bench.kernels["k"] = KernelSaid("local", facts, None)
    return {"kernel_id": "k"}


def same_binary(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


@pytest.fixture
def offline(bench: Bench, wheelhouse: Wheelhouse) -> Bench:
    bench.set(wheelhouse.environ)
    return bench


@pytest.mark.parametrize("tool", ["uv", "own pip", "pip from outside"])
async def test_into_this_environment_and_not_into_its_twin(
    offline: Bench,
    environments: EnvironmentFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
) -> None:
    twin = environments.fresh(tmp_path / "twin")
    python = environments.fresh(tmp_path / "späte Übung", seed=tool == "own pip")
    assert same_binary(python, twin)
    offline.set(polluted_environ(tmp_path))
    if tool != "uv":
        monkeypatch.setattr(FIND_UV, lambda environ: None)
    result = await offline.done("install", **kernel(offline, python), packages=["beta", "mlflow"])
    assert result["executable"] == python
    assert result["installed"] == [
        {"name": "beta", "version": "1.0"},
        {"name": "mlflow", "version": "3.99.0"},
    ]
    assert python in result["commands"][0]
    assert ask(python).mlflow == "3.99.0"
    assert ask(twin).mlflow is None
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("tool", ["uv", "pip"])
async def test_metadata_whose_module_is_gone(
    offline: Bench,
    environments: EnvironmentFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
) -> None:
    python = environments.fresh(tmp_path / "venv", seed=True)
    if tool == "pip":
        monkeypatch.setattr(FIND_UV, lambda environ: None)
    environments.distribution(python, "mlflow", "3.99.0", module=False)
    await offline.done("install", executable=python, packages=["mlflow"])
    assert ask(python).mlflow is None, "the installer believes the metadata"
    await offline.done("install", executable=python, packages=["mlflow"], reinstall=True)
    assert ask(python).mlflow == "3.99.0"


async def test_what_must_be_asked_first(
    offline: Bench, environments: EnvironmentFactory, tmp_path: Path
) -> None:
    system = environments.system(tmp_path / "system")
    problem = offline.refused("install", "needs-consent", executable=system, packages=["alpha"])
    assert (problem.status, problem.to_json()["kind"]) == (409, "system")
    offline.refused("install", "needs-consent", executable=system, packages=["alpha"], consent=["conda-base"])
    offline.refused("install", "needs-consent", executable=system, packages=["alpha"], consent="system")
    await offline.done("install", executable=system, packages=["alpha"], consent=["system"])

    base = environments.system(tmp_path / "base", conda="base")
    problem = offline.refused("install", "needs-consent", executable=base, packages=["alpha"])
    assert problem.to_json()["kind"] == "conda-base"
    await offline.done("install", executable=base, packages=["alpha"], consent=["conda-base"])
    course = environments.system(tmp_path / "course", conda="environment")
    await offline.done("install", executable=course, packages=["alpha"])

    managed = environments.system(tmp_path / "managed", externally_managed=True)
    offline.refused(
        "install", "externally-managed", executable=managed, packages=["alpha"], consent=["system"]
    )
    assert not contents(managed)


async def test_an_environment_that_cannot_be_written(
    offline: Bench, environments: EnvironmentFactory, tmp_path: Path
) -> None:
    python = environments.fresh(tmp_path / "venv")
    packages = site_packages(python)
    if os.geteuid() == 0:
        # Nothing is closed to root: the interpreter is told otherwise.
        (packages / "sitecustomize.py").write_text("import os\nos.access = lambda *_, **__: False\n")
    packages.chmod(0o555)
    try:
        offline.refused("install", "not-writable", executable=python, packages=["alpha"])
    finally:
        packages.chmod(0o755)
    output = "error: Failed to install\n  Caused by: failed to create: Read-only file system (os error 30)\n"
    problem = install_problem("install-failed", output)
    assert (problem.code, problem.message) == (
        "not-writable",
        "The environment cannot be written: Caused by: failed to create: Read-only file system (os "
        "error 30).",
    )


def test_consent_is_for_what_it_names(environments: EnvironmentFactory) -> None:
    facts = ask(environments.kept())
    check_may_install(facts, None)
    for bad in (None, "system", {}, [1]):
        with pytest.raises(Problem):
            check_may_install(replace(facts, prefix=facts.base_prefix), bad)


async def test_a_kernel_is_believed_only_what_its_interpreter_says(
    offline: Bench, environments: EnvironmentFactory, tmp_path: Path
) -> None:
    first, second = environments.fresh(tmp_path / "first"), environments.fresh(tmp_path / "second")
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\necho '{{}}'\n")
    program.chmod(0o755)
    for untrue in (
        {"prefix": str(Path(second).parent.parent)},
        {"executable": "python"},
        {"executable": "bin/python"},
        {"executable": str(tmp_path / "gone")},
        {"executable": str(tmp_path)},
        {"executable": str(program)},
        {"executable": None},
        {"prefix": 3},
    ):
        offline.refused("install", "kernel-untrue", **kernel(offline, first, **untrue), packages=["alpha"])
    offline.refused("install", "kernel-unknown", kernel_id="another", packages=["alpha"])
    offline.kernels["k"] = KernelSaid("local", None, None)
    offline.refused("install", "kernel-unknown", kernel_id="k", packages=["alpha"])
    offline.kernels["k"] = KernelSaid("gateway", {"executable": first, "prefix": str(tmp_path)}, None)
    offline.refused("install", "kernel-remote", kernel_id="k", packages=["alpha"])
    for python in ("python", str(tmp_path / "gone"), None, 3):
        offline.refused("install", "invalid-python", executable=python, packages=["alpha"])
    for packages in (None, [], ["--pre"], ["./x"]):
        offline.refused("install", "invalid-package", executable=first, packages=packages)
    assert not list(site_packages(first).glob("alpha*"))


@pytest.mark.parametrize("tool", ["uv", "pip"])
async def test_without_a_network_the_environment_stays_as_it_was(
    bench: Bench,
    environments: EnvironmentFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
) -> None:
    python = environments.fresh(tmp_path / "venv", seed=True)
    bench.set({**NO_NETWORK, "UV_CACHE_DIR": str(tmp_path / "cache")})
    if tool == "pip":
        monkeypatch.setattr(FIND_UV, lambda environ: None)
    before = contents(python)
    problem = await bench.failed("install", "no-registry", executable=python, packages=["mlflow"])
    assert "hunter2" not in str(problem.to_json())
    assert contents(python) == before


async def test_pip_s_own_index_serves_where_uv_has_none(
    offline: Bench, environments: EnvironmentFactory, tmp_path: Path
) -> None:
    python = environments.fresh(tmp_path / "venv", seed=True)
    uv_has_none = {key: value for key, value in NO_NETWORK.items() if key.startswith("UV_")}
    offline.set({**uv_has_none, "UV_FIND_LINKS": "", "UV_CACHE_DIR": str(tmp_path / "cache")})
    offline.environ.pop("UV_NO_INDEX")
    result = await offline.done("install", executable=python, packages=["alpha<2"])
    assert result["installed"] == [{"name": "alpha", "version": "1.0"}]
    created = await offline.done("create-environment", kernel={})
    assert created["mlflow"] == "3.99.0"
    assert all(" -m " in command for command in created["commands"])


async def test_an_old_mlflow_brings_its_limits(offline: Bench) -> None:
    assert "sqlalchemy<2.1" in known_bounds(["pandas", "mlflow==2.3.2"])
    assert known_bounds(["mlflow==3.8.1"]) == ("sqlalchemy<2.1",)
    assert (
        known_bounds(["mlflow==3.9.0"])
        == known_bounds(["mlflow"])
        == known_bounds(["mlflow-skinny==2.3"])
        == ()
    )
    offline.refused("install", "invalid-version", executable=sys.executable, packages=["mlflow==1.30"])
