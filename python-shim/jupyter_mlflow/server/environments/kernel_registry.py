"""Kernelspecs as files: written under names that are free, and never over one that is there."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jupyter_core.paths import SYSTEM_JUPYTER_PATH
from jupyter_server.gateway.managers import GatewayKernelSpecManager

from ..problems import Problem
from .interpreter_facts import InterpreterFacts

#: What jupyter_client takes for a name.
_NOT_IN_NAMES = re.compile(r"[^a-z0-9._]+")
MARK = "jupyter_mlflow"


class KernelRegistry:
    """The kernelspecs of this Jupyter server, through its own KernelSpecManager."""

    def __init__(self, manager: Any) -> None:
        """:param manager: the server's `kernel_spec_manager`"""
        self.manager = manager
        self._lock = threading.Lock()

    @property
    def is_local(self) -> bool:
        """Whether the kernels run on this machine, and not behind a gateway."""
        return not isinstance(self.manager, GatewayKernelSpecManager)

    @property
    def folders(self) -> list[Path]:
        """Where kernelspecs are looked for, the first wins; empty where they are of another machine."""
        if not self.is_local:
            return []
        return [Path(folder) for folder in getattr(self.manager, "kernel_dirs", None) or ()]

    def check_may_add(self) -> None:
        """:raises Problem: `kernels-restricted` (403) if a new kernelspec would not be shown"""
        if not hasattr(self.manager, "install_kernel_spec") or not self.folders:
            raise Problem(
                "kernels-restricted",
                "The kernels of this Jupyter server come from another machine.",
                "Ask its administrator for a kernel with MLflow.",
                status=403,
            )
        if getattr(self.manager, "allowed_kernelspecs", None):
            raise Problem(
                "kernels-restricted",
                "The administrator of this Jupyter server allows only certain kernels.",
                "Ask the administrator to allow another one (KernelSpecManager.allowed_kernelspecs).",
                status=403,
            )

    def add(self, facts: InterpreterFacts, *, name: str, display_name: str | None) -> tuple[str, str]:
        """Register an interpreter for this user under a free name.

        :param name: what to begin with; the interpreter's version is added to a missing `display_name`
        :return: name and display name
        :raises Problem: `kernels-restricted` (403)
        """
        self.check_may_add()
        with self._lock:
            taken = self._names()
            slug = _NOT_IN_NAMES.sub("-", name.lower()).strip("-.") or "python"
            free = _free(slug, taken.keys(), "{}-{}")
            version = ".".join(facts.python.split(".")[:2])
            wish = display_name or f"Python {version} ({name})"
            shown = _free(wish, {each.casefold() for each in taken.values()}, "{} {}")
            with tempfile.TemporaryDirectory() as folder:
                _write_spec(Path(folder), facts, shown)
                self.manager.install_kernel_spec(folder, kernel_name=free, user=True)
        return free, shown

    def find(self, name: Any, resource_dir: Any = None) -> Path:
        """The folder of a kernelspec: the one that Jupyter uses, or that of `resource_dir`, if it is hidden.

        :raises Problem: `unknown-kernelspec` (404)
        """
        hint = "Reload the list of kernels."
        if not isinstance(name, str) or not name:
            raise Problem("unknown-kernelspec", "The request names no kernel.", hint, status=404)
        for folder in self.folders:
            with contextlib.suppress(OSError):
                for entry in folder.iterdir():
                    is_meant = resource_dir is None or os.path.normpath(resource_dir) == str(entry)
                    if entry.name.lower() == name.lower() and is_meant and (entry / "kernel.json").exists():
                        return entry
        raise Problem("unknown-kernelspec", f"There is no kernel “{name[:80]}”.", hint, status=404)

    def replace(self, folder: Path, spec: Mapping[str, Any]) -> Path:
        """Write another kernel.json; what was there is kept beside it.

        :return: where the old one is now. Raises OSError.
        """
        file = folder / "kernel.json"
        kept = folder / f"kernel.json.{time.strftime('%Y%m%d-%H%M%S')}"
        kept = kept if not kept.exists() else kept.with_name(f"{kept.name}-{secrets.token_hex(2)}")
        shutil.copyfile(file, kept)
        temporary = folder / f".kernel.json.{secrets.token_hex(4)}"
        temporary.write_text(json.dumps(spec, indent=1, ensure_ascii=False), encoding="utf-8")
        os.replace(temporary, file)
        return kept

    def remove(self, folder: Path) -> None:
        """Delete the kernelspec in `folder`; a link only itself. Raises OSError."""
        if folder.is_symlink():
            folder.unlink()
        else:
            shutil.rmtree(folder)

    def is_removable(self, folder: Path) -> bool:
        """Whether this user may remove it: their own or an environment's, not the system's."""
        system = [Path(path) / "kernels" for path in SYSTEM_JUPYTER_PATH]
        parent = folder.parent
        own = Path(getattr(self.manager, "user_kernel_dir", "") or os.devnull)
        if parent not in self.folders or (parent in system and parent != own):
            return False
        # The one that comes with ipykernel belongs to that package.
        if parent != own and folder.name == "python3":
            return False
        return os.access(parent, os.W_OK)

    def _names(self) -> dict[str, str]:
        """Every name that is taken, hidden and broken ones too → its display name."""
        taken: dict[str, str] = {}
        for folder in self.folders:
            with contextlib.suppress(OSError):
                for entry in folder.iterdir():
                    taken.setdefault(entry.name.lower(), _display_name(entry))
        for name, folder in self.manager.find_kernel_specs().items():
            taken.setdefault(name.lower(), _display_name(Path(folder)))
        return taken


