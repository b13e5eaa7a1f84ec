"""The list of servers: where they come from, what may be added, how it is kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from jupyter_mlflow.server.local.store_check import check_store
from jupyter_mlflow.server.local.stores import parse_store
from jupyter_mlflow.server.problems import Problem
from jupyter_mlflow.server.tracking.server_file import ServerFile
from jupyter_mlflow.server.tracking.tracking_servers import TrackingServers

PACKAGE_ROOT = Path(__file__).resolve().parent.parent
Make = Callable[..., TrackingServers]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes lists over one file."""

    def make(
        environ: Mapping[str, str] | None = None, configured: Any = (), **options: Any
    ) -> TrackingServers:
        return TrackingServers(
            configured=configured,
            file=ServerFile(tmp_path / "state" / "servers.json"),
            parse_store=lambda uri: parse_store(uri, root_dir=tmp_path),
            check_store=check_store,
            environ=environ or {},
            **options,
        )

    return make


def refused(servers: TrackingServers, body: Any) -> Problem:
    """The problem that adding raises; nothing is kept."""
    before = [each.id for each in servers.list()]
    with pytest.raises(Problem) as caught:
        servers.add(body)
    assert [each.id for each in servers.list()] == before
    assert caught.value.message.endswith(".")
    assert caught.value.hint.endswith(".")
    return caught.value


def test_each_address_once_and_the_administrators_word_first(make: Make) -> None:
    servers = make(
        {"MLFLOW_TRACKING_URI": "https://team.example/"},
        [{"uri": "https://TEAM.example:443", "name": "Team"}, {"uri": "http://b.example"}],
    )
    assert [(each.name, each.origin) for each in servers.list()] == [
        ("Team", "config"),
        ("b.example", "config"),
    ]
    assert servers.default_id() == servers.list()[0].id
    assert refused(servers, {"uri": "https://team.example"}).extra == {"id": servers.list()[0].id}


def test_the_default(make: Make, tmp_path: Path) -> None:
    assert make().default_id() is None
    environ = {"MLFLOW_TRACKING_URI": "http://env.example"}
    configured = [{"uri": "http://a.example"}, {"uri": "http://b.example", "name": "B"}]
    assert make(configured=configured).default_id() == make(configured=configured).list()[0].id
    named = {each.uri: each.id for each in make(environ, configured).list()}
    assert make(environ, configured).default_id() == named["http://env.example"]
    for default in ("B", "http://b.example/", named["http://b.example"]):
        assert make(environ, configured, default=default).default_id() == named["http://b.example"]


@pytest.mark.parametrize("uri", ["databricks", "http://", "nothing://x", "azureml://x"])
def test_an_environment_that_cannot_be_used_is_shown_with_its_reason(make: Make, uri: str) -> None:
    (server,) = make({"MLFLOW_TRACKING_URI": uri}).list()
    assert server.problem is not None
    assert server.address is server.store is None


@pytest.mark.parametrize(
    ("variable", "named"),
    [({"MLFLOW_TRACKING_AWS_SIGV4": "true"}, "SIGV4"), ({"MLFLOW_TRACKING_AUTH": "kerberos"}, "plug-in")],
)
def test_logins_that_only_mlflows_client_has_are_named(
    make: Make, variable: dict[str, str], named: str
) -> None:
    environ = {"MLFLOW_TRACKING_URI": "http://env.example", **variable}
    (server,) = make(environ).list()
    assert server.problem is not None
    assert named in server.problem.message
    (server,) = make(environ, has_auth_provider=True).list()
    assert server.problem is None
    assert make(environ).add({"uri": "http://other.example"}).problem is None


def test_what_is_added_is_kept_for_its_owner_alone(make: Make, tmp_path: Path) -> None:
    added = make().add(
        {
            "uri": "http://u:p%40ss@host.example/x/",
            "name": "  Ours \n <script> \U0001f600 ",
            "workspace": "w-1",
        }
    )
    assert added.name == "Ours <script> \U0001f600"
    assert added.uri == "http://host.example/x"
    file = tmp_path / "state" / "servers.json"
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700
    (again,) = make().list()
    assert again == added
    assert again.auth is not None
    assert (again.auth.username, again.auth.password) == ("u", "p@ss")
    assert "p@ss" not in repr(again)
    make().remove(added.id)
    assert make().list() == []
    assert "ss" not in json.loads(file.read_text())["servers"]


def test_a_name_of_any_length_is_shown_in_full_measure(make: Make) -> None:
    assert len(make().add({"uri": "http://a.example", "name": "n" * 500}).name) == 200
    assert make().add({"uri": "http://b.example", "name": "\"'<b>"}).name == "\"'<b>"


