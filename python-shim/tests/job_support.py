"""What the tests of jobs have in common: a machine of their own with its parts, and waiting for a job."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_mlflow.server.environments.interpreter_facts import FactsMemory
from jupyter_mlflow.server.environments.kernel_registry import KernelRegistry
from jupyter_mlflow.server.environments.machine import Machine
from jupyter_mlflow.server.environments.made_environments import MadeEnvironments
from jupyter_mlflow.server.jobs.environment_job import EnvironmentMaker
from jupyter_mlflow.server.jobs.environment_removal import EnvironmentRemover
from jupyter_mlflow.server.jobs.import_check import ImportChecker
from jupyter_mlflow.server.jobs.install_job import PackageInstaller
from jupyter_mlflow.server.jobs.jobs import Job, Jobs
from jupyter_mlflow.server.jobs.kernel_target import KernelSaid, Targets
from jupyter_mlflow.server.jobs.kernelspec_jobs import KernelspecJobs
from jupyter_mlflow.server.problems import Problem
from local_support import until

#: A network that is not there, whatever pip and uv of this machine are set to.
NO_NETWORK = {
    "PIP_INDEX_URL": "http://127.0.0.1:1/simple",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_RETRIES": "0",
    "UV_DEFAULT_INDEX": "http://someone:hunter2@127.0.0.1:1/simple",
    "UV_NO_CONFIG": "1",
    "UV_HTTP_RETRIES": "0",
}


@dataclass
class Bench:
    """A Jupyter server's environments and jobs, without the server: its own folders, kernels as they say."""

    folder: Path
    environ: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    #: what kernels say of themselves
    kernels: dict[str, KernelSaid] = field(default_factory=dict)
    #: installed interpreters of this machine
    pythons: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = self.folder / "root"
        self.state_dir = self.folder / "state"
        self.user_kernels = self.folder / "data" / "kernels"
        self.other_kernels = self.folder / "other" / "kernels"
        for each in (self.root, self.state_dir, self.user_kernels, self.other_kernels):
            each.mkdir(parents=True, exist_ok=True)
        self.manager = KernelSpecManager(
            data_dir=str(self.folder / "data"),
            user_kernel_dir=str(self.user_kernels),
            kernel_dirs=[str(self.user_kernels), str(self.other_kernels)],
            ensure_native_kernel=False,
        )
        self.made = MadeEnvironments(self.state_dir)
        self.registry = KernelRegistry(self.manager)
        self.memory = FactsMemory()
        self.jobs = self._jobs()

    def _jobs(self) -> Jobs:
        targets = Targets(self.kernels.get)
        installer = PackageInstaller(self.made, targets, environ=self.environ)
        specs = KernelspecJobs(self.registry, self.made, installer, environ=self.environ)
        maker = EnvironmentMaker(
            self.made,
            root_dir=self.root,
            registry=self.registry,
            environ=self.environ,
            other_pythons=lambda: self.machine().interpreters(),
        )
        return Jobs(
            state_dir=self.state_dir,
            kinds={
                "create-environment": maker.kind,
                "install": installer.kind,
                "register-kernel": specs.register,
                "repair-kernel": specs.repair,
                "remove-kernel": specs.remove,
                "remove-environment": EnvironmentRemover(self.made, self.registry).kind,
                "check-imports": ImportChecker(self.made, targets, environ=self.environ).kind,
            },
        )

    def machine(self) -> Machine:
        """What GET `environments` asks."""
        return Machine(
            root_dir=self.root,
            made=self.made,
            registry=self.registry,
            memory=self.memory,
            environ=self.environ,
            search=lambda environ: self.pythons,
        )

    def set(self, more: Mapping[str, str]) -> None:
        """Change variables of the server."""
        self.environ.update(more)

    def refused(self, kind: str, code: str, /, **body: Any) -> Problem:
        """A request that must be refused with `code`, in whole sentences."""
        with pytest.raises(Problem) as caught:
            self.jobs.create({"kind": kind, **body})
        problem = caught.value
        assert problem.code == code, problem.to_json()
        assert problem.message.endswith((".", "…"))
        assert problem.hint.endswith(".")
        return problem

    async def done(self, kind: str, /, **body: Any) -> dict[str, Any]:
        """Do it, and expect that it succeeds."""
        job = await self.ended(self.jobs.create({"kind": kind, **body}))
        problem = job.problem.to_json() if job.problem else None
        assert job.state == "done", (problem, self.log(job)[-3000:])
        assert job.result is not None
        return job.result

    async def failed(self, kind: str, code: str, /, **body: Any) -> Problem:
        """Do it, and expect the failure `code`, in whole sentences."""
        job = await self.ended(self.jobs.create({"kind": kind, **body}))
        assert job.state == "failed", self.log(job)[-3000:]
        assert job.problem is not None
        assert job.problem.code == code, (job.problem.to_json(), self.log(job)[-3000:])
        assert job.problem.message.endswith((".", "…"))
        assert len(job.problem.message) < 320
        assert job.problem.hint.endswith(".")
        return job.problem

    async def ended(self, job: Job, timeout_s: float = 400) -> Job:
        """Wait for its end."""
        await until(lambda: job.state != "running", timeout_s, "job ended")
        return job

    def log(self, job: Job) -> str:
        """All that it has written."""
        text: str = self.jobs.read_log(job.id, 0)["text"]
        return text
