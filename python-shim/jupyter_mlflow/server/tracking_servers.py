"""The list of tracking servers: what the administrator configured, the environment names, the person added."""

from __future__ import annotations

import fnmatch
import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from .addresses import RemoteAddress, is_remote, redact_uri, refuse_unsupported, split_remote
from .credentials import Auth, environment_tracking_uri
from .problems import Problem
from .server_file import ServerFile

Origin = Literal["config", "environment", "user"]


class StoreLike(Protocol):
    """What the list needs of `stores.Store`."""

    @property
    def uri(self) -> str: ...
    @property
    def public_uri(self) -> str: ...
    @property
    def label(self) -> str: ...


ParseStore = Callable[[str], Any]


@dataclass(frozen=True)
class TrackingServer:
    """One server of the list. `uri` never holds credentials; exactly one of `address`, `store`, `problem` is set."""

    id: str
    name: str
    origin: Origin
    uri: str
    address: RemoteAddress | None = None
    store: Any = None
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
    """A short name that stays the same as long as address and workspace do, wherever the server comes from."""
    return hashlib.sha256(f"{uri}\n{workspace or ''}".encode()).hexdigest()[:12]


class TrackingServers:
    """The list, read anew at each question, as files and environment may change.

    `configured` are dicts `{uri, name?, auth?, ca?, workspace?}`; `allowed_uris` are patterns as of `fnmatch`, of
    which one must match what a person adds (an empty list allows everything).
    """

    def __init__(
        self,
        *,
        configured: Iterable[Mapping[str, Any]],
        file: ServerFile,
        parse_store: ParseStore,
        default: str = "",
        allowed_uris: Iterable[str] = (),
        allow_adding: bool = True,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._configured = list(configured)
        self._file = file
        self._parse_store = parse_store
        self._default = default
        self._allowed_uris = list(allowed_uris)
        self._allow_adding = allow_adding
        self._environ = environ

    @property
    def allow_adding(self) -> bool:
        """Whether a person may add servers."""
        return self._allow_adding

    def list(self) -> list[TrackingServer]:
        """All servers, each address once: configuration before environment before what was added."""
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
        return list(found.values())

    def get(self, id: str) -> TrackingServer:
        """The server with this id; raises `Problem` `unknown-server` (404)."""
        for server in self.list():
            if server.id == id:
                return server
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
        entry = _read_body(body)
        server = self._build(entry, "user")
        self._check_allowed(server)
        known = next((each for each in self.list() if each.id == server.id), None)
        if known is not None:
            raise Problem(
                "server-exists",
                f"{known.uri} is in the list already, as “{known.name}”.",
                "Choose it in the MLflow panel.",
                status=409,
                id=known.id,
            )
        self._file.add(_to_stored(server, entry))
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
        return server

    def _check_allowed(self, server: TrackingServer) -> None:
        if not self._allowed_uris:
            return
        # A slash at the end, so that "https://host/*" matches the server at the root, and never "https://host.evil/".
        shown = server.uri if server.store is not None else server.uri.rstrip("/") + "/"
        if not any(
            fnmatch.fnmatchcase(shown, pattern) or shown.rstrip("/") == pattern
            for pattern in self._allowed_uris
        ):
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
            ca = _check_ca(entry.get("ca"))
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


def _check_ca(value: Any) -> str | None:
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


def _read_body(body: Any) -> dict[str, Any]:
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


def _to_stored(server: TrackingServer, entry: Mapping[str, Any]) -> dict[str, Any]:
    stored: dict[str, Any] = {"name": entry["name"] or server.name}
    if server.address is not None:
        stored["uri"] = server.address.url
        if server.auth is not None:
            stored["auth"] = server.auth.to_json()
        if server.ca is not None:
            stored["ca"] = server.ca
        if server.workspace is not None:
            stored["workspace"] = server.workspace
    else:
        stored["uri"] = server.store.uri
    return stored
