"""MLflow inside the notebook: the Python side of the JupyterLab extension.

Importing this package imports nothing of the server: kernels import it too.
"""

from __future__ import annotations

from typing import Any


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-mlflow"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .server.extension import JupyterMlflow

    return [{"module": "jupyter_mlflow", "app": JupyterMlflow}]
