"""A process that holds a lease on a local server: `lease_holder.py <state_dir> <store uri> <interpreter>`.

Says its state as a line of JSON for each word that it is told: `start`, `status`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from jupyter_mlflow.server.local.stores import parse_store
from local_support import local_servers, settled


async def main() -> None:
    state_dir, uri, executable = sys.argv[1:]
    servers = local_servers(Path(state_dir), executable)
    store = parse_store(uri, root_dir=Path("/"))
    print(json.dumps({"state": "waiting"}), flush=True)
    while word := (await asyncio.to_thread(sys.stdin.readline)).strip():
        if word == "start":
            await servers.start(store)
        status = await settled(servers, store)
        problem = status.problem.to_json() if status.problem else None
        print(json.dumps({"state": status.state, "origin": status.origin, "problem": problem}), flush=True)
    await servers.close()


asyncio.run(main())
