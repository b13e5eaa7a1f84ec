"""Addresses of stores: where MLflow keeps runs when we start its server ourselves."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from urllib.request import url2pathname

from ..problems import Problem

StoreKind = Literal["sqlite", "postgresql", "mysql", "folder"]

#: The driver that a scheme gets where the address names none: SQLAlchemy's own default changes between its
#: versions (psycopg 3 since 2.1, MySQLdb always), and what people have installed is these two.
DEFAULT_DRIVERS = {"postgresql": "psycopg2", "mysql": "pymysql"}
DIALECTS = {"postgres": "postgresql", "postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
DATABASE_NAMES = {"postgresql": "PostgreSQL", "mysql": "MySQL or MariaDB"}
SQLITE_SUFFIXES = {".db", ".sqlite", ".sqlite3", ".db3"}
#: Read by people as "MLflow keeps runs there", but no store of runs.
FILE_STORES = {"s3", "gs", "wasbs", "abfss", "hdfs", "dbfs", "mlflow-artifacts", "ftp", "sftp", "viewfs"}

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+):")  # two letters at least: `C:` is a drive
_USERINFO = re.compile(r"(?<=://)[^/\s'\"]*@")


@dataclass(frozen=True)
class Store:
    """One place where runs are kept. Equal addresses, however written, have equal keys."""

    kind: StoreKind
    #: canonical and absolute, driver spelled out; may hold a password: for the child process alone, never
    #: shown
    uri: str = field(repr=False)
    #: the same without credentials and options
    public_uri: str
    #: as a person reads it
    label: str
    #: where files go: beside the store, or None for a database (the local server then keeps them in its state
    #: folder)
    artifacts: Path | None
    #: stable id, fit for a file name
    key: str
    #: the SQLite file or the folder itself; None for a database
    path: Path | None = None

    @property
    def is_file(self) -> bool:
        """Whether the store is a file or folder on this machine, so that it can be copied."""
        return self.path is not None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that may appear in no answer, log or page."""
        if self.path is not None:
            return ()
        password = urlsplit(self.uri).password
        return tuple({password, unquote(password)}) if password else ()


def parse_store(uri: str, *, root_dir: Path) -> Store:
    """Understand the address of a store as people write it. Looks at no disk and no network.

    :param uri: `sqlite:///…`, `postgresql://…`, `mysql://…`, `file:…` or the path of a file or folder
    :param root_dir: what relative paths are relative to
    :raises Problem: `bad-store` or `store-scheme`; nothing of the address is repeated that could be a
        password
    """
    text = uri.strip()
    if not text:
        raise Problem(
            "bad-store", "The address of the store is empty.", "Give a file such as sqlite:///mlflow.db."
        )
    if any(ord(c) < 32 for c in text):
        raise Problem("bad-store", "The address of the store holds control characters.", "Type it anew.")
    match = _SCHEME.match(text)
    if match is None:
        return _path_store(text, root_dir)
    scheme = match.group(1).lower()
    dialect, _, driver = scheme.partition("+")
    if dialect == "sqlite":
        return _sqlite_store(text, root_dir)
    if dialect == "file":
        return _path_store(_file_uri_path(text), root_dir)
    if dialect in DIALECTS:
        return _database_store(text, DIALECTS[dialect], driver)
    raise _scheme_problem(scheme)


def redact_text(text: str, secrets: tuple[str, ...] = ()) -> str:
    """`text` without credentials: user information of addresses and the given secrets become `***`."""
    for secret in sorted(secrets, key=len, reverse=True):
        if secret:
            text = text.replace(secret, "***")
    return _USERINFO.sub("***@", text)


def _path_store(text: str, root_dir: Path) -> Store:
    path = _absolute(text, root_dir)
    if path.suffix.lower() in SQLITE_SUFFIXES:
        return _sqlite_file(path, root_dir)
    return Store(
        kind="folder",
        uri=path.as_uri(),
        public_uri=path.as_uri(),
        label=_path_label(path, root_dir),
        artifacts=path.parent / "mlartifacts",
        key=_key("folder", os.path.normcase(path)),
        path=path,
    )


