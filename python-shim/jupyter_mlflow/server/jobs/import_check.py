"""The job "check-imports": whether a module can be imported as a kernel would, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..environments.made_environments import MadeEnvironments
from ..local.server_process import interpreter_environ
from ..problems import Problem
from .jobs import Job, Work
from .kernel_target import KernelTarget, Targets

IMPORT = "Import it"
#: The first import after an installation compiles; on a network home it can take minutes.
TIMEOUT_S = 300.0
_MODULE = re.compile(r"^[^\W\d]\w*(\.[^\W\d]\w*)*$")

#: Tells where an import fails: the module that it names, or else the one that was running.
_SCRIPT = """
import json, sys, time
token, module, path = sys.argv[1:]
sys.argv[1:] = []
if json.loads(path):
    sys.path[:] = json.loads(path)
began, failure = time.perf_counter(), None
try:
    __import__(module)
except BaseException as error:
    import traceback
    traceback.print_exc()
    name = getattr(error, "name", None) if isinstance(error, ImportError) else None
    last = error.__traceback__
    while last is not None:
        if name is None and last.tb_next is None:
            name = last.tb_frame.f_globals.get("__name__")
        last = last.tb_next
    failure = {"type": type(error).__name__, "message": str(error)[:1000],
               "module": str(name) if name and name != "__main__" else None}
result = {"ok": failure is None, "seconds": round(time.perf_counter() - began, 3), "error": failure}
sys.stderr.flush()
sys.stdout.write("\\n" + token + json.dumps(result) + "\\n")
sys.stdout.flush()
"""


#: Hears of a check of MLflow itself: the kernel's id, the kernel as it was then, what was found.
Told = Callable[[str, KernelTarget, Mapping[str, Any]], None]


class ImportChecker:
    """Imports with a kernel's interpreter, folder, path and variables."""

    def __init__(
        self,
        made: MadeEnvironments,
        targets: Targets,
        *,
        environ: Mapping[str, str] = os.environ,
        told: Told | None = None,
    ) -> None:
        """:param told: called in the job's thread"""
        self._made = made
        self._targets = targets
        self._environ = environ
        self._told = told

    def kind(self, body: Mapping[str, Any]) -> tuple[tuple[str, ...], Work]:
        """Read `{kernel_id, module?, background?}` and take the environment's lock.

        In the background the lock is looked at only: nobody has asked for it, and an installation may begin
        meanwhile, which makes the result void.

        :raises Problem: `invalid-module`; see `Targets.kernel`; `environment-busy` (409)
        """
        module = body.get("module", "mlflow")
        if not isinstance(module, str) or len(module) > 200 or not _MODULE.fullmatch(module):
            raise Problem(
                "invalid-module", "This is not the name of a module.", "Write it as in an import statement."
            )
        target = self._targets.kernel(body.get("kernel_id"))
        lock = self._made.lock(target.interpreter.prefix)
        if body.get("background") is True:
            lock.release()

        def work(job: Job) -> dict[str, Any]:
            try:
                job.begin(IMPORT)
                result = try_import(job, target, module, self._environ)
            finally:
                lock.release()
            if module == "mlflow" and self._told is not None:
                self._told(body["kernel_id"], target, result)
            return result

        return (IMPORT,), work


def try_import(job: Job, target: KernelTarget, module: str, environ: Mapping[str, str]) -> dict[str, Any]:
    """`{ok, seconds, error: {type, message, module}}` of an import as this kernel would do it.

    :param environ: ours, where the kernel's own variables cannot be read
    """
    executable = target.interpreter.executable
    env = dict(target.env) if target.env is not None else interpreter_environ(executable, environ)
    # An interactive interpreter would wait for more.
    env.pop("PYTHONINSPECT", None)
    env["PYTHONIOENCODING"] = "utf-8"
    token = f"result-{secrets.token_hex(8)}: "
    argv = [executable, "-c", _SCRIPT, token, module, json.dumps(target.path)]
    cwd = Path(target.cwd) if target.cwd is not None else None
    code, output = job.run(argv, env=env, cwd=cwd, timeout_s=TIMEOUT_S)
    for line in reversed(output.splitlines()):
        if line.startswith(token):
            with contextlib.suppress(ValueError):
                result: dict[str, Any] = json.loads(line.removeprefix(token))
                return result
    message = f"The interpreter ended with exit code {code} before it was done."
    return {"ok": False, "seconds": None, "error": {"type": "Crash", "message": message, "module": None}}
