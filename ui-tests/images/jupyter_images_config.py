"""The Jupyter server of the pictures: that of the tests, with a tracking server as a team would call it."""

from __future__ import annotations

import os

c = get_config()  # type: ignore[name-defined]  # noqa: F821
load_subconfig("../jupyter_server_test_config.py")  # type: ignore[name-defined]  # noqa: F821

c.JupyterMlflow.servers = [
    {"name": "team-mlflow", "uri": f"http://127.0.0.1:{os.environ['JUPYTER_MLFLOW_UI_NEWEST_PORT']}"}
]