def _sqlite_store(text: str, root_dir: Path) -> Store:
    rest = text.partition(":")[2]
    if not rest.startswith("///") or rest == "///" or rest.startswith("///:memory:"):
        raise Problem(
            "bad-store",
            "This SQLite address names no file, so nothing would be kept.",
            "Write sqlite:/// and then the file: sqlite:///mlflow.db, or sqlite:////home/me/mlflow.db.",
        )
    if "?" in rest:
        raise Problem(
            "bad-store",
            "Options after ? are not supported in the address of a SQLite file.",
            "Leave out everything from the ? on.",
        )
    return _sqlite_file(_absolute(rest[3:], root_dir), root_dir)


def _sqlite_file(path: Path, root_dir: Path) -> Store:
    uri = "sqlite:///" + path.as_posix()
    return Store(
        kind="sqlite",
        uri=uri,
        public_uri=uri,
        label=_path_label(path, root_dir),
        artifacts=path.parent / "mlartifacts",
        key=_key("sqlite", os.path.normcase(path)),
        path=path,
    )


def _database_store(text: str, dialect: str, driver: str) -> Store:
    kind: StoreKind = "postgresql" if dialect == "postgresql" else "mysql"
    parts, port = _split(text)
    database = parts.path.lstrip("/")
    if not database:
        raise Problem(
            "bad-store",
            "The address names no database.",
            f"Write {dialect}://user:password@host/database.",
        )
    driver = driver or DEFAULT_DRIVERS[dialect]
    host = (parts.hostname or "localhost").lower()
    place = f"[{host}]" if ":" in host else host
    if port:
        place += f":{port}"
    name = unquote(database)
    # The password is no part of the key: who changes it still means the same store.
    return Store(
        kind=kind,
        uri=urlunsplit(parts._replace(scheme=f"{dialect}+{driver}")),
        public_uri=f"{dialect}://{place}/{database}",
        label=f"{DATABASE_NAMES[dialect]} database {name} on {place}",
        artifacts=None,
        key=_key(dialect, place, name, parts.username or ""),
    )


def _split(text: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = None, None
    if parts is None or not text.partition(":")[2].startswith("//") or parts.fragment:
        raise Problem(
            "bad-store",
            "The address of the database cannot be read.",
            "Write it as postgresql://user:password@host:5432/database, with / ? # @ in a password as "
            "%2F %3F %23 %40.",
        )
    return parts, port


def _file_uri_path(text: str) -> str:
    rest = text.partition(":")[2]
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        if host not in ("", "localhost"):
            raise Problem(
                "bad-store", "A file: address may not name another machine.", "Write file:///folder/mlruns."
            )
        rest = slash + path
    return url2pathname(rest)


def _absolute(text: str, root_dir: Path) -> Path:
    path = Path(text)
    if text.startswith("~"):
        path = path.expanduser()
    if "\0" in text or "?" in path.name:
        raise Problem(
            "bad-store", "The path holds a character that SQLite addresses cannot hold.", "Rename the file."
        )
    # Links are followed, so that two names of one store share one server.
    return Path(os.path.realpath(root_dir / path))


def _path_label(path: Path, root_dir: Path) -> str:
    for base, sign in ((Path(os.path.realpath(root_dir)), "."), (Path(os.path.realpath(Path.home())), "~")):
        if path.is_relative_to(base) and path != base:
            return f"{sign}/{path.relative_to(base).as_posix()}"
    return str(path)


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]


def _scheme_problem(scheme: str) -> Problem:
    if scheme in ("http", "https"):
        return Problem(
            "store-scheme", "This is the address of a server, not of a store.", "Connect to it as a server."
        )
    if scheme in FILE_STORES:
        return Problem(
            "store-scheme",
            f"{scheme}:// is a place for files; MLflow cannot keep runs there.",
            "Give a database (sqlite, postgresql, mysql) or the address of a tracking server.",
        )
    if scheme.startswith("mssql"):
        return Problem(
            "store-scheme",
            "Local servers over Microsoft SQL Server are not supported.",
            "Start `mlflow server` yourself and connect to its http address.",
        )
    return Problem(
        "store-scheme",
        f"{scheme}: is not a kind of store that MLflow can be started over here.",
        "Use sqlite:///mlflow.db, postgresql://…, mysql://… or a folder of mlruns.",
    )
