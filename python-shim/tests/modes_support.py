"""A machine whose kernels stay, while what is around them is changed."""

from __future__ import annotations

import contextlib
import json
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from environment_factory import EnvironmentFactory, site_packages, uv
from findings_support import kernelspecs, server
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel, add_kernelspec

TEAM = "http://mlflow.example:5000"
#: As much of it as tells where it logs by itself.
MLFLOW = {
    "mlflow/__init__.py": "__version__ = '3.99.0'\n",
    "mlflow/store/tracking/__init__.py": "DEFAULT = 'sqlite:///mlflow.db'\n",
}
SPEC: dict[str, Any] = {
    "argv": ["-m", "ipykernel_launcher", "-f", "{connection_file}"],
    "display_name": "bare",
    "language": "python",
}


class Machine:
    """A Jupyter server with environments, and a kernel in each that is kept."""

    def __init__(self, folder: Path, environments: EnvironmentFactory) -> None:
        self.folder = folder
        self.environments = environments
        self.other_data = folder / "other data"
        self.jupyter = Jupyter(
            folder / "jupyter",
            config=f"c.JupyterMlflow.servers = [{{'uri': {TEAM!r}, 'name': 'Team'}}]\n",
            # Kernels inherit the variables; those of whoever runs the tests are none of theirs.
            env={"JUPYTER_PATH": str(self.other_data), "VIRTUAL_ENV": "", "PATH": "/bin"},
        )
        self._kernels: dict[str, NotebookKernel] = {}
        # Symbolic links to one interpreter, as venvs are: only their prefixes tell them apart.
        self.bare = environments.fresh(folder / "bare", "ipykernel")
        self.healthy = environments.fresh(folder / "späte Übung", "ipykernel")
        distribution(site_packages(self.healthy), "mlflow", "3.99.0", MLFLOW)
        specs = self.other_data / "kernels" / "bare"
        specs.mkdir(parents=True)
        (specs / "kernel.json").write_text(json.dumps({**SPEC, "argv": [self.bare, *SPEC["argv"]]}))
        add_kernelspec(self.jupyter, "healthy", self.healthy)

    def kernel(self, name: str) -> NotebookKernel:
        """The kernel of a kernelspec, in a folder of its own."""
        if name not in self._kernels:
            self._kernels[name] = NotebookKernel(self.jupyter, f"{name}/notebook.ipynb", kernel=name)
            self._kernels[name].wait_known()
        return self._kernels[name]

    def end(self, name: str) -> None:
        """A kernel that is needed no more."""
        self._kernels.pop(name).close()

    def cwd(self, name: str) -> Path:
        """Where it works."""
        return (self.jupyter.root / self.kernel(name).path).parent

    def known(self, name: str, **more: Any) -> dict[str, Any]:
        """What the page knows of a kernel that has just been asked."""
        return {"report": self.kernel(name).probe(), **more}

    def kernelspecs(self) -> list[dict[str, Any]]:
        """Of the machine."""
        return kernelspecs(self.jupyter.client.get("environments").json())

    def server(self) -> dict[str, Any]:
        """The panel's."""
        listed = self.jupyter.client.get("servers").json()["servers"]
        return server(next(each["id"] for each in listed if each["name"] == "Team"), TEAM)

    @contextlib.contextmanager
    def variables(self, name: str, **values: str) -> Iterator[None]:
        """Variables of a kernel's process, as if it had inherited them."""
        kernel = self.kernel(name)
        assert kernel.run(f"import os; _kept = dict(os.environ); os.environ.update({values!r})").ok
        try:
            yield
        finally:
            assert kernel.run("os.environ.clear(); os.environ.update(_kept)").ok

    def close(self) -> None:
        """End all."""
        for each in self._kernels.values():
            each.close()
        self.jupyter.stop()


@contextlib.contextmanager
def file(path: Path, text: str = "") -> Iterator[Path]:
    """For a while."""
    is_new = not path.parent.exists()
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    try:
        yield path
    finally:
        shutil.rmtree(path.parent) if is_new else path.unlink()


def program(folder: Path, name: str) -> None:
    """Something that can be run."""
    path = folder / name
    if not path.exists():
        path.write_text("#!/bin/sh\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)


def distribution(places: Path, name: str, version: str, files: Mapping[str, str] | None = None) -> list[Path]:
    """Something that looks installed; what to remove to undo it."""
    metadata = places / f"{name.replace('-', '_')}-{version}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    made = [metadata]
    for path, text in (files or {}).items():
        (places / path).parent.mkdir(parents=True, exist_ok=True)
        (places / path).write_text(text)
        made.append(places / Path(path).parts[0])
    return made


def remove(*places: Path) -> None:
    for each in places:
        shutil.rmtree(each, ignore_errors=True)


@contextlib.contextmanager
def installed(python: str, *arguments: str, names: Sequence[str]) -> Iterator[None]:
    """Really installed by uv, without what it needs; `names` are uninstalled afterwards."""
    uv("pip", "install", "--python", python, "--no-deps", *arguments)
    try:
        yield
    finally:
        uv("pip", "uninstall", "--python", python, *names)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, environments: EnvironmentFactory) -> Iterator[Machine]:
    made = Machine(tmp_path_factory.mktemp("modes"), environments)
    try:
        yield made
    finally:
        made.close()
