"""Whether this MLflow can open a store as it is, found out before MLflow is let near it.

Newer MLflows change the tables of an older store silently when they start, and the older ones cannot open it
afterwards. So the revision that the store names is compared with those that the package brings.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..problems import Problem
from .server_process import interpreter_environ
from .start_failures import explain

#: Another program may hold a SQLite file this long before we give up, seconds.
SQLITE_TIMEOUT_S = 5.0
#: Connecting to a database and reading its table names, seconds.
DATABASE_TIMEOUT_S = 40.0
#: Less than this beside the store is no place to start.
MIN_FREE_BYTES = 16 * 1024 * 1024

Verdict = Literal["new", "current", "would-migrate", "unfinished"]


@dataclass(frozen=True)
class Revisions:
    """The schema revisions that an installed MLflow knows."""

    known: frozenset[str]
    heads: frozenset[str]


@dataclass(frozen=True)
class StoreState:
    """What a database says about itself."""

    tables: frozenset[str]
    revisions: frozenset[str]
    #: 0: nothing was ever kept in it
    experiments: int = 0


def known_revisions(package_dir: str | Path) -> Revisions:
    """Read the migration scripts that lie in an installed `mlflow`; nothing of it is imported or run.

    :raises Problem: `mlflow-broken` if there are none
    """
    known: set[str] = set()
    parents: set[str] = set()
    for script in (Path(package_dir) / "store" / "db_migrations" / "versions").glob("*.py"):
        with contextlib.suppress(OSError, SyntaxError, ValueError):
            names = _constants(ast.parse(script.read_text(encoding="utf-8")))
            known |= names.get("revision", set())
            parents |= names.get("down_revision", set())
    if not known:
        raise Problem(
            "mlflow-broken",
            "The MLflow that was found lacks the description of its tables.",
            "Install it anew there: pip install --force-reinstall mlflow",
        )
    return Revisions(frozenset(known), frozenset(known - parents))


def _constants(tree: ast.Module) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets, value = [node.target], node.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name) and target.id in ("revision", "down_revision"):
                texts = (n.value for n in ast.walk(value) if isinstance(n, ast.Constant))
                found[target.id] = {text for text in texts if isinstance(text, str)}
    return found


def read_sqlite(path: Path) -> StoreState | None:
    """The state of a SQLite file, or None if it does not exist or is empty. Changes nothing.

    :raises Problem: its folder is missing, it is no SQLite file, is locked, damaged or cannot be written
    """
    check_folder(path.parent)
    try:
        with open(path, "r+b") as file:
            head = file.read(16)
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        raise Problem(
            "not-sqlite", f"{path} is a folder, not a SQLite file.", "Give the name of a file in it."
        ) from None
    except OSError as error:
        raise _not_writable(path, error) from None
    if not head:
        return None
    if not head.startswith(b"SQLite format 3\0"):
        raise Problem(
            "not-sqlite",
            f"{path} is not a SQLite database.",
            "Choose another file; this one was not touched.",
        )
    try:
        with contextlib.closing(open_read_only(path)) as database:
            tables = {
                row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            revisions: set[str] = set()
            if "alembic_version" in tables:
                revisions = {
                    str(row[0]) for row in database.execute("SELECT version_num FROM alembic_version")
                }
            experiments = 0
            if "experiments" in tables:
                experiments = int(database.execute("SELECT count(*) FROM experiments").fetchone()[0])
    except sqlite3.Error as error:
        raise explain(str(error), python="", mlflow=None) or Problem(
            "store-unreachable", f"{path} cannot be read ({error}).", "Check the file and its folder."
        ) from None
    return StoreState(frozenset(tables), frozenset(revisions), experiments)


def open_read_only(path: Path, timeout_s: float = SQLITE_TIMEOUT_S) -> sqlite3.Connection:
    """A connection that cannot change the file. :raises sqlite3.Error:"""
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=timeout_s)


def check_folder(folder: Path, *, min_free: int = MIN_FREE_BYTES) -> None:
    """That a store can live in `folder`. :raises Problem: missing, not writable, disk full"""
    if not folder.is_dir():
        raise Problem(
            "folder-missing", f"The folder {folder} does not exist.", "Make it, or choose another place."
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Problem(
            "store-read-only",
            f"You may not write into the folder {folder}.",
            "Choose another place for runs, or ask for the right to write there.",
        )
    with contextlib.suppress(OSError):
        free = shutil.disk_usage(folder).free
        if free < min_free:
            raise Problem(
                "disk-full",
                f"Only {free // 1_000_000} MB are free where {folder} lies.",
                "Free some space there, or choose another place for runs.",
            )


def check_file_store(folder: Path) -> None:
    """That `folder` is one of MLflow's file stores, or empty: MLflow would fill any other with its own.

    :raises Problem: `folder-missing`, `not-mlflow-store`, `store-read-only`, `disk-full`
    """
    check_folder(folder)
    entries = {entry.name for entry in folder.iterdir()}
    if not entries or ".trash" in entries or any((folder / name / "meta.yaml").is_file() for name in entries):
        return
    inner = folder / "mlruns"
    raise Problem(
        "not-mlflow-store",
        f"The folder {folder} holds other things than MLflow's runs.",
        f"Use {inner}." if inner.is_dir() else "Choose the folder named mlruns, or an empty one.",
    )


_PROBE = """
import json, sys
order = json.loads(sys.stdin.readline())
try:
    import sqlalchemy as sa
    arguments = {"connect_timeout": 8} if order["timeout"] else {}
    engine = sa.create_engine(order["uri"], connect_args=arguments)
    with engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        revisions, experiments = [], 0
        if "alembic_version" in tables:
            revisions = [r[0] for r in connection.execute(sa.text("SELECT version_num FROM alembic_version"))]
        if "experiments" in tables:
            experiments = connection.execute(sa.text("SELECT count(*) FROM experiments")).scalar()
    answer = {"tables": tables, "revisions": revisions, "experiments": experiments}
