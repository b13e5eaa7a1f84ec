"""`python -m jupyter_mlflow autoload`: every kernel of this person loads the package, by a start-up file."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

FILE = "50-jupyter-mlflow.py"
_MARK = "# Written by `python -m jupyter_mlflow autoload --enable`"
#: Leaves no name behind, and does nothing where the package is not installed.
_TEXT = f"""{_MARK}; `--disable` takes it away.
try:
    __import__("jupyter_mlflow").load_ipython_extension(get_ipython())
except Exception:
    pass
"""


def main(arguments: Sequence[str]) -> int:
    """Write the file or take it away; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m jupyter_mlflow autoload",
        description="Let every IPython kernel of yours load jupyter_mlflow when it starts: `%mlflow`, tags "
        "on runs, and with JUPYTER_MLFLOW_RECORD=keep|runs|tagged|all a journal of the cells that run.",
    )
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--enable", action="store_true", help="write the start-up file")
    wanted.add_argument("--disable", action="store_true", help="remove it")
    wanted.add_argument("--status", action="store_true", help="say whether it is there")
    chosen = parser.parse_args(arguments)
    file = startup_file()
    try:
        is_ours = file.read_text(encoding="utf-8").startswith(_MARK)
    except FileNotFoundError:
        is_ours = None
    except (OSError, UnicodeDecodeError):
        is_ours = False
    if chosen.status:
        print(f"{'Enabled' if is_ours else 'Not enabled'}: {file}")
        return 0
    if is_ours is False:
        print(f"There is another file of that name, which stays as it is: {file}")
        return 1
    try:
        if chosen.enable:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(_TEXT, encoding="utf-8")
            print(f"Enabled. Kernels load jupyter_mlflow when they start, by {file}")
        else:
            file.unlink(missing_ok=True)
            print(f"Disabled: {file} is not there {'any more' if is_ours else ''}".rstrip())
    except OSError as error:
        print(f"{file}: {error.strerror}. Make the folder writable, or set IPYTHONDIR to another one.")
        return 1
    return 0


def startup_file() -> Path:
    """Where IPython looks for what its default profile starts with."""
    try:
        from IPython.paths import get_ipython_dir
    except ImportError:
        folder = os.environ.get("IPYTHONDIR") or str(Path.home() / ".ipython")
    else:
        folder = get_ipython_dir()
    return Path(folder) / "profile_default" / "startup" / FILE