def test_what_others_configured_cannot_be_removed(make: Make) -> None:
    servers = make({"MLFLOW_TRACKING_URI": "http://env.example"}, [{"uri": "http://a.example"}])
    for server in servers.list():
        with pytest.raises(Problem) as caught:
            servers.remove(server.id)
        assert caught.value.code == "not-removable"
        assert caught.value.status == 403


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "invalid-uri"),
        ([], "invalid-uri"),
        ({}, "invalid-uri"),
        ({"uri": "  "}, "invalid-uri"),
        ({"uri": 5}, "invalid-uri"),
        ({"uri": "http://a b"}, "invalid-uri"),
        ({"uri": "http://a.example", "name": 5}, "invalid-server"),
        ({"uri": "http://a.example", "workspace": "a\r\nX: y"}, "invalid-server"),
        ({"uri": "http://a.example", "ca": "/no/such/file.pem"}, "ca-missing"),
        ({"uri": "http://a.example", "auth": {"kind": "basic"}}, "invalid-auth"),
        ({"uri": "databricks://p"}, "unsupported-uri"),
        ({"uri": "nothing://x"}, "store-scheme"),
        ({"uri": "sqlite:///missing/folder/mlflow.db"}, "folder-missing"),
        ({"uri": "missing/mlruns"}, "folder-missing"),
        ({"uri": "sqlite:///text.db"}, "not-sqlite"),
        ({"uri": "sqlite:///folder.db"}, "not-sqlite"),
        ({"uri": "other"}, "not-mlflow-store"),
    ],
)
def test_what_cannot_be_added_is_refused_in_words(make: Make, tmp_path: Path, body: Any, code: str) -> None:
    (tmp_path / "text.db").write_text("this is no database at all, only some text")
    (tmp_path / "folder.db").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("x")
    assert refused(make(), body).code == code
    assert (tmp_path / "text.db").read_text().startswith("this is no database")


@pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0 and not Path("/usr/bin/setpriv").exists(),
    reason="the superuser may write everything, and no setpriv to become somebody else",
)
def test_a_file_that_may_only_be_read_is_named(tmp_path: Path) -> None:
    import sqlite3

    file = tmp_path / "mlflow.db"
    with sqlite3.connect(file) as database:
        database.execute("create table alembic_version (version_num text)")
    database.close()
    file.chmod(0o444)
    tmp_path.chmod(0o555)
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from jupyter_mlflow.server.local.stores import parse_store\n"
        "from jupyter_mlflow.server.local.store_check import check_store\n"
        "from jupyter_mlflow.server.problems import Problem\n"
        "try:\n    check_store(parse_store(sys.argv[1], root_dir=Path('/')))\n"
        "except Problem as problem:\n    print(problem.code)\n"
    )
    become = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    readable = tmp_path
    while readable != readable.parent and readable.stat().st_uid == os.geteuid():
        if readable != tmp_path:
            readable.chmod(readable.stat().st_mode | 0o055)
        readable = readable.parent
    try:
        done = subprocess.run(
            [*become, sys.executable, "-c", code, f"sqlite:///{file}"],
            env={**os.environ, "PYTHONPATH": str(PACKAGE_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.strip() == "store-read-only", done.stderr
    finally:
        tmp_path.chmod(0o755)


@pytest.mark.parametrize(
    ("uri", "allowed"),
    [
        ("https://a.corp.example", True),
        ("https://a.corp.example/mlflow", True),
        ("http://a.corp.example", False),
        ("https://a.corp.example.evil", False),
        ("https://user:https://x.corp.example/@evil.example", False),
        ("https://evil.example/https://a.corp.example/", False),
        ("https://exact.example", True),
        ("https://exact.example/mlflow", True),
        ("https://exact.example:8443", False),
        ("https://path.example", False),
        ("https://path.example/team", True),
        ("https://path.example/team/", True),
        ("https://path.example/team-b", False),
        ("sqlite:///allowed/mlflow.db", True),
        ("https://exact.example.evil", False),
        ("sqlite:///mlflow.db", False),
    ],
)
def test_only_allowed_addresses_are_added(make: Make, tmp_path: Path, uri: str, allowed: bool) -> None:
    servers = make(
        allowed_uris=[
            "https://*.corp.example/*",
            "https://exact.example",
            "https://path.example/team",
            f"sqlite:///{tmp_path}/allowed/*",
        ]
    )
    (tmp_path / "allowed").mkdir()
    if allowed:
        assert servers.add({"uri": uri.replace("sqlite:///", f"sqlite:///{tmp_path}/")}).origin == "user"
    else:
        assert refused(servers, {"uri": uri}).code in {"uri-not-allowed", "invalid-uri"}


def test_adding_can_be_turned_off(make: Make) -> None:
    problem = refused(make(allow_adding=False), {"uri": "http://a.example"})
    assert (problem.code, problem.status) == ("adding-not-allowed", 403)


@pytest.mark.parametrize("text", ["{", "[]", '{"servers": 5}', "\x00"])
def test_a_file_that_is_not_ours_is_not_overwritten(make: Make, tmp_path: Path, text: str) -> None:
    file = tmp_path / "state" / "servers.json"
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(Problem) as caught:
        make().add({"uri": "http://a.example"})
    assert caught.value.code == "servers-file"
    assert file.read_text() == text


def test_several_jupyter_servers_at_once_forget_nothing(make: Make, tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from jupyter_mlflow.server.tracking.server_file import ServerFile\n"
        "for n in range(15):\n"
        "    ServerFile(Path(sys.argv[1])).add({'uri': f'http://{sys.argv[2]}-{n}.example'})\n"
    )
    file = tmp_path / "state" / "servers.json"

    def run(name: str) -> int:
        return subprocess.run(
            [sys.executable, "-c", code, str(file), name],
            env={**os.environ, "PYTHONPATH": str(PACKAGE_ROOT)},
            check=False,
        ).returncode

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(run, "abc")) == [0, 0, 0]
    assert len(make().list()) == 45
    assert sorted(each.name for each in file.parent.iterdir()) == ["servers.json", "servers.lock"]
