"""MLflow inside the notebook: the Python side of the JupyterLab extension.

Importing this package imports nothing of the server: kernels import it too.
"""

from __future__ import annotations

import sys
from typing import Any

#: What the Jupyter server's extension makes of `kernel/` in the kernels that it reaches.
_SENT = "_jupyter_mlflow_shim"


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-mlflow"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .server.extension import JupyterMlflow

    return [{"module": "jupyter_mlflow", "app": JupyterMlflow}]


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext jupyter_mlflow`: the magics, and the tags of runs, where no Jupyter server sends them."""
    sent = sys.modules.get(f"{_SENT}.magic")
    if sent is not None:
        # It knows the notebook and the tracking servers, which this package does not.
        sent.install(shell)
        return
    from .kernel import headless, magic, run_tags

    run_tags.install()  # type: ignore[no-untyped-call]
    magic.install(shell)  # type: ignore[no-untyped-call]
    headless.install(shell)  # type: ignore[no-untyped-call]


def __getattr__(name: str) -> Any:
    """The widgets, which need ipywidgets: `from jupyter_mlflow import RunTable`."""
    from .kernel import offered

    sent = sys.modules.get(f"{_SENT}.offered", offered)
    return sent.widget_class(name)
