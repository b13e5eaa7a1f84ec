"""Leases on a supervisor: a connection whose end says "gone", however its holder ended.

The talk is lines of JSON. A holder says `{"token", "command"}` (`lease`, then perhaps `stop`); the supervisor
answers with its state at once and at every change.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

#: Unix socket paths are limited to about 104 bytes; beyond that loopback TCP serves as well.
MAX_SOCKET_PATH = 100
ENDPOINT = "endpoint.json"


class FileLock:
    """An exclusive lock of the operating system on a file: gone with its holder, however that ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free; never waits."""
        file = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        try:
            if sys.platform == "win32":
                import msvcrt

                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Give the lock back; harmless if it was never taken."""
        if self._file is not None:
            self._file.close()
            self._file = None


def write_private(path: Path, text: str) -> None:
    """Replace the file at once by one that only its owner can read."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)


def private_folder(path: Path) -> Path:
    """Make the folder and those above it for its owner alone; existing ones above stay as they are."""
    for above in reversed(path.parents):
        above.mkdir(exist_ok=True, mode=0o700)
    path.mkdir(exist_ok=True, mode=0o700)
    with contextlib.suppress(OSError):
        path.chmod(0o700)
    return path


class LeaseServer:
    """The supervisor's side: counts leases, tells all of them the state."""

    def __init__(self, folder: Path, *, on_empty: Callable[[], None], on_stop: Callable[[], None]) -> None:
        """Listen and write the endpoint file.

        `on_empty` is called when the last lease ends, `on_stop` at `stop`.
        """
        self._folder = folder
        self._on_empty = on_empty
        self._on_stop = on_stop
        self._lock = threading.Lock()
        self._leases: dict[socket.socket, None] = {}
        self._state: dict[str, Any] = {}
        self._closed = False
        self._token = secrets.token_urlsafe(24)
        self._socket_path = folder / "lease.sock"
        endpoint: dict[str, Any] = {"token": self._token, "host": socket.gethostname(), "pid": os.getpid()}
        if hasattr(socket, "AF_UNIX") and len(os.fsencode(self._socket_path)) <= MAX_SOCKET_PATH:
            self._socket_path.unlink(missing_ok=True)
            self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._listener.bind(str(self._socket_path))
            with contextlib.suppress(OSError):
                self._socket_path.chmod(0o600)
        else:
            self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._listener.bind(("127.0.0.1", 0))
            endpoint["port"] = self._listener.getsockname()[1]
        self._listener.listen(64)
        write_private(folder / ENDPOINT, json.dumps(endpoint))
        threading.Thread(target=self._accept, daemon=True).start()

    def end_if_unused(self) -> None:
        """If there is no lease, admit none any more and say so: who comes now needs a new election."""
        with self._lock:
            if self._leases or self._closed:
                return
            self._closed = True
        self._on_empty()

    def publish(self, state: dict[str, Any]) -> None:
        """Tell all holders, and those who come later."""
        with self._lock:
            self._state = state
            for holder in list(self._leases):
                self._send(holder, state)

    def close(self) -> None:
        """Take no more leases and end those there are. Each has had the last state."""
        with self._lock:
            self._closed = True
            for holder in self._leases:
                with contextlib.suppress(OSError):
                    holder.shutdown(socket.SHUT_WR)
        (self._folder / ENDPOINT).unlink(missing_ok=True)
        self._socket_path.unlink(missing_ok=True)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                holder, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(holder,), daemon=True).start()

    def _serve(self, holder: socket.socket) -> None:
        with holder, contextlib.suppress(OSError, ValueError):
            holder.settimeout(10.0)
            lines = holder.makefile("rb")
            if not self._admit(holder, lines.readline(4096)):
                return
            holder.settimeout(None)
            try:
                for line in lines:
                    if json.loads(line).get("command") == "stop":
                        self._on_stop()
            finally:
                self._drop(holder)

    def _admit(self, holder: socket.socket, line: bytes) -> bool:
        order = json.loads(line)
        if not hmac.compare_digest(str(order.get("token", "")), self._token):
            return False
        with self._lock:
            if self._closed:
                return False
            self._leases[holder] = None
            self._send(holder, self._state)
        return True

    def _drop(self, holder: socket.socket) -> None:
        with self._lock:
            self._leases.pop(holder, None)
        self.end_if_unused()

    @staticmethod
    def _send(holder: socket.socket, state: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            holder.sendall(json.dumps(state).encode() + b"\n")


class Lease:
    """A Jupyter server's side: as long as it is open, the local server runs."""

    def __init__(self, connection: socket.socket, lines: IO[bytes], first: dict[str, Any]) -> None:
        self._connection = connection
        self._lines = lines
        self._first = first

    @classmethod
    def connect(cls, folder: Path, *, timeout_s: float = 5.0) -> Lease | None:
        """Take a lease on the supervisor of `folder`, or None if none answers."""
        try:
            endpoint = json.loads((folder / ENDPOINT).read_text(encoding="utf-8"))
            if endpoint["host"] != socket.gethostname():
                return None
            if "port" in endpoint:
                connection = socket.create_connection(("127.0.0.1", endpoint["port"]), timeout=timeout_s)
            else:
                connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                connection.settimeout(timeout_s)
                connection.connect(str(folder / "lease.sock"))
        except (OSError, ValueError, KeyError):
            return None
        try:
            connection.sendall(json.dumps({"token": endpoint["token"], "command": "lease"}).encode() + b"\n")
            lines = connection.makefile("rb")
            first = lines.readline()
            if not first:
                raise ConnectionError
            state = json.loads(first)
            connection.settimeout(None)
        except (OSError, ValueError):
            connection.close()
            return None
        return cls(connection, lines, state)

    def states(self) -> Iterator[dict[str, Any]]:
        """The state now and at every change, until the supervisor ends or `close` is called."""
        yield self._first
        while True:
            try:
                line = self._lines.readline()
                if not line:
                    return
                yield json.loads(line)
            except (OSError, ValueError):
                return

    def stop(self) -> None:
        """Ask the supervisor to end the local server, for everybody."""
        with contextlib.suppress(OSError):
            self._connection.sendall(b'{"command": "stop"}\n')

    def close(self) -> None:
        """End the lease. Safe from any thread."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()


def holder_host(folder: Path) -> str | None:
    """The machine whose supervisor wrote the endpoint file, if that is another one."""
    try:
        host = json.loads((folder / ENDPOINT).read_text(encoding="utf-8"))["host"]
    except (OSError, ValueError, KeyError):
        return None
    return str(host) if host != socket.gethostname() else None
