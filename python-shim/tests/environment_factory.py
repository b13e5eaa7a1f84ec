"""Real environments for tests, made by uv from its cache.

Those that a test only looks at are made once and kept below `.work/` between runs; those that it changes are
its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from jupyter_mlflow.server.environments.environments import environment_python, find_uv
from jupyter_mlflow.server.environments.interpreter_search import pythons_of_machine
from jupyter_mlflow.server.processes.leases import FileLock
from processes_under_test import wait_until

KEPT = Path(__file__).resolve().parent.parent.parent / ".work" / "environments"
#: Counts up when old ones must not be used any more.
FORM = 1


class EnvironmentFactory:
    """Makes virtual environments of the tests' own Python."""

    def __init__(self, kept: Path = KEPT, *, python: str = sys.executable) -> None:
        """:param kept: where those that nobody changes stay"""
        self._kept = kept
        self._python = python

    def kept(self, *packages: str, system_site: bool = False, seed: bool = False) -> str:
        """The interpreter of an environment with these packages, to look at only."""
        other = [] if self._python == sys.executable else [self._python]
        recipe = json.dumps([FORM, sys.version, sorted(packages), system_site, seed, *other])
        folder = self._kept / hashlib.sha256(recipe.encode()).hexdigest()[:12]
        done = folder / ".done"
        if not done.exists():
            self._kept.mkdir(parents=True, exist_ok=True)
            with _alone(folder.with_suffix(".lock")):
                if not done.exists():
                    shutil.rmtree(folder, ignore_errors=True)
                    self.fresh(folder, *packages, system_site=system_site, seed=seed)
                    done.write_text(recipe)
        return str(environment_python(folder))

    def fresh(
        self, folder: Path, *packages: str, system_site: bool = False, seed: bool = False, python: str = ""
    ) -> str:
        """A new environment in `folder`, for a test that changes it; its interpreter."""
        options = [*(["--system-site-packages"] if system_site else []), *(["--seed"] if seed else [])]
        uv("venv", *options, "--python", python or self._python, str(folder))
        made = str(environment_python(folder))
        if packages:
            uv("pip", "install", "--python", made, *packages)
        return made

    def beside(self, requirements: Path) -> Path:
        """A folder with packages that a test puts on PYTHONPATH, beside those of the tests' environment."""
        recipe = json.dumps([FORM, sys.version, requirements.read_text()])
        folder = self._kept / f"{requirements.stem}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
        if not folder.exists():
            self._kept.mkdir(parents=True, exist_ok=True)
            with _alone(folder.with_suffix(".lock")):
                if not folder.exists():
                    half = folder.with_suffix(".half")
                    shutil.rmtree(half, ignore_errors=True)
                    words = ("--python", self._python, "--no-deps", "--target", str(half))
                    uv("pip", "install", *words, "-r", str(requirements))
                    half.rename(folder)
        return folder

    def system(self, folder: Path, *, externally_managed: bool = False, conda: str = "") -> str:
        """A Python that is no virtual environment, but the tests' own: its library is that of the real one.

        :param externally_managed: with the mark of PEP 668
        :param conda: "base" or "environment": laid out as conda does
        """
        base, name = Path(sys.base_prefix), "python{}.{}".format(*sys.version_info[:2])
        (folder / "bin").mkdir(parents=True)
        shutil.copy2(os.path.realpath(sys.executable), folder / "bin" / "python")
        library = folder / "lib" / name
        (library / "site-packages").mkdir(parents=True)
        for real, linked in ((base / "lib", folder / "lib"), (base / "lib" / name, library)):
            for entry in real.iterdir():
                if not (linked / entry.name).exists() and entry.name != "EXTERNALLY-MANAGED":
                    (linked / entry.name).symlink_to(entry)
        if externally_managed:
            (library / "EXTERNALLY-MANAGED").write_text("[externally-managed]\nError=Not here.\n")
        for each in {"base": ("conda-meta", "condabin"), "environment": ("conda-meta",)}.get(conda, ()):
            (folder / each).mkdir()
        return str(folder / "bin" / "python")

    def distribution(self, python: str, name: str, version: str, *, module: bool = True) -> None:
        """Something that looks installed; without `module`, only its metadata are left."""
        packages = site_packages(python)
        metadata = packages / f"{name.replace('-', '_')}-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (metadata / "RECORD").write_text("")
        if module:
            folder = packages / name.replace("-", "_")
            folder.mkdir()
            (folder / "__init__.py").write_text(f"__version__ = {version!r}\n")


def oldest_python(least: tuple[int, int] = (3, 8)) -> str:
    """The oldest Python of this machine that is `least` or newer; at worst the one that runs the tests."""
    found = {(sys.version_info[0], sys.version_info[1]): sys.executable}
    for python in pythons_of_machine(os.environ):
        ask = [python, "-c", "import sys; print(*sys.version_info[:2])"]
        with contextlib.suppress(OSError, ValueError, subprocess.SubprocessError):
            told = subprocess.run(ask, capture_output=True, text=True, timeout=30, check=True).stdout
            major, minor = map(int, told.split())
            found.setdefault((major, minor), python)
    return found[min(version for version in found if version >= least)]


def site_packages(python: str) -> Path:
    """Where packages of an environment lie."""
    prefix = Path(python).parent.parent
    return next(prefix.glob("lib/python3*/site-packages"), prefix / "Lib" / "site-packages")


def contents(python: str) -> list[str]:
    """What lies there, but for what Python compiled of it when something was imported."""
    return sorted(entry.name for entry in site_packages(python).iterdir() if entry.name != "__pycache__")


def polluted_environ(folder: Path) -> Mapping[str, str]:
    """Variables that lead careless programs to `folder` and not to the environment that is meant."""
    leak = folder / "leak"
    leak.mkdir(exist_ok=True)
    (leak / "mlflow.py").write_text("raise RuntimeError('a leak was imported')\n")
    return {
        "VIRTUAL_ENV": str(folder / "another"),
        "CONDA_PREFIX": str(folder / "conda"),
        "PYTHONPATH": str(leak),
        "PYTHONHOME": "",
        "PIP_TARGET": str(folder / "target"),
        "PIP_USER": "1",
        "PIP_REQUIRE_VIRTUALENV": "1",
        "UV_PYTHON": str(folder / "no-python"),
        "UV_SYSTEM_PYTHON": "1",
    }


def uv(*words: str) -> None:
    """Run it, as a person would."""
    found = find_uv()
    assert found is not None, "uv must be installed for the tests"
    done = subprocess.run(
        [*found, *words],
        env={**os.environ, "UV_NO_PROGRESS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Other test processes wait."""
    lock = FileLock(path)
    wait_until(lock.acquire, f"{path.name} is free")
    try:
        yield
    finally:
        lock.release()
