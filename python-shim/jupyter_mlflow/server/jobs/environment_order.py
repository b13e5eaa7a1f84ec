"""What a request for a new environment asks for, read and checked before anything is done."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..environments.made_environments import MadeEnvironments
from ..environments.mlflow_releases import Recipe, recipe
from ..environments.package_names import names_of, read_packages
from ..problems import Problem

NAME = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")
#: For an environment that runs a kernel.
KERNEL_NAME = "mlflow_venv"
#: Bytes of a requirements file, at most.
MAX_REQUIREMENTS = 1024 * 1024
MAX_DISPLAY_NAME = 120


@dataclass(frozen=True)
class EnvironmentOrder:
    """An environment to be made."""

    #: what becomes its `sys.prefix`
    folder: Path
    mlflow: Recipe
    #: interpreter that it is made with; None: one that fits
    python: str | None
    #: further requirements
    packages: tuple[str, ...]
    #: a file of further requirements
    requirements: Path | None
    #: it gets ipykernel, and is registered with Jupyter
    is_kernel: bool
    #: what people read in the list of kernels; None: made of its name and its Python
    display_name: str | None

    @property
    def wanted(self) -> list[str]:
        """All requirements, without those of the file."""
        # A bare "mlflow" among the packages of a notebook says less than the version that was chosen.
        more = [each for each in self.packages if each != "mlflow"]
        needs_kernel = self.is_kernel and "ipykernel" not in names_of(more)
        return [self.mlflow.requirement, *(["ipykernel"] if needs_kernel else []), *more]


def read_order(body: Mapping[str, Any], *, root_dir: Path, made: MadeEnvironments) -> EnvironmentOrder:
    """Read `{name?, folder?, python?, mlflow?, packages?, requirements?, kernel?, purpose?}`.

    :param root_dir: Jupyter's root, from which relative paths count
    :raises Problem: `invalid-name`, `invalid-version`, `invalid-folder`, `invalid-package`,
        `invalid-requirements`, `invalid-python`
    """
    wanted = body.get("mlflow")
    if wanted is not None and not isinstance(wanted, str):
        raise Problem("invalid-version", "The version of MLflow is not a text.", "Write it as 3.17.2.")
    kernel = body.get("kernel")
    is_kernel = isinstance(kernel, Mapping) or body.get("purpose") == "kernel"
    name = read_name(body.get("name"), KERNEL_NAME if is_kernel else _server_name(wanted))
    parent = made.root
    if body.get("folder") is not None:
        parent = read_folder(body["folder"], root_dir)
    elif is_kernel:
        parent = default_folder(root_dir, made)
    return EnvironmentOrder(
        folder=parent / name,
        mlflow=recipe(wanted),
        python=_read_python(body.get("python")),
        packages=read_packages(body.get("packages")),
        requirements=_read_requirements(body.get("requirements"), root_dir),
        is_kernel=is_kernel,
        display_name=read_display_name(kernel.get("display_name") if isinstance(kernel, Mapping) else None),
    )


def default_folder(root_dir: Path, made: MadeEnvironments) -> Path:
    """Where new environments go if the person says nothing: beside the notebooks, if that can be written."""
    return root_dir if os.access(root_dir, os.W_OK) else made.root


def read_folder(value: Any, root_dir: Path) -> Path:
    """An existing folder that can be written: absolute, or from Jupyter's root.

    :raises Problem: `invalid-folder`
    """
    hint = "Choose a folder that exists and that you can write to."
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise Problem("invalid-folder", "The folder is not a text.", hint)
    path = Path(value.strip()).expanduser()
    if ".." in path.parts:
        raise Problem("invalid-folder", f"The folder “{value}” leads upwards with “..”.", hint)
    folder = root_dir / path
    if not folder.exists():
        raise Problem("invalid-folder", f"The folder {folder} does not exist.", hint)
    if not folder.is_dir():
        raise Problem("invalid-folder", f"{folder} is a file, not a folder.", hint)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Problem("invalid-folder", f"You may not write to the folder {folder}.", hint)
    return folder


def read_display_name(value: Any) -> str | None:
    """A line of text for the list of kernels. Raises Problem `invalid-display-name`."""
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > MAX_DISPLAY_NAME or not value.strip().isprintable():
        raise Problem(
            "invalid-display-name",
            "This is not a name for the list of kernels.",
            f"Use one line of up to {MAX_DISPLAY_NAME} characters.",
        )
    return value.strip() or None


def _server_name(wanted: str | None) -> str:
    digits = re.sub(r"[^0-9.]+", "-", wanted or "").strip("-.")
    return f"mlflow-{digits}" if digits else "mlflow"


def read_name(value: Any, default: str) -> str:
    """A name for an environment or a kernel. Raises Problem `invalid-name`."""
    if value is None:
        return default
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise Problem(
            "invalid-name",
            f"“{str(value)[:64]}” is not a name for an environment.",
            "Use up to 64 letters, digits, dots, dashes and underscores, a letter or digit first.",
        )
    return value


def _read_python(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not os.path.isabs(value) or not os.path.isfile(value):
        raise Problem(
            "invalid-python",
            f"There is no Python at “{str(value)[:120]}”.",
            "Choose one of the list, or give the whole path of its file.",
        )
    return value


def _read_requirements(value: Any, root_dir: Path) -> Path | None:
    if value is None or value == "":
        return None
    hint = "Choose a text file below Jupyter's folder, such as requirements.txt."
    if not isinstance(value, str) or "\0" in value:
        raise Problem("invalid-requirements", "The requirements file is not a text.", hint)
    path = (root_dir / value.lstrip("/")).resolve()
    if not path.is_relative_to(root_dir.resolve()):
        raise Problem("invalid-requirements", "The requirements file lies outside of Jupyter's folder.", hint)
    if not path.is_file():
        raise Problem("invalid-requirements", f"There is no file “{value[:120]}”.", hint)
    try:
        if path.stat().st_size > MAX_REQUIREMENTS:
            raise Problem("invalid-requirements", f"“{value[:120]}” is too large.", hint)
        path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Problem("invalid-requirements", f"“{value[:120]}” cannot be read as text.", hint) from None
    return path
