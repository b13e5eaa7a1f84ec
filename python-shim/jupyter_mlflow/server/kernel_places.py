"""Between what a kernel calls a place to log to and the tracking servers of the panel."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .addresses import is_remote, split_remote
from .credentials import access_for, environment_origin
from .problems import Problem
from .stores import parse_store
from .tracking_servers import TrackingServer

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
