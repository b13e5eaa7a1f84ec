"""A second Jupyter server whose kernels the one under test uses, and a wire to it that can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

import httpx
from jupyter_under_test import UNNEEDED, Jupyter
from processes_under_test import ProcessUnderTest, free_port

from servers import LoopThread, clean_environ

GATEWAY_TOKEN = "token-of-the-gateway"


class Gateway:
    """`jupyter server` without the extension, on a port that it keeps when it is started again."""

    def __init__(self, folder: Path) -> None:
        self.root, self.home = folder / "root", folder / "home"
        for each in (self.root, self.home):
            each.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self._log = folder / "gateway.log"
        self.client = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"token {GATEWAY_TOKEN}"},
            trust_env=False,
            timeout=60,
        )
        self.start()

    def start(self) -> None:
        """Start it (again); returns when it answers."""
        self.process = ProcessUnderTest(
            [
                sys.executable,
                "-m",
                "jupyter_server",
                "--allow-root",
                "--no-browser",
                "--ServerApp.ip=127.0.0.1",
                f"--ServerApp.port={self.port}",
                "--ServerApp.port_retries=0",
                f"--ServerApp.root_dir={self.root}",
                f"--IdentityProvider.token={GATEWAY_TOKEN}",
                "--AsyncIOLoopKernelRestarter.time_to_dead=0.2",
                # As a Kernel Gateway has it.
                "--ServerApp.allow_remote_access=True",
                "--ServerApp.disable_check_xsrf=True",
                f"--ServerApp.jpserver_extensions={UNNEEDED | {'jupyter_mlflow': False}}",
            ],
            cwd=self.root,
            env=clean_environ(
                HOME=str(self.home),
                JUPYTER_PLATFORM_DIRS="0",
                JUPYTER_DATA_DIR=str(self.home / "data"),
                JUPYTER_CONFIG_DIR=str(self.home / "config"),
                JUPYTER_RUNTIME_DIR=str(self.home / "runtime"),
                IPYTHONDIR=str(self.home / "ipython"),
                MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT="true",
            ),
            log=self._log,
            name="the gateway",
        )
        try:
            self.process.wait_until(self._answers, "the gateway answers")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it and its kernels."""
        self.process.stop()

    def kernels(self) -> list[str]:
        """Ids of those that it runs."""
        return [each["id"] for each in self.client.get("api/kernels").json()]

    def _answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return self.client.get("api/status").status_code == 200
        return False


class Wire:
    """Passes bytes on to a port of this machine, until it is cut."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._thread = LoopThread()
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        server = self._thread.run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self._server: asyncio.Server = server  # type: ignore[assignment]
        self.port: int = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """End what there is, and take nothing new."""
        self._is_cut = True
        self._thread.run(self._drop())

    def mend(self) -> None:
        """Pass on again."""
        self._is_cut = False

    def close(self) -> None:
        """End it for good."""
        self.cut()
        self._thread.loop.call_soon_threadsafe(self._server.close)
        self._thread.close()

    async def _drop(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, inner_writer}
        await asyncio.gather(self._pump(reader, inner_writer), self._pump(inner_reader, writer))
        self._writers -= {writer, inner_writer}

    @staticmethod
    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        writer.close()


def jupyter_of_gateway(folder: Path, port: int) -> Jupyter:
    """A Jupyter server under test whose kernels run behind the gateway at that port."""
    return Jupyter(
        folder,
        config=(
            f"c.GatewayClient.url = 'http://127.0.0.1:{port}'\n"
            f"c.GatewayClient.auth_token = {GATEWAY_TOKEN!r}\n"
            "c.GatewayClient.auth_scheme = 'token'\n"
            "c.GatewayClient.gateway_retry_interval = 0.2\n"
            "c.GatewayClient.gateway_retry_interval_max = 1\n"
            "c.GatewayClient.gateway_retry_max = 100\n"
        ),
    )
