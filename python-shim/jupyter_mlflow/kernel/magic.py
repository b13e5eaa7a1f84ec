"""Registers `%mlflow` and `%%mlflow`. What they do is loaded at their first use only."""

import base64
import importlib
import importlib.machinery
import json
import os
import sys
import zlib

MAGIC = "mlflow"
#: Of comms by which a page tells what is ticked in a table; src/widgets/ticks.ts has the same.
TICKS = "jupyter-mlflow:ticks"
#: Of the kernel itself: a child that a cell forks has another one.
PROCESS = os.getpid()


def install(shell=None):
    """Offer the magics in this shell; a magic of that name that is not ours stays as it is."""
    shell = shell or _shell()
    if shell is None:
        return
    for kind in ("line", "cell"):
        known = shell.magics_manager.magics[kind].get(MAGIC)
        if known is not None and not getattr(known, "_is_jupyter_mlflow", False):
            return
    shell.register_magic_function(_make(), magic_kind="line_cell", magic_name=MAGIC)
    comms = getattr(getattr(shell, "kernel", None), "comm_manager", None)
    if comms is not None:
        comms.register_target(TICKS, _on_ticks)
    if not getattr(shell, "_jupyter_mlflow_completes", False):
        shell._jupyter_mlflow_completes = True
        for prefix in ("%", "%%"):
            shell.set_hook("complete_command", _complete, str_key=prefix + MAGIC)


def _make():
    def mlflow(line, cell=None):
        """MLflow under the cell that asked: `%mlflow help` shows what there is."""
        __tracebackhide__ = True
        from IPython.core.error import UsageError

        try:
            return second_stage("dispatch").run(_shell(), line, cell)
        except second_stage("problem").Problem as problem:
            said = str(problem)
        raise UsageError(said)

    mlflow._is_jupyter_mlflow = True
    return mlflow


def _on_ticks(comm, message):
    try:
        sys.modules[__name__].second_stage("ticks").opened(comm, message)
    except Exception:
        comm.close()


def _complete(shell, event):
    # Looked up anew: a newer shim may have taken the place of this one.
    try:
        return sys.modules[__name__].second_stage("completion").complete(shell, event)
    except Exception:
        return []


def second_stage(name):
    """A module of `magics`: installed, or of what the Jupyter server sent, compiled when needed."""
    package = sys.modules[__package__]
    if getattr(package, "__later__", None) is not None and not hasattr(package, "__finder__"):
        _Finder.install(package)
    return importlib.import_module(".magics." + name, __package__)


class _Finder:
    """Finds the modules of the second stage in what came with the first."""

    def __init__(self, package):
        self._package, self._later, self._sources = package.__name__, package.__later__, None

    @classmethod
    def install(cls, package):
        """Once for each version of the shim: what a former one has loaded is forgotten."""
        for finder in list(sys.meta_path):
            if type(finder).__name__ == cls.__name__ and type(finder).__module__ == __name__:
                sys.meta_path.remove(finder)
        prefix = package.__name__ + ".magics"
        for name in [name for name in sys.modules if name == prefix or name.startswith(prefix + ".")]:
            del sys.modules[name]
        package.__finder__ = cls(package)
        sys.meta_path.append(package.__finder__)

    def find_spec(self, name, path=None, target=None):
        if not name.startswith(self._package + ".magics"):
            return None
        if self._sources is None:
            packed = zlib.decompress(base64.b64decode(self._later))
            self._sources = dict(json.loads(packed.decode("utf-8")))
        if name[len(self._package) :] not in self._sources:
            return None
        spec = importlib.machinery.ModuleSpec(name, self, origin="<jupyter-mlflow>")
        if name.endswith(".magics"):
            spec.submodule_search_locations = []
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__name__[len(self._package) :]
        code = compile(self._sources[name], "<frozen jupyter-mlflow%s>" % name, "exec")
        exec(code, module.__dict__)  # noqa: S102 - our own text


def _shell():
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None
