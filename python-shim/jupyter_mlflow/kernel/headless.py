"""Journals of kernels that no Jupyter server with this extension started: nbconvert, papermill, IPython.

Only where the package is installed in the kernel's environment and `JUPYTER_MLFLOW_RECORD` asks for it. A
Jupyter server of this person, or `python -m jupyter_mlflow sync`, takes the journals up.
"""

import getpass
import logging
import os
import uuid

from . import journal

VARIABLE = "JUPYTER_MLFLOW_RECORD"
#: What is kept on this machine and, but for the first, sent to MLflow.
MODES = ("keep", "runs", "tagged", "all")
#: The notebook, where whoever executes it says so; the experiment of its cells.
NOTEBOOK = "JUPYTER_MLFLOW_NOTEBOOK"
EXPERIMENT = "JUPYTER_MLFLOW_EXPERIMENT"


def install(shell, environ=None):
    """Write a journal if the environment asks for it. Raises nothing."""
    environ = os.environ if environ is None else environ
    mode = environ.get(VARIABLE, "").strip().lower()
    if not mode:
        return
    if mode not in MODES:
        # To the log of whatever runs this: a misspelt mode must not mean that nothing is kept, silently.
        message = "%s is “%s”: it can be %s. Nothing is recorded."
        logging.getLogger("jupyter_mlflow").warning(message, VARIABLE, mode[:40], ", ".join(MODES))
        return
    try:
        folder = _folder()
        about = _about(mode, environ)
    except Exception as error:
        logging.getLogger("jupyter_mlflow").warning("Nothing is recorded: %s", error)
        return
    journal.start(shell, {"folder": folder, "about": about})


def _folder():
    from jupyter_core.paths import jupyter_runtime_dir

    above = os.path.join(jupyter_runtime_dir(), "jupyter-mlflow", "journals")
    os.makedirs(above, mode=0o700, exist_ok=True)
    folder = os.path.join(above, "headless-%d-%s" % (os.getpid(), uuid.uuid4().hex[:8]))
    os.mkdir(folder, 0o700)
    return folder


def _about(mode, environ):
    path = environ.get(NOTEBOOK) or environ.get("JPY_SESSION_NAME") or None
    about = {
        "mode": mode,
        "path": os.path.abspath(path) if path else None,
        "cwd": os.getcwd(),
        "user": _user(),
    }
    if mode != "keep":
        name = os.path.splitext(os.path.basename(path))[0] if path else "Notebooks"
        uri = environ.get("MLFLOW_TRACKING_URI", "")
        about["target"] = {
            "uri": journal.place(uri),
            "experiment": environ.get(EXPERIMENT) or "%s (cells)" % name,
        }
    return about


def _user():
    try:
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    except Exception:
        return None
