"""Tags on every run that a cell starts: which execution, cell, kernel, notebook and commit made it.

Through MLflow's registry of run context providers, so without a request of ours. The registry's name is
private in every
version of MLflow; where it is not there, runs simply carry no tags of ours.
"""

import os
import subprocess
import sys

REGISTRY = "mlflow.tracking.context.registry"
GIT_TIMEOUT_S = 1.0

#: `user`, `kernel_id`, `notebook_id`, `notebook_path`, `run_tags`: what the Jupyter server says of this
#: kernel.
context = {}
#: Called before a run is created through MLflow, and with its id and tracking URI once it is there.
before_run = []
after_run = []
#: The last execution and what git said in it: a cell that starts a thousand runs asks once.
_asked = [None, {}]


def tags():
    """The tags of a run that is started now; empty outside of a cell."""
    shell = sys.modules["IPython"].get_ipython()
    kernel = getattr(shell, "kernel", None)
    parent = kernel.get_parent("shell") if kernel is not None else None
    if not parent or parent["content"].get("silent") or parent["header"]["msg_type"] != "execute_request":
        return {}
    execution = parent["header"]["msg_id"]
    path = context.get("notebook_path") or os.environ.get("JPY_SESSION_NAME")
    found = {
        "jupyter.execution_id": execution,
        "jupyter.cell_id": parent.get("metadata", {}).get("cellId"),
        "jupyter.kernel_id": context.get("kernel_id"),
        "jupyter.user": context.get("user"),
        "jupyter.notebook_id": context.get("notebook_id"),
        "jupyter.notebook_path": path,
    }
    if path and path.endswith(".ipynb"):
        found.update({"mlflow.source.name": path, "mlflow.source.type": "NOTEBOOK"})
    found.update(_git(execution))
    return {name: str(value) for name, value in found.items() if value}


def _git(execution):
    if _asked[0] != execution:
        _asked[:] = [execution, ask_git()]
    return _asked[1]


def ask_git(folder=None, options=()):
    """Commit and state of a folder (by default where this process works), by one command; nothing without
    git, or with a slow one. `options` are git's own."""
    command = ["git", *options, "status", "--porcelain=v2", "--branch", "--untracked-files=no"]
    try:
        answer = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=GIT_TIMEOUT_S,
            env=dict(os.environ, GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0"),
            check=True,
        ).stdout.decode("utf-8", "replace")
    except Exception:
        return {}
    lines = answer.splitlines()
    commit = next((line.split()[-1] for line in lines if line.startswith("# branch.oid ")), "")
    if not commit or commit == "(initial)":
        return {}
    dirty = any(line and not line.startswith("#") for line in lines)
    return {
        "jupyter.git.commit": commit,
        "jupyter.git.dirty": "true" if dirty else "false",
        "mlflow.source.git.commit": commit,
    }


def install():
    """Register with MLflow, now if it is imported, otherwise the moment it is."""
    loaded = sys.modules.get(REGISTRY)
    if loaded is not None:
        _register(loaded)
    for finder in list(sys.meta_path):
        if type(finder).__name__ == _Finder.__name__ and type(finder).__module__ == __name__:
            sys.meta_path.remove(finder)
    sys.meta_path.insert(0, _Finder())


def _register(registry):
    try:
        providers = registry._run_context_provider_registry
        known = [type(each).__name__ for each in providers]
        if "JupyterMlflowRunContext" not in known:
            from mlflow.tracking.context.abstract_context import RunContextProvider

            providers.register(_provider(RunContextProvider))
    except Exception:  # MLflow works without us
        pass


def _provider(base):
    class JupyterMlflowRunContext(base):
        def in_context(self):
            return bool(context.get("run_tags", True))

        def tags(self):
            # Looked up anew: a newer shim may have taken the place of this one.
            try:
                current = sys.modules[__name__]
                for each in current.before_run:
                    each()
                return current.tags()
            except Exception:
                return {}

    return JupyterMlflowRunContext


class _Finder:
    """Lets the real finders find MLflow's registry, and registers once it is loaded."""

    def find_spec(self, name, path=None, target=None):
        if name != REGISTRY:
            return None
        for finder in list(sys.meta_path):
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    if hasattr(spec.loader, "exec_module"):
                        spec.loader = _Loader(spec.loader)
                    return spec
        return None


class _Loader:
    def __init__(self, real):
        self._real = real

    def create_module(self, spec):
        return self._real.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._real
        self._real.exec_module(module)
        _register(module)
