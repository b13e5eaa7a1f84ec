"""The job "install": packages into the environment of a kernel, by that environment's own interpreter."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..environments.environments import find_uv
from ..environments.interpreter_facts import InterpreterFacts
from ..environments.made_environments import MadeEnvironments
from ..environments.mlflow_releases import recipe
from ..environments.package_names import names_of, read_packages
from ..problems import Problem
from .install_failures import externally_managed
from .installers import Installation, pip_command
from .jobs import Job, Work
from .kernel_target import Targets

INSTALL, CHECK = "Install", "Look what is there now"

#: The versions of the distributions that are named, without importing any.
_VERSIONS = """
import json, sys
from importlib import metadata
found = {}
for name in sys.argv[2:]:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        found[name] = None
print(sys.argv[1] + json.dumps(found))
"""


class PackageInstaller:
    """Installs into environments that exist."""

    def __init__(
        self,
        made: MadeEnvironments,
        targets: Targets,
        *,
        environ: Mapping[str, str] = os.environ,
        told: Callable[[str], None] = lambda prefix: None,
    ) -> None:
        """:param told: hears of which prefix packages are others now; called in the job's thread"""
        self._made = made
        self._targets = targets
        self._environ = environ
        self._told = told

    def kind(self, body: Mapping[str, Any]) -> tuple[tuple[str, ...], Work]:
        """Read `{kernel_id? | executable?, packages, consent?, reinstall?}` and take the environment's lock.

        :raises Problem: `invalid-package`; see `Targets`, `check_may_install`; `environment-busy` (409)
        """
        packages = read_packages(body.get("packages"))
        if not packages:
            raise Problem("invalid-package", "No package is named.", "Name one, such as mlflow.")
        bounds = known_bounds(packages)
        facts = self._targets.interpreter(body)
        check_may_install(facts, body.get("consent"))
        lock = self._made.lock(facts.prefix)

        def work(job: Job) -> dict[str, Any]:
            try:
                job.begin(INSTALL)
                todo = self.install(job, facts, [*packages, *bounds], reinstall=body.get("reinstall") is True)
                job.begin(CHECK)
                return {
                    "executable": facts.executable,
                    "installed": self._installed(job, facts, packages),
                    "commands": todo.commands,
                }
            finally:
                lock.release()
                # Cancelled or failed, some packages may be others by now.
                self._told(facts.prefix)

        return (INSTALL, CHECK), work

    def install(
        self, job: Job, facts: InterpreterFacts, packages: Sequence[str], *, reinstall: bool = False
    ) -> Installation:
        """Install; to be called with the environment's lock held.

        :param reinstall: also what its metadata say is there
        :raises Problem: what uv or pip says
        """
        todo = Installation(job, environ=self._environ, python=facts.executable)
        uv = None if facts.conda else find_uv(self._environ)
        if uv is not None:
            again = [word for name in names_of(packages) for word in ("--reinstall-package", name)]
            command = [*uv, "pip", "install", "--python", facts.executable, *(again if reinstall else [])]
            try:
                todo.run([*command, *packages], "install-failed")
                return todo
            except Problem as problem:
                if problem.code != "no-registry" or not (facts.pip and todo.pip_has_index(facts.executable)):
                    raise
                job.log.write("uv does not reach the package index; trying with pip, which has settings")
        pip = pip_command(self._pip(todo, facts))
        if reinstall:
            todo.run([*pip, "--force-reinstall", "--no-deps", *packages], "install-failed")
        todo.run([*pip, *packages], "install-failed")
        return todo

    def _pip(self, todo: Installation, facts: InterpreterFacts) -> list[str]:
        if facts.pip:
            return [facts.executable, "-I", "-m", "pip"]
        # A pip of 22.3 or later serves other environments, too.
        outside = [sys.executable, "-m", "pip", "--python", facts.executable]
        if not todo.try_run([*outside, "--version"]):
            raise Problem(
                "no-pip",
                "Neither this environment nor Jupyter has a pip that could install into it.",
                "Install uv beside Jupyter (pip install uv), or create a new environment.",
            )
        return outside

    def _installed(self, job: Job, facts: InterpreterFacts, packages: Sequence[str]) -> list[dict[str, str]]:
        names = [canonicalize_name(name) for name in names_of(packages)]
        argv = [facts.executable, "-I", "-c", _VERSIONS, "versions: ", *names]
        _, output = job.run(argv, env=Installation(job, environ=self._environ, python=facts.executable).env)
        told: dict[str, str | None] = {}
        for line in output.splitlines():
            if line.startswith("versions: "):
                told = json.loads(line.removeprefix("versions: "))
        for requirement in map(Requirement, packages):
            # One that is not for this Python or system is rightly not there.
            if requirement.marker is None and told.get(canonicalize_name(requirement.name)) is None:
                raise Problem(
                    "install-failed",
                    f"{requirement.name} was installed, but this environment does not find it.",
                    "Create a new environment instead; the log tells more.",
                )
        return [{"name": name, "version": version} for name, version in told.items() if version]


def check_may_install(facts: InterpreterFacts, consent: Any) -> None:
    """Whether packages may be installed into this environment.

    :param consent: what the person has agreed to: "system", "conda-base"
    :raises Problem: `externally-managed` (409), `not-writable` (409), `needs-consent` (409, with `kind`)
    """
    agreed = consent if isinstance(consent, list) else []
    if facts.externally_managed:
        raise externally_managed()
    if not facts.writable:
        # pip would quietly install for the user instead, for all Pythons of this version.
        raise Problem(
            "not-writable",
            "You may not install into the environment of this kernel.",
            "Create an environment of your own instead.",
            status=409,
        )
    if facts.conda_base and "conda-base" not in agreed:
        raise _needs_consent("conda-base", "This is conda's base environment, which conda itself runs in.")
    if not facts.is_virtual and not facts.conda and "system" not in agreed:
        raise _needs_consent("system", "This Python is shared by everything on this machine that uses it.")


def known_bounds(packages: Sequence[str]) -> tuple[str, ...]:
    """What an old MLflow among them needs beside it.

    :raises Problem: `invalid-version`
    """
    for requirement in map(Requirement, packages):
        if canonicalize_name(requirement.name) == "mlflow" and requirement.specifier:
            return recipe(str(requirement.specifier)).bounds
    return ()


def _needs_consent(kind: str, message: str) -> Problem:
    return Problem(
        "needs-consent",
        message,
        "Create an environment of your own, or say that you want to install here.",
        status=409,
        kind=kind,
    )
