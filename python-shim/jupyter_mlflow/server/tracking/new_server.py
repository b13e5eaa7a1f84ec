"""What a person gives to add a tracking server, checked field by field."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..problems import Problem


def check_ca(value: Any) -> str | None:
    if not value:
        return None
    path = Path(str(value)).expanduser()
    if not path.exists():
        raise Problem(
            "ca-missing",
            f"The CA bundle {path} does not exist on the machine of the Jupyter server.",
            "Give the path of a PEM file there.",
        )
    return str(path.absolute())


def read_new_server(body: Any) -> dict[str, Any]:
    """The fields of `POST servers`, each of the right kind; raises `Problem` `invalid-server`."""
    if not isinstance(body, Mapping) or not isinstance(body.get("uri"), str) or not body["uri"].strip():
        raise Problem(
            "invalid-uri",
            "No address was given.",
            "Give the address of a tracking server (https://…) or a store (sqlite:///mlflow.db, a folder).",
        )
    for key in ("name", "ca", "workspace"):
        if body.get(key) is not None and not isinstance(body[key], str):
            raise Problem("invalid-server", f"The field {key} must be text.", "Correct it and try again.")
    workspace = (body.get("workspace") or "").strip()
    if workspace and not all(char.isalnum() or char in "-_." for char in workspace):
        raise Problem(
            "invalid-server",
            "The name of the workspace may hold letters, digits, '-', '_' and '.' only.",
            "Correct it and try again.",
        )
    name = " ".join((body.get("name") or "").split())[:200]
    return {
        "uri": body["uri"].strip(),
        "name": name,
        "auth": body.get("auth"),
        "ca": body.get("ca"),
        "workspace": workspace or None,
    }
