"""Addresses of tracking servers: reading them, comparing them, and showing them without credentials."""

from __future__ import annotations

import fnmatch
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit

from ..problems import Problem

#: What MLflow's own client understands and this extension does not, and what to say about it.
UNSUPPORTED_SCHEMES = {
    "databricks": "Databricks workspaces",
    "databricks-uc": "Databricks Unity Catalog",
    "uc": "Unity Catalog",
    "azureml": "Azure Machine Learning workspaces",
    "sagemaker": "SageMaker (requests signed by AWS)",
    "arn": "SageMaker (requests signed by AWS)",
    "dbfs": "the Databricks file system",
    "s3": "runs kept in S3 without a tracking server",
    "gs": "runs kept in Google Cloud Storage without a tracking server",
    "abfss": "runs kept in Azure storage without a tracking server",
    "wasbs": "runs kept in Azure storage without a tracking server",
    "hdfs": "runs kept in HDFS without a tracking server",
    "mssql": "Microsoft SQL Server stores",
}

_DEFAULT_PORTS = {"http": 80, "https": 443}
_USERINFO = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^/?#\s@]*(?:@[^/?#\s@]*)*@")
_SECRET_QUERY = re.compile(
    r"(?P<key>[?&;](?:password|passwd|pwd|token|access_token|api_key|apikey|secret|sslpassword)=)[^&;#\s]*",
    re.I,
)


@dataclass(frozen=True)
class RemoteAddress:
    """A tracking server's http(s) address, without userinfo.

    `host` is lower case and without brackets; `prefix` is empty or begins with a slash and ends without one.
    """

    scheme: str
    host: str
    port: int
    prefix: str

    @property
    def origin(self) -> str:
        """`scheme://host[:port]`, the default port left out: what credentials belong to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def url(self) -> str:
        """The address without a slash at its end."""
        return self.origin + self.prefix

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine, by its name alone (nothing is resolved)."""
        return is_loopback_host(self.host)


def is_loopback_host(host: str) -> bool:
    """Whether `host` names this machine: localhost, 127.0.0.0/8 or ::1."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def redact_uri(uri: str) -> str:
    """`uri` without user, password and secret query values; text that holds addresses works too."""
    return _SECRET_QUERY.sub(r"\g<key>…", _USERINFO.sub(r"\g<scheme>", uri))


def is_remote(uri: str) -> bool:
    """Whether `uri` is the address of a server (and not of a store)."""
    return uri.strip().lower().startswith(("http://", "https://"))


def split_remote(uri: str) -> tuple[RemoteAddress, tuple[str, str] | None]:
    """The address in `uri`, and the user and password it carries, if any.

    Raises `Problem` with code `invalid-uri` when it is not a usable http(s) address.
    """
    shown = redact_uri(uri)
    bad = Problem(
        "invalid-uri",
        f"{shown} is not an address of a tracking server.",
        "Write it as https://host/ or http://host:port/prefix.",
    )
    if re.search(r"[\s\\\x00-\x1f\x7f]", uri):
        raise bad
    try:
        parts: SplitResult = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise bad from None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not host:
        raise bad
    if parts.query or parts.fragment:
        raise Problem(
            "invalid-uri",
            f"{shown} has a query or a fragment, which the address of a tracking server cannot have.",
            "Give the address of the server alone, for example https://host/mlflow.",
        )
    try:
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        raise bad from None
    prefix = parts.path.rstrip("/")
    if any(unquote(segment) in {".", ".."} for segment in prefix.split("/")):
        raise bad
    userinfo = None
    if parts.username is not None:
        userinfo = (unquote(parts.username), unquote(parts.password or ""))
    address = RemoteAddress(
        scheme, host.lower(), port or _DEFAULT_PORTS[scheme], quote(prefix, safe="/%:@!$&'()*+,;=~-._")
    )
    return address, userinfo


def uri_matches(uri: str, pattern: str) -> bool:
    """Whether `uri` (without credentials) is allowed by `pattern`, in which `*` stands for anything.

    Scheme, host and path are compared apart, so that `https://*.example.org/*` is not matched by
    `https://elsewhere/https://a.example.org/`. A pattern without a path allows the whole host.
    """
    if pattern == "*":
        return True
    parts, wanted = _three_parts(uri), _three_parts(pattern)
    paths_match = wanted[2] == "" or fnmatch.fnmatchcase(
        parts[2].rstrip("/") + "/", wanted[2].rstrip("/") + "/"
    )
    if not paths_match and wanted[2].endswith("*"):
        paths_match = fnmatch.fnmatchcase(parts[2] or "/", wanted[2])
    return (
        fnmatch.fnmatchcase(parts[0], wanted[0]) and fnmatch.fnmatchcase(parts[1], wanted[1]) and paths_match
    )


def _three_parts(uri: str) -> tuple[str, str, str]:
    scheme, _, rest = uri.partition("://")
    authority, slash, path = rest.partition("/")
    return scheme.lower(), authority.lower(), slash + path


def refuse_unsupported(uri: str) -> None:
    """Raises `Problem` `unsupported-uri`, with its name, for what MLflow knows and we do not."""
    scheme = re.match(r"[A-Za-z][A-Za-z0-9-]*", uri.strip())
    word = scheme.group(0).lower() if scheme else ""
    named = uri.strip().lower() == word or uri.strip()[len(word) : len(word) + 1] in {":", "+"}
    if named and word in UNSUPPORTED_SCHEMES:
        raise Problem(
            "unsupported-uri",
            f"This extension does not support {UNSUPPORTED_SCHEMES[word]} ({word}).",
            "Use the http(s) address of an MLflow tracking server, or a store such as sqlite:///mlflow.db.",
        )
