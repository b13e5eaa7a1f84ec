"""MLflow's credentials, found where MLflow's Python client finds them, and given only to whom they belong."""

from __future__ import annotations

import base64
import configparser
import netrc
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from ..problems import Problem
from ..tracking.addresses import RemoteAddress, is_remote, split_remote

_TRUE = {"true", "1"}


@dataclass(frozen=True)
class Auth:
    """User and password, or a token. Its text form shows neither."""

    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

    def header(self) -> str:
        """The value of `Authorization`."""
        if self.token is not None:
            return f"Bearer {self.token}"
        pair = f"{self.username or ''}:{self.password or ''}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")

    def to_json(self) -> dict[str, str]:
        """As it is stored and as `POST servers` takes it."""
        if self.token is not None:
            return {"kind": "token", "token": self.token}
        return {"kind": "basic", "username": self.username or "", "password": self.password or ""}

    @staticmethod
    def from_json(value: Any) -> Auth | None:
        """Reads what `to_json` writes; raises `Problem` `invalid-auth`."""
        if value is None:
            return None
        if isinstance(value, Mapping):
            kind = value.get("kind", "token" if "token" in value else "basic")
            if kind == "token" and _is_line(value.get("token")) and value["token"]:
                return Auth(token=value["token"])
            username, password = value.get("username"), value.get("password", "")
            if (
                kind == "basic"
                and _is_line(username)
                and _is_line(password)
                and username
                and ":" not in username
            ):
                return Auth(username=username, password=password)
        raise Problem(
            "invalid-auth",
            "The login given for this server cannot be used.",
            "Give a user name and a password, or a token; each in one line.",
        )


def _is_line(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and "\n" not in value and "\r" not in value and "\x00" not in value


@dataclass(frozen=True)
class Tls:
    """How the certificate of a server is checked. Paths are files (or a folder for `ca`) on this machine."""

    ca: str | None = None
    client_certificate: str | None = None
    insecure: bool = False


@dataclass(frozen=True)
class EnvironmentCredentials:
    """What the environment and the home folder of the Jupyter server hold for MLflow's client."""

    auth: Auth | None
    tls: Tls
    #: a way to sign requests that only MLflow's own client has, named, or None
    unsupported: str | None


def environment_tracking_uri(environ: Mapping[str, str] = os.environ) -> str | None:
    """`MLFLOW_TRACKING_URI`, or None where it is not set or empty."""
    return environ.get("MLFLOW_TRACKING_URI", "").strip() or None


def read_environment(environ: Mapping[str, str] = os.environ) -> EnvironmentCredentials:
    """Reads them anew: a credentials file may change while Jupyter runs. A broken file counts as none."""
    file_user, file_password = _read_file(environ)
    username = environ.get("MLFLOW_TRACKING_USERNAME") or file_user
    password = environ.get("MLFLOW_TRACKING_PASSWORD") or file_password
    token = environ.get("MLFLOW_TRACKING_TOKEN")
    auth = None
    # The order of mlflow.utils.rest_utils.http_request: a complete pair goes before a token.
    if username and password:
        auth = Auth(username=username, password=password)
    elif token:
        auth = Auth(token=token)
    unsupported = None
    if environ.get("MLFLOW_TRACKING_AWS_SIGV4", "").lower() in _TRUE:
        unsupported = "MLFLOW_TRACKING_AWS_SIGV4 (requests signed by AWS)"
    elif environ.get("MLFLOW_TRACKING_AUTH"):
        unsupported = "MLFLOW_TRACKING_AUTH (an authentication plug-in)"
    tls = Tls(
        ca=environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH") or None,
        client_certificate=environ.get("MLFLOW_TRACKING_CLIENT_CERT_PATH") or None,
        insecure=environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in _TRUE,
    )
    return EnvironmentCredentials(auth, tls, unsupported)


def _read_file(environ: Mapping[str, str]) -> tuple[str | None, str | None]:
    home = environ.get("HOME") or os.path.expanduser("~")
    # Values are taken as they stand, as a password may hold '%'.
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(Path(home) / ".mlflow" / "credentials", encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return None, None
    if not parser.has_section("mlflow"):
        return None, None
    section = parser["mlflow"]
    return section.get("mlflow_tracking_username"), section.get("mlflow_tracking_password")


def read_netrc(
    host: str, environ: Mapping[str, str] = os.environ, *, allow_default: bool = False
) -> Auth | None:
    """The entry of `.netrc` for `host`; `default`, which names nobody, only where that is allowed."""
    home = environ.get("HOME") or os.path.expanduser("~")
    given = environ.get("NETRC")
    for path in [Path(given)] if given else [Path(home) / ".netrc", Path(home) / "_netrc"]:
        try:
            entries = netrc.netrc(str(path))
        except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
            continue
        found = entries.hosts.get(host) or (entries.hosts.get("default") if allow_default else None)
        if found:
            login, account, password = found
            return Auth(username=login or account or "", password=password or "")
    return None


def default_ca(environ: Mapping[str, str] = os.environ) -> str | None:
    """The CA bundle that `requests`, and so MLflow's client, would use instead of its own."""
    return environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE") or None


def environment_origin(environ: Mapping[str, str] = os.environ) -> str | None:
    """The origin that the environment's credentials belong to, or None."""
    uri = environment_tracking_uri(environ)
    if uri is None or not is_remote(uri):
        return None
    try:
        return split_remote(uri)[0].origin
    except Problem:
        return None


@dataclass(frozen=True)
class Access:
    """How one server is reached: its login and its TLS."""

    auth: Auth | None
    tls: Tls


def access_for(
    address: RemoteAddress,
    *,
    configured: bool,
    own_auth: Auth | None,
    own_ca: str | None,
    environ: Mapping[str, str] = os.environ,
) -> Access:
    """The login and TLS of the server at `address`.

    What the environment holds goes to the origin of `MLFLOW_TRACKING_URI` and to servers that the
    administrator configured (`configured`), and to nobody else. A login of the server's own goes before it.
    """
    entitled = configured or address.origin == environment_origin(environ)
    found = read_environment(environ) if entitled else EnvironmentCredentials(None, Tls(), None)
    auth = own_auth or found.auth or read_netrc(address.host, environ, allow_default=entitled)
    tls = Tls(
        ca=own_ca or found.tls.ca or default_ca(environ),
        client_certificate=found.tls.client_certificate,
        insecure=found.tls.insecure and own_ca is None,
    )
    return Access(auth, tls)
