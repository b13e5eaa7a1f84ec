"""Why a local server did not come up: from what it printed to a sentence and a remedy."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..problems import Problem


@dataclass(frozen=True)
class _Rule:
    pattern: re.Pattern[str]
    code: str
    message: str
    hint: str


def _rule(pattern: str, code: str, message: str, hint: str) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), code, message, hint)


#: The first that fits counts, so causes stand before their consequences. `{1}` is the first group of the
#: pattern.
RULES = (
    _rule(
        r"No module named '?(psycopg2|psycopg|pymysql|MySQLdb)'?|(cryptography)' package is required",
        "missing-driver",
        "The environment that runs MLflow has no database driver “{1}”.",
        "Install it there: {python} -m pip install {package}",
    ),
    _rule(
        r"password authentication failed|Access denied for user|no password supplied|fe_sendauth",
        "database-login",
        "The database refuses the user or the password.",
        "Check the user and the password in the address of the store.",
    ),
    _rule(
        r"database \"[^\"]*\" does not exist|Unknown database",
        "database-missing",
        "The database server answers, but it has no database of that name.",
        "Check the name, or have the database created (MLflow makes its own tables, not the database).",
    ),
    _rule(
        r"Connection refused|could not translate host name|Can't connect to MySQL server|timeout expired"
        r"|Name or service not known|No route to host|could not connect to server|getaddrinfo "
        r"failed|timed out"
        r"|server closed the connection|Lost connection to MySQL",
        "database-unreachable",
        "The database server cannot be reached.",
        "Check host and port in the address of the store, and that the database is running.",
    ),
    _rule(
        r"permission denied for (?:table|schema|relation|database)|command denied to user",
        "database-permission",
        "The database user may not do there what MLflow needs.",
        "Ask the administrator of the database for the rights to read, write and create tables.",
    ),
    _rule(
        r"Can't locate revision|Can't find identifier",
        "store-too-new",
        "A newer MLflow has changed this store; MLflow {mlflow} cannot read it any more.",
        "Use an environment with a newer MLflow, or go back to a backup of the store.",
    ),
    _rule(
        r"Detected out-of-date database schema",
        "store-would-migrate",
        "This store was written by an older MLflow; MLflow {mlflow} would have to change it first.",
        "Choose “Back up and upgrade”, or use an environment with the older MLflow.",
    ),
    _rule(
        r"filesystem tracking backend|MLFLOW_ALLOW_FILE_STORE|file store .*(?:deprecated|no longer|not "
        r"supported)",
        "file-store-refused",
        "MLflow {mlflow} refuses to keep runs in a folder of files.",
        "Convert it with `mlflow migrate-filestore`, or use an environment with MLflow below 3.13.",
    ),
    _rule(
        r"Address already in use|Connection in use|error while attempting to bind|WinError "
        r"10048|WinError 10013",
        "port-taken",
        "The port that was chosen for MLflow is in use by another program.",
        "Start it again: another port is taken then.",
    ),
    _rule(
        r"database is locked|database table is locked",
        "store-locked",
        "Another program holds this SQLite file locked.",
        "Close what is writing to it (another MLflow server, a database browser), then start again.",
    ),
    _rule(
        r"attempt to write a readonly database|readonly database",
        "store-read-only",
        "The SQLite file cannot be written.",
        "Give yourself the right to write the file and its folder, or choose another place for runs.",
    ),
    _rule(
        r"file is not a database|file is encrypted",
        "not-sqlite",
        "The file is not a SQLite database.",
        "Choose another file; this one was not touched.",
    ),
    _rule(
        r"database disk image is malformed",
        "store-damaged",
        "The SQLite file is damaged.",
        "Restore it from a backup, or save what can be read with: sqlite3 mlflow.db .recover",
    ),
    _rule(
        r"No space left on device|database or disk is full|Disk quota exceeded|Errno 28|Errno 122",
        "disk-full",
        "The disk is full, so MLflow cannot keep anything.",
        "Free some space where the store lies, then start again.",
    ),
    _rule(
        r"unable to open database file",
        "store-unreachable",
        "The SQLite file cannot be opened or created.",
        "Check that its folder exists and that you may write there.",
    ),
    _rule(
        r"No module named '?mlflow'?(?:\s|$)",
        "no-mlflow",
        "The chosen Python has no MLflow.",
        "Install it there ({python} -m pip install mlflow), or let an environment be made for it.",
    ),
    _rule(
        r"FallbackAsyncAdaptedQueuePool",
        "mlflow-broken",
        "MLflow {mlflow} does not work with the SQLAlchemy 2.1 that is installed beside it.",
        'Install an older one there: {python} -m pip install "sqlalchemy<2.1"',
    ),
    _rule(
        r"No module named '?pkg_resources'?",
        "mlflow-broken",
        "MLflow {mlflow} needs pkg_resources, which newer setuptools no longer have.",
        'Install an older one there: {python} -m pip install "setuptools<81"',
    ),
    _rule(
        r"(?:ModuleNotFoundError|ImportError): (.{1,200})",
        "mlflow-broken",
        "MLflow {mlflow} cannot be imported there: {1}.",
        "Repair that environment ({python} -m pip install --force-reinstall mlflow), or let a new one be "
        "made.",
    ),
    _rule(
        r"FileNotFoundError: .*'gunicorn'",
        "mlflow-broken",
        "MLflow {mlflow} does not find gunicorn, which it starts by name.",
        "Install it there: {python} -m pip install gunicorn",
    ),
)

_PACKAGES = {"psycopg2": "psycopg2-binary", "psycopg": "psycopg[binary]", "MySQLdb": "mysqlclient"}


def explain(text: str, *, python: str, mlflow: str | None, log: str | None = None) -> Problem | None:
    """The Problem that `text` (a log, an exception) tells of, or None if nothing known is in it.

    :param python: the interpreter, for commands in remedies
    :param mlflow: its MLflow version
    :param log: what the Problem shows, credentials removed
    """
    for rule in RULES:
        match = rule.pattern.search(text)
        if match is None:
            continue
        first = next((group for group in match.groups() if group), "").strip().rstrip(".")
        names = {
            "{1}": first,
            "{python}": python,
            "{mlflow}": mlflow or "there",
            "{package}": _PACKAGES.get(first, first),
        }
        return Problem(rule.code, _fill(rule.message, names), _fill(rule.hint, names), log=log)
    return None


def _fill(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return text
