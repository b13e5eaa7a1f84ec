"""The list of tracking servers: configured, named by the environment, added by the person."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..forwarding.credentials import Auth, environment_origin, environment_tracking_uri, read_environment
from ..local.stores import Store
from ..problems import Problem
from .addresses import (
    RemoteAddress,
    is_remote,
    redact_uri,
    refuse_unsupported,
    split_remote,
    uri_matches,
)
from .new_server import check_ca, read_new_server
from .server_file import ServerFile

Origin = Literal["config", "environment", "user"]

#: Seconds for which the list is believed when a request names a server of it.
REMEMBER_SECONDS = 2.0

ParseStore = Callable[[str], Store]
CheckStore = Callable[[Store], None]


@dataclass(frozen=True)
class TrackingServer:
    """One server. `uri` holds no credentials; one of `address`, `store`, `problem` is set."""

    id: str
    name: str
    origin: Origin
    uri: str
    address: RemoteAddress | None = None
    store: Store | None = None
    auth: Auth | None = field(default=None, repr=False)
    ca: str | None = None
    workspace: str | None = None
    problem: Problem | None = None

    @property
    def kind(self) -> Literal["remote", "local"]:
        """`local` when Jupyter itself runs the server over a store."""
        return "local" if self.store is not None else "remote"

    @property
    def is_loopback(self) -> bool:
        """Whether requests to it stay on this machine."""
        return self.store is not None or (self.address is not None and self.address.is_loopback)


def server_id(uri: str, workspace: str | None) -> str:
    """A short name that stays as long as address and workspace do, wherever the server comes from."""
    return hashlib.sha256(f"{uri}\n{workspace or ''}".encode()).hexdigest()[:12]


class TrackingServers:
    """The list, read anew at each question, as files and environment may change.

    `configured` are dicts `{uri, name?, auth?, ca?, workspace?}`; `allowed_uris` are patterns of
    which one must match what a person adds (see `uri_matches`; an empty list allows everything).
    `parse_store` reads the address of a store, `check_store` looks at it; both raise `Problem`.
    """

    def __init__(
        self,
        *,
        configured: Iterable[Mapping[str, Any]],
        file: ServerFile,
        parse_store: ParseStore,
        check_store: CheckStore = lambda store: None,
        default: str = "",
        allowed_uris: Iterable[str] = (),
        allow_adding: bool = True,
        has_auth_provider: bool = False,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._configured = list(configured)
        self._file = file
        self._parse_store = parse_store
        self._check_store = check_store
        self._default = default
        self._allowed_uris = list(allowed_uris)
        self._allow_adding = allow_adding
        self._has_auth_provider = has_auth_provider
        self._environ = environ
        self._seen: tuple[float, dict[str, TrackingServer]] = (-REMEMBER_SECONDS, {})

    @property
    def allow_adding(self) -> bool:
        """Whether a person may add servers."""
        return self._allow_adding

    def list(self) -> list[TrackingServer]:
        """All servers, each address once: configuration, environment, what was added. Reads a file."""
        found: dict[str, TrackingServer] = {}
        for entry in self._configured:
            server = self._read(entry, "config")
            found.setdefault(server.id, server)
        uri = environment_tracking_uri(self._environ)
        if uri is not None:
            server = self._read(
                {"uri": uri, "workspace": self._environ.get("MLFLOW_WORKSPACE")}, "environment"
            )
            found.setdefault(server.id, server)
        for entry in self._file.read():
            server = self._read(entry, "user")
            found.setdefault(server.id, server)
        self._seen = (time.monotonic(), found)
        return list(found.values())

    def get(self, id: str) -> TrackingServer:
        """The server with this id; raises `Problem` `unknown-server` (404)."""
        # Every forwarded request asks this; a home folder on the network would make each of them wait.
        when, found = self._seen
        if id not in found or time.monotonic() - when > REMEMBER_SECONDS:
            self.list()
            found = self._seen[1]
        if id in found:
            return found[id]
        raise Problem(
            "unknown-server",
            "This tracking server is not in the list any more.",
            "Choose another one in the MLflow panel, or add it again.",
            status=404,
        )

    def default_id(self) -> str | None:
        """The server to begin with: the configured default, the environment's, the first one."""
        servers = self.list()
        wanted = self._default.strip()
        for server in servers:
            if wanted and wanted in {server.id, server.name, server.uri}:
                return server.id
        if wanted and is_remote(wanted):
            try:
                url = split_remote(wanted)[0].url
            except Problem:
                url = ""
            for server in servers:
                if server.address is not None and server.address.url == url:
                    return server.id
        for server in servers:
            if server.origin == "environment":
                return server.id
        return servers[0].id if servers else None

    def add(self, body: Any) -> TrackingServer:
        """Adds what `POST servers` gives and returns it. Raises `Problem`; nothing is kept then."""
        if not self._allow_adding:
            raise Problem(
                "adding-not-allowed",
                "The administrator of this Jupyter server does not allow adding tracking servers.",
                "Ask the administrator to add it to JupyterMlflow.servers.",
                status=403,
            )
        entry = read_new_server(body)
        server = self.preview(entry)
        if server.store is not None:
            self._check_store(server.store)
        known = next((each for each in self.list() if each.id == server.id), None)
        if known is not None:
            raise Problem(
                "server-exists",
                f"{known.uri} is in the list already, as “{known.name}”.",
                "Choose it in the MLflow panel.",
                status=409,
                id=known.id,
            )
        self._file.add(self._to_stored(server, entry))
        self._forget()
        return server

    def preview(self, entry: Mapping[str, Any]) -> TrackingServer:
        """The server that adding `entry` would give; raises `Problem` when it would be refused."""
        server = self._build(entry, "user")
        self._check_allowed(server)
        return server

    def remove(self, id: str) -> TrackingServer:
        """Forgets a server that was added; its runs stay where they are. Raises `Problem`."""
        server = self.get(id)
        if server.origin != "user":
            raise Problem(
                "not-removable",
                f"“{server.name}” comes from the "
                + (
                    "administrator's configuration."
                    if server.origin == "config"
                    else "variable MLFLOW_TRACKING_URI."
                ),
                "It can be removed there only.",
                status=403,
            )
        self._file.remove(lambda entry: self._read(entry, "user").id == id)
        self._forget()
        return server

    def update(self, id: str, body: Any) -> TrackingServer:
        """Changes name, login or CA of a server that was added; None forgets a login or a CA.

        Address and workspace are what a server is, and stay. Raises `Problem`; nothing is changed then.
        """
        server = self.get(id)
        if server.origin != "user" or not self._allow_adding:
            raise Problem(
                "not-removable",
                f"“{server.name}” was not added in the panel, or may not be changed here.",
                "It can be changed where it is configured.",
                status=403,
            )
        change = {} if not isinstance(body, Mapping) else body
        for key in ("name", "ca"):
            if change.get(key) is not None and not isinstance(change[key], str):
                raise Problem("invalid-server", f"The field {key} must be text.", "Correct it and try again.")

        def rewrite(entry: dict[str, Any]) -> dict[str, Any]:
            if self._read(entry, "user").id != id:
                return entry
            wanted = {**entry, **{key: change[key] for key in ("auth", "ca") if key in change}}
            name = " ".join((change.get("name") or "").split())[:200]
            wanted["name"] = name or entry.get("name") or ""
            return self._to_stored(self._build(wanted, "user"), wanted)

        self._file.change(lambda entries: [rewrite(entry) for entry in entries])
        self._forget()
        return self.get(id)

    def _forget(self) -> None:
        self._seen = (-REMEMBER_SECONDS, {})

    def _to_stored(self, server: TrackingServer, entry: Mapping[str, Any]) -> dict[str, Any]:
        """What the file keeps: the login apart from the address."""
        stored: dict[str, Any] = {"name": entry["name"] or server.name, "uri": server.uri}
        if server.store is not None:
            stored["uri"] = server.store.uri
        optional = {
            "auth": server.auth.to_json() if server.auth else None,
            "ca": server.ca,
            "workspace": server.workspace,
        }
        return stored | {key: value for key, value in optional.items() if value is not None}

    def _check_allowed(self, server: TrackingServer) -> None:
        if self._allowed_uris and not any(uri_matches(server.uri, each) for each in self._allowed_uris):
            raise Problem(
                "uri-not-allowed",
                f"The administrator of this Jupyter server does not allow {server.uri}.",
                "Ask the administrator to add it to JupyterMlflow.allowed_uris.",
                status=403,
            )

    def _read(self, entry: Mapping[str, Any], origin: Origin) -> TrackingServer:
        """Like `_build`, but what is wrong becomes part of the server, so that the panel can show it."""
        try:
            return self._build(entry, origin)
        except Problem as problem:
            uri = redact_uri(str(entry.get("uri", "")))
            name = str(entry.get("name") or uri or "?")
            return TrackingServer(server_id(uri, None), name, origin, uri, problem=problem)

    def _build(self, entry: Mapping[str, Any], origin: Origin) -> TrackingServer:
        uri = str(entry.get("uri") or "").strip()
        workspace = entry.get("workspace") or None
        auth = Auth.from_json(entry.get("auth"))
        refuse_unsupported(uri)
        if is_remote(uri):
            address, userinfo = split_remote(uri)
            if auth is None and userinfo is not None:
                auth = Auth(username=userinfo[0], password=userinfo[1])
            if auth is None and not self._has_auth_provider:
                self._refuse_foreign_login(address, origin)
            ca = check_ca(entry.get("ca"))
            name = str(entry.get("name") or "") or address.url.split("://", 1)[1]
            return TrackingServer(
                server_id(address.url, workspace),
                name,
                origin,
                address.url,
                address=address,
                auth=auth,
                ca=ca,
                workspace=workspace,
            )
        store = self._parse_store(uri)
        name = str(entry.get("name") or "") or store.label
        return TrackingServer(server_id(store.public_uri, None), name, origin, store.public_uri, store=store)

    def _refuse_foreign_login(self, address: RemoteAddress, origin: Origin) -> None:
        """Ways to log in that only MLflow's own client has are named, instead of failing as “wrong login”."""
        entitled = origin == "config" or address.origin == environment_origin(self._environ)
        unsupported = read_environment(self._environ).unsupported if entitled else None
        if unsupported:
            raise Problem(
                "unsupported-login",
                f"The environment asks for {unsupported}, which this extension does not support.",
                "Use a user and password or a token, or ask the administrator for "
                "JupyterMlflow.auth_provider.",
            )
