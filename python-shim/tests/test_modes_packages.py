"""Ways to miss MLflow that lie in packages: parts of it, other places, what it needs; see test_modes.py."""

from __future__ import annotations

import shutil
import sys
from importlib.metadata import version as version_of
from pathlib import Path

import pytest
from environment_factory import site_packages
from findings_support import findings, ids
from kernel_under_test import add_kernelspec
from modes_support import Machine, distribution, installed, remove


@pytest.mark.parametrize(("name", "severity"), [("mlflow-skinny", "info"), ("mlflow-tracing", "warning")])
def test_13_a_part_of_mlflow(machine: Machine, name: str, severity: str) -> None:
    release = version_of("mlflow")
    with installed(machine.bare, f"{name}=={release}", names=[name]):
        assert ids(machine.known("bare")) == {"skinny": severity}
        with installed(machine.bare, f"mlflow=={release}", names=["mlflow"]):
            assert ids(machine.known("bare")) == {}


def test_16_mlflow_by_a_path_from_elsewhere(machine: Machine) -> None:
    kernel = machine.kernel("bare")
    leak = machine.folder / "leak"
    distribution(leak, "mlflow", "3.2.0", {"mlflow/__init__.py": ""})
    assert kernel.run(f"import sys; sys.path.insert(0, {str(leak)!r})").ok
    own: list[Path] = []
    try:
        with machine.variables("bare", PYTHONPATH=str(leak)):
            assert ids(machine.known("bare")) == {"path-leak": "info"}
            # The environment's own is hidden then.
            own = distribution(site_packages(machine.bare), "mlflow", "3.1.0", {"mlflow/__init__.py": ""})
            assert ids(machine.known("bare")) == {"path-leak": "info", "installed-twice": "warning"}
    finally:
        assert kernel.run(f"sys.path.remove({str(leak)!r})").ok
    with machine.variables("bare", PYTHONPATH=str(leak)):
        assert ids(machine.known("bare")) == {}, "it names a folder that nothing is taken from"
    remove(*own)


def test_16_what_mlflow_needs_at_two_places(machine: Machine) -> None:
    kernel = machine.kernel("bare")
    other = machine.folder / "other-needs"
    distribution(other, "sqlalchemy", "1.4.0", {"sqlalchemy/__init__.py": ""})
    own = distribution(site_packages(machine.bare), "sqlalchemy", "2.0.0", {"sqlalchemy/__init__.py": ""})
    try:
        assert "installed-twice" not in ids(machine.known("bare"))
        assert kernel.run(f"import sys; sys.path.insert(0, {str(other)!r})").ok
        assert ids(machine.known("bare"))["installed-twice"] == "info"
    finally:
        assert kernel.run(f"sys.path.remove({str(other)!r})").ok
        remove(*own)


@pytest.mark.parametrize(
    ("backend", "module", "code"),
    [
        ("hatchling", "hatchling.build", "src/mlflow"),
        ("setuptools", "setuptools.build_meta", "src/under another name"),
    ],
)
def test_16_an_editable_install_is_where_it_belongs(
    machine: Machine, backend: str, module: str, code: str
) -> None:
    """By a path file, as hatchling does it, and by a finder of its own, as setuptools does."""
    kernel = machine.kernel("bare")
    source = machine.folder / f"source of {backend}"
    (source / code).mkdir(parents=True)
    (source / code / "__init__.py").write_text("")
    (source / "pyproject.toml").write_text(
        '[project]\nname = "mlflow"\nversion = "3.1.0"\n'
        f'[build-system]\nrequires = ["{backend}"]\n'
        f'build-backend = "{module}"\n'
        '[tool.hatch.build.targets.wheel]\npackages = ["src/mlflow"]\n'
        f'[tool.setuptools]\npackages = ["mlflow"]\npackage-dir = {{ mlflow = "{code}" }}\n'
    )
    with installed(machine.bare, "--editable", str(source), names=["mlflow"]):
        try:
            # Such files are read when Python starts.
            kernel.restart_known()
            known = machine.known("bare")
            assert known["report"]["facts"]["mlflow"]["spec"] == "module"
            assert ids(known) == {}
            by_finder = list(site_packages(machine.bare).glob("__editable__*finder.py"))
            assert bool(by_finder) == (backend == "setuptools")
            shutil.rmtree(source)
            assert ids(machine.known("bare")) == {"module-gone": "error"}
        finally:
            shutil.rmtree(source, ignore_errors=True)
    kernel.restart_known()
    assert ids(machine.known("bare")) == {"package-missing": "error"}


def test_16_packages_of_the_base_are_where_they_belong(machine: Machine) -> None:
    above = machine.environments.fresh(machine.folder / "above", system_site=True)
    base = machine.environments.system(machine.folder / "base")
    # Of a base that can be changed: the tests' own Python stays as it is.
    (machine.folder / "above" / "pyvenv.cfg").write_text(
        f"home = {Path(base).parent}\ninclude-system-site-packages = true\n"
    )
    python = Path(above)
    python.unlink()
    python.symlink_to(base)
    distribution(site_packages(base), "mlflow", "3.1.0", {"mlflow/__init__.py": ""})
    (site_packages(base) / "ipykernel.pth").write_text(str(site_packages(machine.bare)))
    add_kernelspec(machine.jupyter, "above", above)
    known = machine.known("above")
    facts = known["report"]["facts"]
    assert (facts["prefix"], facts["base_prefix"]) == (
        str(machine.folder / "above"),
        str(machine.folder / "base"),
    )
    assert facts["mlflow"]["origin"].startswith(str(machine.folder / "base"))
    assert ids(known) == {}
    # What is in the user's folder goes before it, in every such environment.
    user = machine.folder / "home" / ".local"
    version = "python{}.{}".format(*sys.version_info[:2])
    distribution(user / "lib" / version / "site-packages", "mlflow", "3.2.0", {"mlflow/__init__.py": ""})
    add_kernelspec(machine.jupyter, "user-site", above, env={"PYTHONUSERBASE": str(user)})
    assert ids(machine.known("user-site")) == {"path-leak": "info", "installed-twice": "info"}


@pytest.mark.parametrize(
    ("mlflow", "package", "bad", "good"),
    [
        ("2.3.2", "sqlalchemy", "2.1.0", "2.0.40"),
        ("2.9.2", "setuptools", "82.0.0", "80.9.0"),
        # Beside an old Flask, which stays.
        ("2.9.2", "werkzeug", "3.0.6", "2.3.8"),
    ],
)
def test_a_dependency_that_has_moved_on(
    machine: Machine, mlflow: str, package: str, bad: str, good: str
) -> None:
    packages = site_packages(machine.bare)
    made = distribution(packages, "mlflow", mlflow, {"mlflow/__init__.py": ""})
    made += distribution(packages, "flask", "2.2.2")
    try:
        one = distribution(packages, package, bad)
        known = machine.known("bare")
        remove(*one)
        two = distribution(packages, package, good)
        twin = machine.known("bare")
        remove(*two)
    finally:
        remove(*made)
    assert list(ids(known)) == ["dependency-conflict"]
    assert package in str(findings(known)[0]["message"]).lower()
    assert ids(twin) == {}


def test_a_newer_flask_brings_a_werkzeug_that_fits(machine: Machine) -> None:
    packages = site_packages(machine.bare)
    made = distribution(packages, "mlflow", "2.9.2", {"mlflow/__init__.py": ""})
    for name, version in (("flask", "3.0.3"), ("werkzeug", "3.0.6")):
        made += distribution(packages, name, version)
    known = machine.known("bare")
    remove(*made)
    assert ids(known) == {}
