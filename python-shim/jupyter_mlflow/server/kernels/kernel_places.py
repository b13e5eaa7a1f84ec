"""Between what a kernel calls a place to log to and the tracking servers of the panel."""

from __future__ import annotations

import contextlib
import os
import posixpath
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from ..forwarding.credentials import access_for, environment_origin
from ..local.stores import parse_store
from ..problems import Problem
from ..tracking.addresses import is_remote, split_remote
from ..tracking.tracking_servers import TrackingServer

LOGIN = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")
CA = "MLFLOW_TRACKING_SERVER_CERT_PATH"


def describe_place(
    facts: Mapping[str, Any],
    *,
    servers: list[TrackingServer],
    local_origin: Callable[[TrackingServer], str | None],
    root_dir: Path,
    is_here: bool,
) -> dict[str, Any]:
    """The `logs_to` of a report: where the kernel logs, as a person reads it, and which of `servers` that is.

    :param local_origin: where a local server answers, None while it does not
    :param is_here: whether the kernel sees the same files and loopback addresses as this Jupyter server
    """
    tracking = facts["tracking"]
    place = tracking.get("place")
    found = {
        "uri": tracking.get("uri"),
        "place": place,
        "label": _label(place, str(facts.get("cwd") or "")),
        "source": str(tracking.get("source") or "unknown"),
        "server_id": None,
        "addable_uri": None,
    }
    if not isinstance(place, str):
        return found
    try:
        if is_remote(place):
            address = split_remote(place)[0]
            if address.is_loopback and not is_here:
                return found
            for server in servers:
                origin = local_origin(server) if server.store is not None else None
                if (
                    server.address is not None and server.address.url == address.url
                ) or origin == address.url:
                    # Its name says more than its address; of a store the path does.
                    found["server_id"], found["label"] = server.id, server.name
                    return found
            found["addable_uri"] = address.url
        elif is_here:
            store = parse_store(place, root_dir=root_dir)
            for server in servers:
                if server.store is not None and server.store.key == store.key:
                    found["server_id"] = server.id
                    return found
            found["addable_uri"] = store.public_uri
    except Problem:
        pass
    return found


def _label(place: Any, cwd: str) -> str:
    if not isinstance(place, str):
        return ""
    if is_remote(place):
        return place.partition("://")[2].rstrip("/")
    path = place.removeprefix("sqlite:///")
    if os.path.isabs(path) and os.path.isabs(cwd):
        relative = os.path.relpath(path, cwd)
        if not relative.startswith(os.pardir):
            return f".{os.sep}{relative}"
    return path


def import_path(
    facts: Mapping[str, Any], *, root_dir: str, notebook: str | None, paths: ModuleType = os.path
) -> str | None:
    """Where Jupyter has the file, or the package's folder, that `import mlflow` finds in a kernel of this
    machine: from Jupyter's root and with slashes, as its contents are named; None outside of it.

    Kernels tell paths in which symbolic links are resolved: so are those of the root, and of the notebook's
    folder.

    :param notebook: its path from Jupyter's root
    :param paths: `os.path` of the system that the paths are of
    """
    told = facts.get("mlflow")
    origin = told.get("origin") if isinstance(told, Mapping) else None
    if not isinstance(origin, str) or not paths.isabs(origin):
        return None
    with contextlib.suppress(OSError, ValueError):
        if paths.splitext(paths.basename(origin))[0] == "__init__":
            origin = paths.dirname(origin)
        # It is renamed as what it is called, also if that is a link.
        resolved = paths.join(paths.realpath(paths.dirname(origin)), paths.basename(origin))
        above = posixpath.dirname(notebook or "")
        for folder in dict.fromkeys(("", above)):
            base = paths.join(root_dir, *folder.split("/"))
            for file, place in ((origin, base), (resolved, paths.realpath(base))):
                found = _below(file, place, paths)
                if found is not None:
                    return posixpath.join(folder, *found)
    return None


def _below(file: str, folder: str, paths: ModuleType) -> list[str] | None:
    """The parts of a path from a folder that it is in."""
    if paths.splitdrive(paths.normcase(file))[0] != paths.splitdrive(paths.normcase(folder))[0]:
        return None
    parts: list[str] = paths.relpath(file, folder).split(paths.sep)
    return None if parts[0] in (paths.pardir, paths.curdir) else parts


def tracking_request(
    server: TrackingServer,
    address: str,
    *,
    with_login: bool,
    environ: Mapping[str, str],
) -> dict[str, Any]:
    """What lets a kernel log to `server` from now on: `{"uri", "env"}`, see kernel/shim.py.

    A login that the kernel has belongs to the address that it came with: it is taken away where `server`
    is another
    one, and given back at its own.

    :param address: of the server without userinfo, as the kernel reaches it
    :param with_login: the person agrees that the kernel gets the login of this server
    """
    env: dict[str, str | None] = dict.fromkeys((*LOGIN, CA))
    if server.address is not None:
        if server.address.origin == environment_origin(environ):
            env |= {name: environ.get(name) for name in env}
        access = access_for(
            server.address,
            configured=server.origin == "config",
            own_auth=server.auth,
            own_ca=server.ca,
            environ=environ,
        )
        if access.tls.ca and access.tls.ca == server.ca:
            env[CA] = access.tls.ca
        if with_login and access.auth is not None:
            auth = access.auth
            env |= dict(zip(LOGIN, (auth.username, auth.password, auth.token), strict=True))
    return {"uri": address, "env": env}