except BaseException as error:
    answer = {"error": "%s: %s" % (type(error).__name__, error)}
sys.stdout.write("\\n" + json.dumps(answer) + "\\n")
"""


def read_database(
    uri: str, *, python: str, mlflow: str | None, secrets: tuple[str, ...]
) -> StoreState | None:
    """The state of a database that is no file, asked through the interpreter that will serve it; None: empty.

    :raises Problem: driver missing, unreachable, refused, unknown database, or what else SQLAlchemy says
    """
    from .stores import redact_text

    order = {"uri": uri, "timeout": "+psycopg" in uri or "+pymysql" in uri}
    try:
        done = subprocess.run(
            [python, "-c", _PROBE],
            input=json.dumps(order).encode() + b"\n",
            env=interpreter_environ(python, os.environ),
            cwd=Path(python).anchor or None,
            capture_output=True,
            timeout=DATABASE_TIMEOUT_S,
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout.decode("utf-8", "replace").strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        answer = {"error": "timed out"}
    except (OSError, ValueError, IndexError):
        answer = {"error": "the interpreter gave no answer"}
    if "error" in answer:
        text = redact_text(str(answer["error"]), secrets)
        raise explain(text, python=python, mlflow=mlflow, log=text[:2000]) or Problem(
            "database-error",
            "The database cannot be used.",
            "What it says is shown below; check the address of the store.",
            log=text[:2000],
        )
    tables = frozenset(map(str, answer["tables"]))
    return (
        StoreState(tables, frozenset(map(str, answer["revisions"])), int(answer["experiments"]))
        if tables
        else None
    )


def judge(state: StoreState | None, revisions: Revisions, *, mlflow: str) -> Verdict:
    """What would happen if this MLflow opened the store.

    :raises Problem: `store-too-new` or `not-mlflow-store`
    """
    if state is None or not state.tables:
        return "new"
    is_mlflow = {"experiments", "runs"} <= state.tables
    if not is_mlflow and not (state.revisions and state.revisions <= revisions.known):
        raise Problem(
            "not-mlflow-store",
            "The database holds tables of something else than MLflow.",
            "Choose another file or database; this one was not touched.",
        )
    unknown = state.revisions - revisions.known
    if unknown:
        raise Problem(
            "store-too-new",
            f"A newer MLflow has changed this store (to schema {', '.join(sorted(unknown))}); MLflow "
            f"{mlflow} "
            "cannot read it.",
            "Use an environment with a newer MLflow, or go back to a backup of the store.",
        )
    if state.revisions == revisions.heads:
        return "current"
    # MLflow was stopped while it made its tables: there is nothing yet that could be lost.
    return "unfinished" if state.experiments == 0 else "would-migrate"


def would_migrate(state: StoreState, revisions: Revisions, *, mlflow: str, path: Path) -> Problem:
    """What the person is told and asked before a SQLite file is changed."""
    return Problem(
        "store-would-migrate",
        f"This store was written by an older MLflow ({_name(state.revisions)}); MLflow {mlflow} would "
        "change it to "
        f"{_name(revisions.heads)}, and the older MLflow could not open it any more.",
        f"“Back up and upgrade” copies {path.name} first; or use an environment with the older MLflow.",
    )


def database_not_migrated(
    state: StoreState, revisions: Revisions, *, mlflow: str, public_uri: str
) -> Problem:
    """Why a database that is not a file is left alone, and what its administrator must run."""
    return Problem(
        "database-not-migrated",
        f"This database was written by an older MLflow ({_name(state.revisions)}); MLflow {mlflow} needs "
        f"{_name(revisions.heads)}. A shared database is never changed from here.",
        f"Its administrator must make a backup and then run, with MLflow {mlflow}: mlflow db upgrade "
        f"{public_uri}; "
        "or use an environment with the older MLflow.",
    )


def _not_writable(path: Path, error: OSError) -> Problem:
    return Problem(
        "store-read-only",
        f"{path} cannot be written ({error.strerror or 'no permission'}).",
        "Give yourself the right to write the file, or choose another place for runs.",
    )


def _name(revisions: frozenset[str]) -> str:
    return f"schema {', '.join(sorted(revisions))}" if revisions else "before schemas had names"
