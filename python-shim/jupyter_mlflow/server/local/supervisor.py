"""The process that looks after one local server: `python -m jupyter_mlflow.server.local.supervisor <folder>`.

Elected by a lock on a file in `folder`; whoever does not get it prints "busy" and leaves. It runs MLflow as
long as a Jupyter server holds a lease, restarts it after a crash, and tells all lease holders how it stands.
"""

from __future__ import annotations

import contextlib
import json
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..problems import Problem
from ..processes.kept_process import clear_leftovers
from ..processes.leases import FileLock, LeaseServer, write_private
from ..processes.server_log import ServerLog
from .planner_statistics import StatisticsKeeper
from .server_process import ServerOrder, ServerProcess
from .start_failures import explain
from .store_upgrade import Upgrade, choose_interpreter

#: A lease must come within this time after the election, seconds.
FIRST_LEASE_S = 20.0
#: Up to here a slow disk may take to import MLflow and make its tables, seconds.
START_TIMEOUT_S = 300.0
#: A server that crashed is started again after 0.5, 1, 2, 4 … seconds,
BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0)
#: and is given up after as many crashes within this time, seconds.
CRASH_WINDOW_S = 600.0
PORT_ATTEMPTS = 4
#: Below those from which systems choose for outgoing connections.
_QUIET_PORTS = range(20_000, 32_000)


