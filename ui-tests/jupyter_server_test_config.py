"""The Jupyter server of the browser tests: JupyterLab and Notebook 7, no login, two MLflow servers.

Nothing needs to be installed: the package is taken from this clone, and the built extension by a link.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from jupyterlab.galata import configure_jupyter_server

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ["JUPYTER_MLFLOW_UI_DIR"])

c = get_config()  # type: ignore[name-defined]  # noqa: F821

for name in ("root", "jupyter", "state", "labextensions", "data"):
    (FOLDER / name).mkdir(parents=True, exist_ok=True)
os.environ["JUPYTERLAB_GALATA_ROOT_DIR"] = str(FOLDER / "root")
configure_jupyter_server(c)
# Kernels that tests and jobs add, beside those of the environment and away from the person's own.
os.environ["JUPYTER_DATA_DIR"] = str(FOLDER / "data")

link = FOLDER / "labextensions" / "jupyter-mlflow"
if not link.exists():
    link.symlink_to(ROOT / "python-shim" / "jupyter_mlflow" / "labextension", target_is_directory=True)
c.LabServerApp.extra_labextensions_path = [c.LabServerApp.extra_labextensions_path, str(link.parent)]

if os.environ.get("JUPYTER_MLFLOW_UI_KERNELS") == "own":
    from jupyter_client.kernelspec import KernelSpecManager

    class OwnKernels(KernelSpecManager):
        """The kernels of this folder alone: a machine whose kernels lack what this environment has."""

        def _kernel_dirs_default(self) -> list[str]:
            return [str(FOLDER / "data" / "kernels")]

    c.ServerApp.kernel_spec_manager_class = OwnKernels
    c.KernelSpecManager.ensure_native_kernel = False

if os.environ.get("JUPYTER_MLFLOW_UI_PEOPLE"):
    from jupyter_server.auth import IdentityProvider, User

    class People(IdentityProvider):
        """Whoever the cookie `person` names, as people of one shared server are told apart."""

        def get_user(self, handler):  # type: ignore[no-untyped-def]
            name = handler.get_cookie("person", "nobody")
            return User(name, name.title(), name.title())

    c.ServerApp.identity_provider_class = People

c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = int(os.environ["JUPYTER_MLFLOW_UI_JUPYTER_PORT"])
c.ServerApp.allow_root = True
c.JupyterNotebookApp.expose_app_in_browser = True
c.LabApp.news_url = None

sys.path.insert(0, str(ROOT / "python-shim"))
c.ServerApp.jpserver_extensions.update({"jupyter_mlflow": True})
os.environ.pop("MLFLOW_TRACKING_URI", None)
c.JupyterMlflow.state_dir = str(FOLDER / "state")
c.JupyterMlflow.shared_machine = "no"
c.JupyterMlflow.servers = [
    {"name": name, "uri": f"http://127.0.0.1:{os.environ[f'JUPYTER_MLFLOW_UI_{name.upper()}_PORT']}"}
    for name in ("newest", "oldest")
]
