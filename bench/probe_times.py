"""Asks a kernel as the Jupyter server does, or starts kernels of Jupyter servers; prints times in ms as JSON.

`python probe_times.py ask RUNS` · `python probe_times.py start RUNS URL TOKEN URL TOKEN` (with, without)
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import zmq.asyncio
from jupyter_client.manager import AsyncKernelManager
from jupyter_mlflow.server.kernels.kernel_channel import Followers, ZmqChannel
from jupyter_mlflow.server.kernels.payload import PACKAGE, expression
from websocket import create_connection

#: What a kernel is asked with: as long as the real one.
REQUEST: dict[str, Any] = {
    "do": "facts",
    "context": {
        "user": "ada",
        "kernel_id": str(uuid.uuid4()),
        "notebook_id": uuid.uuid4().hex,
        "notebook_path": "work/train.ipynb",
        "run_tags": True,
        "experiment": None,
        "servers": [],
        "panel_server_id": None,
    },
}
PATIENCE_S = 60


def main() -> None:
    """The one or the other."""
    kind, runs, *more = sys.argv[1], int(sys.argv[2]), *sys.argv[3:]
    times = asyncio.run(_ask(runs)) if kind == "ask" else _start(runs, more[:2], more[2:])
    print(json.dumps(times))


async def _ask(runs: int) -> dict[str, list[float]]:
    manager = AsyncKernelManager(kernel_name="python3")
    await manager.start_kernel()
    listens = asyncio.Event()
    followers = Followers(connected=listens.set, lost=lambda reason: None, dead=lambda: None)
    context = zmq.asyncio.Context()
    channel = ZmqChannel(context, manager, followers)
    times: dict[str, list[float]] = {
        name: [] for name in ("first", "bare", "probe", "processor", "shim", "map")
    }
    try:
        await asyncio.wait_for(listens.wait(), PATIENCE_S)
        # The kernel listens before it is done with starting.
        await channel.ask("0")
        times["first"].append(await _time(channel, expression(REQUEST)))
        for number in range(-2, runs):
            # In turn: what slows the machine for a while slows all of them.
            bare = await _time(channel, "0")
            before = await _processor(channel)
            between = await _processor(channel)
            probe = await _time(channel, expression(REQUEST))
            after = await _processor(channel)
            shim = await _inside(channel, f"__import__({PACKAGE + '.shim'!r}, fromlist=['x']).answer(r)")
            packages = "__import__('importlib.metadata', fromlist=['x']).packages_distributions()"
            mapped = await _inside(channel, packages)
            if number >= 0:
                times["bare"].append(bare)
                times["probe"].append(probe)
                # Without what the question for the processor's time has cost.
                times["processor"].append((after - between) - (between - before))
                times["shim"].append(shim)
                times["map"].append(mapped)
    finally:
        channel.close()
        context.destroy(linger=0)
        await manager.shutdown_kernel(now=True)
    return times


async def _time(channel: ZmqChannel, asked: str) -> float:
    began = time.perf_counter()
    reply = await channel.ask(asked)
    if reply.status != "ok":
        raise SystemExit(f"the kernel did not answer: {reply.error}")
    return 1000 * (time.perf_counter() - began)


async def _processor(channel: ZmqChannel) -> float:
    """Milliseconds of processor time that the kernel has used."""
    return await _number(channel, "1000 * __import__('time').process_time()")


async def _inside(channel: ZmqChannel, work: str) -> float:
    """Milliseconds that the kernel takes for it, on its own clock."""
    clock = "__import__('time').perf_counter"
    request = repr(json.dumps(REQUEST))
    return await _number(
        channel, f"(lambda began, r: ({work}, 1000 * ({clock}() - began))[1])({clock}(), {request})"
    )


async def _number(channel: ZmqChannel, asked: str) -> float:
    shown = f"__import__({PACKAGE + '.shim'!r}, fromlist=['x']).Answer({{'number': {asked}}})"
    reply = await channel.ask(shown)
    if reply.status != "ok":
        raise SystemExit(f"the kernel did not answer: {reply.error}")
    return float(reply.data["number"])


def _start(runs: int, with_us: list[str], without: list[str]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {"with": [], "without": []}
    ways: list[tuple[str, list[str]]] = [("with", with_us), ("without", without)]
    for number in range(-1, runs):
        # The order changes with each round.
        for name, (url, token) in ways if number % 2 else ways[::-1]:
            taken = _first_reply(url, token)
            if number >= 0:
                times[name].append(taken)
    return times


def _first_reply(url: str, token: str) -> float:
    """From asking Jupyter for a kernel until the first cell, sent at once, has been answered."""
    headers = {"Authorization": f"token {token}"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=PATIENCE_S) as client:
        began = time.perf_counter()
        id = client.post("/api/kernels", json={"name": "python3"}).json()["id"]
        session = uuid.uuid4().hex
        address = f"{url}/api/kernels/{id}/channels?session_id={session}".replace("http", "ws", 1)
        socket = create_connection(address, header=[f"Authorization: token {token}"], timeout=PATIENCE_S)
        try:
            asked = uuid.uuid4().hex
            socket.send(json.dumps(_cell(asked, session)))
            _until(
                socket.recv,
                lambda message: (
                    message["parent_header"].get("msg_id") == asked
                    and message["header"]["msg_type"] == "execute_reply"
                ),
            )
            return 1000 * (time.perf_counter() - began)
        finally:
            socket.close()
            client.delete(f"/api/kernels/{id}")


def _until(receive: Callable[[], Any], condition: Callable[[dict[str, Any]], bool]) -> None:
    while not condition(json.loads(receive())):
        pass


def _cell(id: str, session: str) -> dict[str, Any]:
    header = {
        "msg_id": id,
        "msg_type": "execute_request",
        "session": session,
        "username": "",
        "version": "5.3",
        "date": "2026-01-01T00:00:00Z",
    }
    content = {
        "code": "1 + 1",
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": True,
    }
    return {
        "header": header,
        "parent_header": {},
        "metadata": {},
        "content": content,
        "buffers": [],
        "channel": "shell",
    }


if __name__ == "__main__":
    main()
