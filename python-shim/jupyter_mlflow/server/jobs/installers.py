"""Commands that make environments and install packages: uv where it is found, else venv and pip."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..environments.environments import environment_python
from ..local.server_process import interpreter_environ
from .install_failures import install_problem, no_venv
from .jobs import Job

#: Settings of pip and uv that would lead packages to another place than the one that is meant.
_MISLEADING = (
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_USER",
    "PIP_PYTHON",
    "PIP_BREAK_SYSTEM_PACKAGES",
    "PIP_DRY_RUN",
    "PIP_REPORT",
    "UV_SYSTEM_PYTHON",
    "UV_BREAK_SYSTEM_PACKAGES",
    "UV_PYTHON",
    "UV_PROJECT_ENVIRONMENT",
    "UV_VENV_SEED",
    "UV_VENV_CLEAR",
    "CONDA_PREFIX",
)


class Installation:
    """The commands of one job on one environment, and what people can type to do the same."""

    def __init__(self, job: Job, *, environ: Mapping[str, str], python: str) -> None:
        """:param python: the interpreter whose folder stands first on PATH"""
        self.job = job
        self.env = install_environ(environ, python)
        #: those that changed something, as they can be typed
        self.commands: list[str] = []

    def run(self, argv: Sequence[str], code: str, *, cwd: Path | None = None) -> None:
        """Run a command of the installation, its output in the log.

        :raises Problem: what its output means; `code` is what it was about
        """
        self.commands.append(shown(argv))
        exit_code, output = self.job.run(argv, env=self.env, cwd=cwd)
        if exit_code != 0:
            raise install_problem(code, output)

    def try_run(self, argv: Sequence[str]) -> bool:
        """Whether a command that changes nothing succeeds."""
        return self.job.run(argv, env=self.env)[0] == 0

    def pip_has_index(self, python: str) -> bool:
        """Whether pip is set to an index of its own, which uv does not read of it."""
        named = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS")
        return any(self.env.get(name) for name in named) or self.try_run(
            [python, "-I", "-m", "pip", "config", "get", "global.index-url"]
        )

    def make_venv(self, python: str, folder: Path) -> list[str]:
        """Make the environment without uv.

        :return: the command with which pip installs into it
        :raises Problem: `no-venv`
        """
        target = str(environment_python(folder))
        if self.try_run([python, "-I", "-c", "import ensurepip, venv"]):
            self.run([python, "-I", "-m", "venv", str(folder)], "no-venv")
            return pip_command([target, "-I", "-m", "pip"])
        # Debian and Ubuntu keep ensurepip in a package of its own; a pip of 22.3 or later can serve from
        # outside, Jupyter's own if this Python has none.
        self.run([python, "-I", "-m", "venv", "--without-pip", str(folder)], "no-venv")
        for outside in dict.fromkeys((python, sys.executable)):
            pip = [outside, "-m", "pip", "--python", target]
            if self.try_run([*pip, "--version"]):
                return pip_command(pip)
        raise no_venv()


def pip_command(pip: Sequence[str]) -> list[str]:
    """The command that installs with this pip."""
    return [*pip, "install", "--no-input", "--disable-pip-version-check"]


def install_environ(environ: Mapping[str, str], python: str) -> dict[str, str]:
    """Ours, with the person's proxies, certificates and indexes; nothing leads packages elsewhere."""
    env = interpreter_environ(python, environ)
    for name in _MISLEADING:
        env.pop(name, None)
    return {
        **env,
        "PIP_NO_INPUT": "1",
        # pip reads these of its files, too; variables win over them.
        "PIP_USER": "0",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "NO_COLOR": "1",
        "UV_NO_PROGRESS": "1",
    }


def shown(argv: Sequence[str]) -> str:
    """A command as a person can type it."""
    return subprocess.list2cmdline(argv) if os.name == "nt" else shlex.join(argv)