class Supervisor:
    """Runs one local server until nobody needs it."""

    def __init__(self, folder: Path, order: dict[str, Any]) -> None:
        self._folder = folder
        self._order = order
        self._store: dict[str, Any] = order["store"]
        self._interpreter: Mapping[str, Any] = order["interpreters"][0]
        self._secrets = tuple(order.get("secrets", ()))
        self._log = ServerLog(folder / "server.log", self._secrets)
        self._ending = threading.Event()
        self._wake = threading.Event()
        self._statistics: StatisticsKeeper | None = None
        self._server: ServerProcess | None = None
        self._crashes: list[float] = []
        self._leases = LeaseServer(folder, on_empty=self.end, on_stop=self.end)

    def run(self) -> None:
        """Until the last lease ends, somebody says stop, or the server cannot be started."""
        timer = threading.Timer(FIRST_LEASE_S, self._leases.end_if_unused)
        timer.daemon = True
        timer.start()
        self._publish("starting")
        problem: Problem | None = None
        try:
            self._loop()
        except Problem as error:
            problem = error
        except Exception as error:
            self._log.write(f"supervisor: {type(error).__name__}: {error}")
            problem = Problem(
                "supervisor-failed",
                f"The process that looks after MLflow failed ({type(error).__name__}).",
                "Start it again; if it happens again, look at the log.",
                log=self._log.tail(),
            )
        finally:
            timer.cancel()
            if self._server is not None:
                self._server.stop()
            self._publish("failed" if problem else "stopped", problem=problem)
            self._leases.close()
            self._log.close()

    def end(self) -> None:
        """Stop the server and leave; from any thread or signal handler."""
        self._ending.set()
        self._wake.set()

    def _loop(self) -> None:
        (self._folder / "cwd").mkdir(exist_ok=True)
        clear_leftovers(self._folder / "server.json")
        self._prepare()
        while not self._ending.is_set():
            server = self._start()
            if server is None:
                return
            crashed = self._wait_end(server)
            if self._statistics is not None:
                self._statistics.close()
            if not crashed:
                return
            self._after_crash(server)

    def _prepare(self) -> None:
        """That the store can be opened. :raises Problem: it cannot, or not without changing it unasked"""
        interpreters = self._order["interpreters"]
        chosen, state, problem = choose_interpreter(self._store, interpreters, self._secrets)
        if problem is None:
            self._interpreter = chosen
            return
        asked = problem.code == "store-would-migrate" and self._order.get("migrate")
        if state is None or not (asked or problem.code == "store-unfinished"):
            raise problem
        Upgrade(
            Path(self._store["path"]),
            self._interpreter,
            folder=self._folder,
            log=self._log,
            publish=lambda told: self._publish("starting", problem=told),
        ).run()

    def _wait_end(self, server: ServerProcess) -> bool:
        """Until the server crashed (True) or we are to end (False)."""

        def tell() -> None:
            server.ended.wait()
            self._wake.set()

        threading.Thread(target=tell, daemon=True).start()
        while not self._ending.is_set() and not server.ended.is_set():
            self._wake.wait()
            self._wake.clear()
        return not self._ending.is_set()

    def _start(self) -> ServerProcess | None:
        """A healthy server, or None if we are to end meanwhile. :raises Problem: it does not come up"""
        attempt = 0
        while True:
            attempt += 1
            port = self._choose_port(remembered=attempt == 1)
            server = ServerProcess(self._server_order(port), self._folder / "server.json", self._log)
            self._server = server
            if server.wait_healthy(START_TIMEOUT_S, self._ending):
                write_private(self._folder / "port", str(port))
                if self._store["kind"] == "sqlite":
                    self._statistics = StatisticsKeeper(Path(self._store["path"]), log=self._log.write)
                self._publish("ready", port=port, version=server.version() or self._interpreter["mlflow"])
                return server
            running = not server.ended.is_set()
            server.stop()
            if self._ending.is_set():
                return None
            problem = self._why(server, running)
            if problem.code != "port-taken" or attempt == PORT_ATTEMPTS:
                raise problem

    def _why(self, server: ServerProcess, running: bool) -> Problem:
        tail = self._log.tail(server.mark)
        if running:
            return Problem(
                "start-timeout",
                f"MLflow did not answer within {START_TIMEOUT_S:.0f} seconds after its start.",
                "Start it again; if the machine is slow or its disk is, wait for it to be less busy.",
                log=tail,
            )
        known = explain(
            self._log.since(server.mark),
            python=self._interpreter["executable"],
            mlflow=self._interpreter["mlflow"],
            log=tail,
        )
        return known or Problem(
            "start-failed",
            f"MLflow ended while starting (exit code {server.exit_code}).",
            "The end of its log tells why.",
            log=tail,
        )

    def _after_crash(self, server: ServerProcess) -> None:
        """Wait before the next start. :raises Problem: it crashed too often"""
        server.stop()
        now = time.monotonic()
        self._crashes = [t for t in self._crashes if now - t < CRASH_WINDOW_S] + [now]
        count, limit = len(self._crashes), len(BACKOFF_S)
        what = f"MLflow stopped unexpectedly (exit code {server.exit_code})"
        if count > limit:
            raise Problem(
                "server-crashed",
                f"{what} {count} times within {CRASH_WINDOW_S / 60:.0f} minutes and is not started again "
                "by itself.",
                "The end of its log may tell why; start it again when that is mended.",
                log=self._log.tail(),
            )
        delay = BACKOFF_S[count - 1]
        self._publish(
            "starting",
            problem=Problem(
                "restarting",
                f"{what}; it is being started again (attempt {count} of {limit}).",
                "Nothing to do; what was saved before is kept.",
                log=self._log.tail(server.mark),
            ),
        )
        self._ending.wait(delay)

    def _server_order(self, port: int) -> ServerOrder:
        return ServerOrder(
            executable=self._interpreter["executable"],
            backend_store_uri=self._store["uri"],
            artifacts_destination=Path(self._store["artifacts"]).as_uri(),
            port=port,
            workers=int(self._order.get("workers", 1)),
            cwd=self._folder / "cwd",
            allow_file_store=self._store["kind"] == "folder",
        )

    def _choose_port(self, *, remembered: bool) -> int:
        """The port of last time if it is free, so that kernels that know it find the server again.

        Else a free one.
        """
        if remembered:
            with contextlib.suppress(OSError, ValueError):
                port = int((self._folder / "port").read_text())
                if 1024 <= port < 65536 and _is_free(port):
                    return port
        # MLflow listens seconds later: of the ports that systems give to outgoing connections, one may be
        # taken by then, or when the server is to come back at the port of last time.
        for port in random.SystemRandom().sample(_QUIET_PORTS, 50):
            if _is_free(port):
                return port
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    def _publish(self, state: str, *, problem: Problem | None = None, **facts: Any) -> None:
        self._leases.publish(
            {
                "state": state,
                "artifacts": self._store["artifacts"],
                "problem": problem.to_json() if problem else None,
                **facts,
            }
        )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As MLflow's own server does it: a port in TIME_WAIT is free.
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def main() -> int:
    """Take the lock, say "listening" on standard output, supervise."""
    folder = Path(sys.argv[1])
    order = json.loads(sys.stdin.buffer.readline())
    lock = FileLock(folder / "lock")
    if not lock.acquire():
        print("busy", flush=True)
        return 3
    supervisor = Supervisor(folder, order)
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: supervisor.end())
    print("listening", flush=True)
    try:
        supervisor.run()
    finally:
        lock.release()
    return 0


if __name__ == "__main__":
    sys.exit(main())
