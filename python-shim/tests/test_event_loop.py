"""Jupyter's event loop is not held: pages and kernels wait for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from servers import clean_environ

#: In a process of its own: what is loaded once is loaded at another test's cost.
_FIRST = """
import asyncio, json
from jupyter_mlflow.server.tracking.addresses import split_remote
from jupyter_mlflow.server.forwarding.connections import ClientKey, Connections
from jupyter_mlflow.server.forwarding.credentials import Tls
from loop_watch import LoopWatch

async def main():
    watch = LoopWatch()
    watch.install()
    connections = Connections(connect_timeout=5, environ={})
    client = await connections.client(ClientKey("s", split_remote("http://127.0.0.1:9")[0], Tls()))
    try:
        await client.get("http://127.0.0.1:9/")
    except Exception as error:
        print(type(error).__name__)
    print(json.dumps(watch.take()))

asyncio.run(main())
"""


def test_the_first_request_to_a_tracking_server_holds_it_no_longer_than_others() -> None:
    tests = Path(__file__).resolve().parent
    done = subprocess.run(
        [sys.executable, "-c", _FIRST],
        env=clean_environ(PYTHONPATH=f"{tests}:{tests.parent}"),
        capture_output=True,
        text=True,
        check=True,
    )
    error, holds = done.stdout.splitlines()
    assert error == "ConnectError"
    assert json.loads(holds)[0]["ms"] < 20, holds