def kernel_json(facts: InterpreterFacts, display_name: str) -> dict[str, Any]:
    """A kernelspec that starts this interpreter, and whose `!pip` and `!mlflow` are its own."""
    usual = _usual_kernel_json(facts)
    spec: dict[str, Any] = {
        **usual,
        "argv": [facts.executable, *usual["argv"][1:]],
        "display_name": display_name,
        "language": "python",
        "metadata": {**usual.get("metadata", {}), MARK: {"prefix": facts.prefix}},
    }
    if facts.is_virtual:
        # jupyter_client fills in ${PATH}; a dollar of ours must stay one.
        scripts = os.path.dirname(facts.executable).replace("$", "$$")
        spec["env"] = {
            "VIRTUAL_ENV": facts.prefix.replace("$", "$$"),
            "PATH": f"{scripts}{os.pathsep}${{PATH}}",
        }
    return spec


def _usual_kernel_json(facts: InterpreterFacts) -> dict[str, Any]:
    """What the ipykernel of that environment says of itself: what it supports differs between releases."""
    path = Path(facts.prefix) / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        usual = json.loads(path.read_text(encoding="utf-8"))
        if "ipykernel_launcher" in usual["argv"] and isinstance(usual.get("metadata", {}), dict):
            return dict(usual)
    argv = ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    return {"argv": argv, "metadata": {"debugger": True}}


def _write_spec(folder: Path, facts: InterpreterFacts, display_name: str) -> None:
    text = json.dumps(kernel_json(facts, display_name), indent=1, ensure_ascii=False)
    (folder / "kernel.json").write_text(text, encoding="utf-8")
    # The icons that the launcher shows.
    for packages in facts.packages:
        for icon in (Path(packages) / "ipykernel" / "resources").glob("logo-*"):
            shutil.copyfile(icon, folder / icon.name)


def _display_name(folder: Path) -> str:
    try:
        return str(json.loads((folder / "kernel.json").read_text(encoding="utf-8"))["display_name"])
    except (OSError, ValueError, KeyError, TypeError):
        return folder.name


def _free(wish: str, taken: Iterable[str], form: str) -> str:
    names = set(taken)
    found, number = wish, 2
    while found.casefold() in names:
        found, number = form.format(wish, number), number + 1
    return found
