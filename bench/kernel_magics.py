"""What the shim and `%mlflow` cost a kernel; prints milliseconds as JSON.

`python kernel_magics.py RUNS`: a kernel for each round, and one before them that does not count.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from jupyter_client.manager import KernelManager
from jupyter_mlflow.server.kernels.payload import expression

#: How often `%mlflow` is asked in one kernel.
TIMES = 20
#: Tells the shim who it works for, as the Jupyter server does, and then asks nothing that takes time.
CONTEXT = {"do": "nothing", "context": {"kernel_id": "bench", "servers": []}}

_IMPORT = """
import time
_wall, _cpu = time.perf_counter(), time.process_time()
_answer = eval({expression!r})
print(1000 * (time.perf_counter() - _wall), 1000 * (time.process_time() - _cpu))
"""
_MAGIC = """
def _timed(line, clock=time.perf_counter):
    began = clock()
    get_ipython().run_line_magic(*line)
    return 1000 * (clock() - began)

print(_timed(('mlflow', ''), time.process_time), *[_timed(('mlflow', '')) for _ in range({times})])
print(*[_timed(('env', '')) for _ in range({times})])
_began = time.perf_counter()
import mlflow
print(1000 * (time.perf_counter() - _began))
"""


def main() -> None:
    """The rounds, and what came of them."""
    runs = int(sys.argv[1])
    rounds = [_round() for _ in range(runs + 1)][1:]
    print(json.dumps({name: [each[name] for each in rounds] for name in rounds[0]}))


def _round() -> dict[str, float]:
    manager = KernelManager()
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        ask = _asker(client)
        ask("import time, base64, hashlib, json, zlib; time.perf_counter()")
        # As the Jupyter server does when the kernel starts.
        wall, cpu = map(float, ask(_IMPORT.format(expression=expression(CONTEXT))).split())
        ask(f"_answer = eval({expression({**CONTEXT, 'do': 'facts'})!r})")
        lines = ask(_MAGIC.format(times=TIMES)).strip().splitlines()
        magics, peers = ([float(word) for word in line.split()] for line in lines[-3:-1])
        return {
            "import": wall,
            "import_cpu": cpu,
            "first": magics[0],
            "magic": sorted(magics[1:])[TIMES // 2],
            "peer": sorted(peers)[TIMES // 2],
            "mlflow": float(lines[-1]),
        }
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _asker(client: Any) -> Callable[[str], str]:
    def ask(code: str) -> str:
        printed: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = client.execute_interactive(code, output_hook=hear, timeout=120)
        assert reply["content"]["status"] == "ok", reply["content"]
        return "".join(printed)

    return ask


if __name__ == "__main__":
    main()
