"""The job "remove-environment": only one that a job has made, and that nobody uses now."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from ..environments.kernel_registry import KernelRegistry
from ..environments.kernelspecs import read_kernelspec
from ..environments.made_environments import MadeEnvironments
from ..problems import Problem
from .jobs import Job, Work

KERNELS, REMOVE = "Remove its kernels", "Remove the environment"


class EnvironmentRemover:
    """Takes environments away, with the kernelspecs that start them."""

    def __init__(self, made: MadeEnvironments, registry: KernelRegistry) -> None:
        self._made = made
        self._registry = registry

    def kind(self, body: Mapping[str, Any]) -> tuple[tuple[str, ...], Work]:
        """Read `{prefix}` and take the environment's lock.

        :raises Problem: `not-ours` (409), `environment-busy` (409), `environment-in-use` (409)
        """
        prefix = body.get("prefix")
        if not isinstance(prefix, str) or not os.path.isabs(prefix) or not self._made.is_ready(Path(prefix)):
            raise Problem(
                "not-ours",
                "Only environments that were made here can be removed here.",
                "Remove its folder in a terminal if you are sure.",
                status=409,
            )
        folder = Path(prefix)
        lock = self._made.lock(folder)
        try:
            _check_unused(folder)
        except BaseException:
            lock.release()
            raise

        def work(job: Job) -> dict[str, Any]:
            try:
                job.begin(KERNELS)
                for spec in self._kernelspecs(folder):
                    job.log.write(f"removing the kernelspec {spec}")
                    self._registry.remove(spec)
                job.begin(REMOVE)
                self._made.remove(folder)
                return {"prefix": str(folder)}
            finally:
                lock.release()

        return (KERNELS, REMOVE), work

    def _kernelspecs(self, folder: Path) -> list[Path]:
        found = []
        for parent in self._registry.folders:
            for entry in sorted(parent.iterdir()) if parent.is_dir() else ():
                executable = read_kernelspec(entry).executable({})
                if executable is not None and _is_in(executable, folder):
                    found += [entry] if self._registry.is_removable(entry) else []
        return found


def _check_unused(folder: Path) -> None:
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if words and _is_in(words[0], folder):
            raise Problem(
                "environment-in-use",
                f"A program of this environment runs: {Path(words[0]).name} (process {process.pid}).",
                "Shut its kernels, servers and terminals down first.",
                status=409,
            )
    if _is_in(sys.executable, folder):
        raise Problem(
            "environment-in-use", "Jupyter itself runs in this environment.", "Keep it.", status=409
        )


def _is_in(path: str, folder: Path) -> bool:
    """Whether the file lies in the folder. An interpreter there is a link to its base: not followed."""
    parent = Path(os.path.normcase(os.path.realpath(os.path.dirname(path))))
    return os.path.isabs(path) and parent.is_relative_to(os.path.normcase(os.path.realpath(folder)))
