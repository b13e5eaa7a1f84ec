"""Real servers for tests: MLflow newest and oldest in every way it is run, and S3."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import trustme
from processes_under_test import ProcessUnderTest, free_port, listens

NEWEST, OLDEST = "newest", "oldest"
ADMIN, PASSWORD = "admin", "a-long-password-1234"


def mlflow_python(version: str) -> str:
    """The interpreter with this MLflow, from the environment; the newest: also that of the tests."""
    variable = f"JUPYTER_MLFLOW_TEST_PYTHON_{version.upper()}"
    found = os.environ.get(variable) or (sys.executable if version == NEWEST else "")
    if not found:
        pytest.fail(f"{variable} must name a Python that has the {version} MLflow")
    return found


def clean_environ(**more: str) -> dict[str, str]:
    """The environment without what would make tests depend on the machine, and `more`."""
    dropped = ("MLFLOW_", "JUPYTER", "AWS_")
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.upper().startswith(dropped) and not key.lower().endswith("_proxy")
    }
    kept.pop("REQUESTS_CA_BUNDLE", None)
    kept.pop("CURL_CA_BUNDLE", None)
    kept.pop("PYTHONPATH", None)
    return kept | more


@dataclass
class MlflowServer:
    """A running MLflow."""

    version: str
    url: str
    process: ProcessUnderTest
    folder: Path
    #: the address that is answered to `GET health`, for those who look past prefix and TLS
    plain_url: str = ""
    resources: list[Callable[[], None]] = field(default_factory=list)

    def stop(self) -> None:
        """Ends it, and what stands before it."""
        for release in self.resources:
            release()
        self.process.stop()


@dataclass(frozen=True)
class Certificates:
    """A CA of the test's own and a certificate for localhost, as files."""

    ca: Path
    certificate: Path
    key: Path
    #: certificate and key of a client, in one file
    client: Path


def make_certificates(folder: Path) -> Certificates:
    """A fresh CA, and a certificate that it issued for localhost and 127.0.0.1."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    found = Certificates(
        folder / "ca.pem", folder / "server.pem", folder / "server.key", folder / "client.pem"
    )
    authority.cert_pem.write_to_path(str(found.ca))
    found.certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(str(found.key))
    authority.issue_cert("client@example.org").private_key_and_cert_chain_pem.write_to_path(str(found.client))
    return found


def start_mlflow(
    version: str,
    folder: Path,
    *,
    store: str = "",
    prefix: str = "",
    login: bool = False,
    tls: Certificates | None = None,
    options: tuple[str, ...] = (),
    env: Mapping[str, str] | None = None,
) -> MlflowServer:
    """Starts `mlflow server` and returns when it answers.

    `login`: with its own basic auth, user ADMIN and PASSWORD. `tls`: https at `url`; the oldest, which
    knows no TLS, behind a small proxy.
    """
    folder.mkdir(parents=True, exist_ok=True)
    python = mlflow_python(version)
    port = free_port()
    environ = clean_environ(
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false",
        PATH=os.pathsep.join([str(Path(python).parent), os.environ.get("PATH", "")]),
        **(env or {}),
    )
    command = [
        python,
        "-m",
        "mlflow",
        "server",
        "--backend-store-uri",
        store or f"sqlite:///{folder / 'mlflow.db'}",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "1",
        *options,
    ]
    if not any(
        option.startswith(("--artifacts-destination", "--default-artifact-root")) for option in options
    ):
        command += ["--artifacts-destination", str(folder / "artifacts")]
    if prefix:
        command += ["--static-prefix", prefix]
    if login:
        command += ["--app-name", "basic-auth"]
        config = folder / "auth.ini"
        config.write_text(
            "[mlflow]\ndefault_permission = READ\n"
            f"database_uri = sqlite:///{folder / 'auth.db'}\n"
            f"admin_username = {ADMIN}\nadmin_password = {PASSWORD}\n"
            "authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n"
        )
        environ |= {
            "MLFLOW_AUTH_CONFIG_PATH": str(config),
            "MLFLOW_FLASK_SERVER_SECRET_KEY": "only-for-tests",
            "MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD,
        }
    scheme = "http"
    if tls and version == NEWEST:
        command += ["--uvicorn-opts", f"--ssl-keyfile {tls.key} --ssl-certfile {tls.certificate}"]
        scheme = "https"
    process = ProcessUnderTest(
        command, cwd=folder, env=environ, log=folder / "mlflow.log", name=f"MLflow ({version})"
    )
    server = MlflowServer(version, f"{scheme}://127.0.0.1:{port}{prefix}", process, folder)
    server.plain_url = f"{scheme}://127.0.0.1:{port}"

    def answers() -> bool:
        if not listens(port):
            return False
        with contextlib.suppress(httpx.HTTPError):
            for place in (server.url, server.plain_url):
                if httpx.get(f"{place}/health", verify=False, trust_env=False).status_code in {200, 401}:
                    return True
        return False

    try:
        process.wait_until(answers, f"MLflow ({version}) answers")
        if tls and version == OLDEST:
            proxy = TlsProxy(tls, port)
            server.resources.append(proxy.close)
            server.url = f"https://127.0.0.1:{proxy.port}{prefix}"
    except BaseException:
        server.stop()
        raise
    return server


class LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: object) -> object:
        """Runs a coroutine there and returns its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)  # type: ignore[arg-type]

    def close(self) -> None:
        """Cancels what runs, ends the loop."""

        async def cancel() -> None:
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self.run(cancel())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


class TlsProxy:
    """Speaks TLS to clients, plain TCP to a port of this machine."""

    def __init__(self, certificates: Certificates, port: int) -> None:
        self._target = port
        self._thread = LoopThread()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.certificate, certificates.key)
        server = self._thread.run(asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context))
        self._server: asyncio.Server = server  # type: ignore[assignment]
        self.port: int = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._target)
        await asyncio.gather(self._pump(reader, inner_writer), self._pump(inner_reader, writer))

    @staticmethod
    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        writer.close()

    def close(self) -> None:
        """Ends it with all connections."""
        self._thread.loop.call_soon_threadsafe(self._server.close)
        self._thread.close()


@contextlib.contextmanager
def s3(folder: Path) -> Iterator[dict[str, str]]:
    """An S3 of the test's own with a bucket `mlflow`; gives the variables that reach it."""
    port = free_port()
    variables = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "MLFLOW_S3_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }
    program = Path(sys.executable).parent / "moto_server"
    process = ProcessUnderTest(
        [str(program), "-H", "127.0.0.1", "-p", str(port)],
        cwd=folder,
        env=clean_environ(**variables),
        log=folder / "s3.log",
        name="moto",
    )
    try:

        def made() -> bool:
            if not listens(port):
                return False
            with contextlib.suppress(httpx.HTTPError):
                return httpx.put(f"http://127.0.0.1:{port}/mlflow", trust_env=False).status_code == 200
            return False

        process.wait_until(made, "the bucket is there")
        yield variables
    finally:
        process.stop()


def run_python(version: str, code: str, **env: str) -> str:
    """Runs `code` with the MLflow client of `version`; returns what it prints."""
    python = mlflow_python(version)
    done = subprocess.run(
        [python, "-c", code],
        env=clean_environ(**env),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()
