"""`python -m jupyter_mlflow sync`: send what kernels without a Jupyter server have recorded to MLflow."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .server.extension import JupyterMlflow
    from .server.recorder.headless_sync import HeadlessSync, Shipped


def main(arguments: Sequence[str]) -> int:
    """Exit code: 0 all of it is there, 1 something waits or was refused, 2 nothing could begin."""
    parser = argparse.ArgumentParser(
        prog="python -m jupyter_mlflow sync",
        description="Send the cells that nbconvert, papermill or other kernels without a Jupyter server have "
        "recorded (JUPYTER_MLFLOW_RECORD) to their tracking servers, and whatever else waits.",
    )
    parser.add_argument("folder", nargs="?", type=Path, help="journals; those of this person if not given")
    parser.add_argument("--dry-run", action="store_true", help="print what would be sent, and send nothing")
    parser.add_argument(
        "--server",
        action="append",
        default=[],
        metavar="URI",
        help="a tracking server that may be sent to, beside those that are configured",
    )
    parser.add_argument(
        "--wait", type=float, default=60.0, metavar="SECONDS", help="how long servers that fail are tried"
    )
    chosen = parser.parse_args(arguments)
    try:
        from .server.recorder.headless_sync import HeadlessSync
        from .server.recorder.journals import journals_root
    except ImportError as error:
        print(f"{error}. Install jupyter-mlflow with its dependencies: pip install jupyter-mlflow")
        return 2
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    root, only = journals_root(), None
    if chosen.folder is not None:
        found = _find(chosen.folder.absolute())
        if found is None:
            print(f"There are no journals in {chosen.folder}.")
            return 2
        root, only = found
    try:
        options = _options()
    except Exception as error:
        # What the administrator wants masked stands there, too.
        print(f"Jupyter's configuration cannot be read: {error}")
        return 2
    state_dir = _state_dir(options)
    made: dict[str, Any] = {"state_dir": state_dir, "only": only, "extra_servers": chosen.server}
    if chosen.dry_run:
        with tempfile.TemporaryDirectory(prefix="jupyter-mlflow-") as copy:
            folder = Path(copy) / "journals"
            folder.mkdir(mode=0o700)
            for path in [only] if only is not None else _journals(root):
                shutil.copytree(path, folder / path.name, symlinks=True)
            made |= {"only": folder / only.name if only is not None else None, "ledger_dir": Path(copy)}
            return _show(HeadlessSync(options, journals=folder, **made))
    sync = HeadlessSync(options, journals=root, **made)
    try:
        alive = sync.read()
        return _tell(asyncio.run(sync.ship(wait_s=chosen.wait)), alive)
    finally:
        sync.close()


def _show(sync: HeadlessSync) -> int:
    try:
        sync.read()
        for each in sync.previews():
            print(json.dumps(each, ensure_ascii=False, indent=1))
    finally:
        sync.close()
    return 0


def _tell(found: Shipped, alive: int) -> int:
    print(f"{found.sent} sent, {found.waiting} waiting, {found.refused} refused.")
    if found.kept:
        print(f"The runs of {found.kept} cells are on servers that are not known here (see --server).")
    if found.files_left:
        print(f"The artifacts of {found.files_left} cells stay here.")
    if alive:
        print(f"{alive} kernels still run: what they do from now on is sent the next time.")
    for reason in {each["code"]: each for each in found.reasons}.values():
        print(f"{reason['message']} {reason['hint']}")
    return 0 if not (found.waiting or found.refused or found.files_left) else 1


def _find(folder: Path) -> tuple[Path, Path | None] | None:
    """The folder of journals' folders, and the one that is meant if it is one."""
    if any(folder.glob("*.journal")):
        return folder.parent, folder
    for place in (folder, folder / "journals", folder / "jupyter-mlflow" / "journals"):
        if any(place.glob("*/*.journal")):
            return place, None
    return None


def _journals(root: Path) -> list[Path]:
    from .server.recorder.journals import folders

    return folders(root)


def _options() -> JupyterMlflow:
    """As Jupyter's configuration files have them. Raises what is wrong with those."""
    from jupyter_core.paths import jupyter_config_path
    from traitlets.config import Config
    from traitlets.config.loader import ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader

    from .server.extension import JupyterMlflow

    config = Config()
    for folder in reversed(jupyter_config_path()):
        for name in ("jupyter_config", "jupyter_server_config", "jupyter_mlflow_config"):
            for loader in (
                JSONFileConfigLoader(f"{name}.json", folder),
                PyFileConfigLoader(f"{name}.py", folder),
            ):
                try:
                    config.merge(loader.load_config())
                except ConfigFileNotFound:
                    continue
    return JupyterMlflow(config=config)


def _state_dir(options: JupyterMlflow) -> Path:
    from jupyter_core.paths import jupyter_data_dir

    named = Path(options.state_dir).expanduser() if options.state_dir else None
    return (named or Path(jupyter_data_dir()) / "jupyter-mlflow").absolute()
