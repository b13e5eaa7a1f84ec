"""All kinds of jobs, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..environments.kernel_registry import KernelRegistry
from ..environments.machine import Machine
from ..environments.made_environments import MadeEnvironments
from ..kernels.kernel_record import KernelRecord
from ..kernels.kernels import Kernels
from ..problems import Problem
from .environment_job import EnvironmentMaker
from .environment_removal import EnvironmentRemover
from .import_check import ImportChecker
from .install_job import PackageInstaller
from .jobs import Kind
from .kernel_target import KernelSaid, KernelTarget, Targets
from .kernelspec_jobs import KernelspecJobs


def job_kinds(
    *,
    root_dir: Path,
    made: MadeEnvironments,
    registry: KernelRegistry,
    machine: Machine,
    kernels: Callable[[], Kernels | None],
) -> Mapping[str, Kind]:
    """What `POST jobs` can begin: its `kind` → who does it.

    :param kernels: those of this Jupyter server, once it follows them
    """

    def said_by(id: str) -> KernelSaid | None:
        following = kernels()
        try:
            return _said(following.get(id)) if following is not None else None
        except Problem:
            return None

    targets = Targets(said_by)

    def import_tried(id: str, target: KernelTarget, result: Mapping[str, Any]) -> None:
        following = kernels()
        if following is not None:
            following.import_tried(id, target.said, target.generation, result)

    def packages_changed(prefix: str) -> None:
        following = kernels()
        if following is not None:
            following.packages_changed(prefix)

    installer = PackageInstaller(made, targets, told=packages_changed)
    specs = KernelspecJobs(registry, made, installer)
    maker = EnvironmentMaker(made, root_dir=root_dir, registry=registry, other_pythons=machine.interpreters)
    return {
        "create-environment": maker.kind,
        "install": installer.kind,
        "register-kernel": specs.register,
        "repair-kernel": specs.repair,
        "remove-kernel": specs.remove,
        "remove-environment": EnvironmentRemover(made, registry).kind,
        "check-imports": ImportChecker(made, targets, told=import_tried).kind,
    }


def _said(record: KernelRecord) -> KernelSaid:
    """What is known of a followed kernel."""
    pid = getattr(getattr(record.manager, "provisioner", None), "pid", None)
    return KernelSaid(
        record.reach, record.facts, pid if isinstance(pid, int) else None, record.imports.generation
    )
