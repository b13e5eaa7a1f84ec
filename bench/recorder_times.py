"""What recording costs a cell, and what the ledger bears; prints times in ms as JSON.

`python recorder_times.py FOLDER BLOCKS` (of a hundred cells, half of them recorded)
"""

from __future__ import annotations

import json
import random
import shutil
import string
import sys
import time
import types
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from jupyter_mlflow.kernel.journal import Journal
from jupyter_mlflow.server.kernel_channel import request_content
from jupyter_mlflow.server.payload import expression, journal_part
from jupyter_mlflow.server.recorder.desk import Desk, Follow
from jupyter_mlflow.server.recorder.following import Plan, View
from jupyter_mlflow.server.recorder.history import History
from jupyter_mlflow.server.recorder.iopub import Signature
from jupyter_mlflow.server.recorder.journals import JournalFolder, folder_of
from jupyter_mlflow.server.recorder.ledger import Ledger, Origin, Output
from jupyter_mlflow.server.recorder.reducer import Fact
from jupyter_mlflow.server.recorder.spill_queue import SpillQueue
from jupyter_mlflow.server.recorder.witness import Witness

CELLS = 100
LINES = 50_000
EXECUTIONS = 100_000
PATIENCE_S = 120


def main() -> None:
    """Everything, one after the other."""
    folder, blocks = Path(sys.argv[1]), int(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print(json.dumps({"hooks": _hooks(folder), "cells": _cells(folder, blocks), "ledger": _ledger(folder)}))
    shutil.rmtree(folder, ignore_errors=True)


def _hooks(folder: Path) -> dict[str, dict[str, list[float]]]:
    """Milliseconds within each of the two hooks, by the size of the source."""
    taken = JournalFolder.take(folder / "hooks")
    if taken is None:
        raise SystemExit("the folder is in use")
    taken.write_mode({"on": True})
    parent: dict[str, Any] = {}
    shell = types.SimpleNamespace(
        kernel=types.SimpleNamespace(get_parent=lambda _: parent), execution_count=1
    )
    journal = Journal(shell, {"folder": str(taken.path), "mode": str(taken.mode_file)})
    ended = types.SimpleNamespace(error_before_exec=None, error_in_exec=None, execution_count=1)
    times: dict[str, dict[str, list[float]]] = {}
    for size in (1_000, 100_000):
        info = types.SimpleNamespace(raw_cell="x" * size, cell_id=None)
        found = times[str(size)] = {"before": [], "after": []}
        for number in range(-10, 2_000):
            parent.update(header={"msg_id": f"{size}-{number}", "session": "s"}, metadata={})
            began = time.perf_counter()
            journal.before(info)
            between = time.perf_counter()
            journal.after(ended)
            if number >= 0:
                found["before"].append(1000 * (between - began))
                found["after"].append(1000 * (time.perf_counter() - between))
    taken.close(remove=True)
    return times


def _cells(folder: Path, blocks: int) -> dict[str, Any]:
    """Round trips of cells with recording on and off, in turn; then a cell that prints much, both ways."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.client()
    # Nobody but the witness listens to what is printed: a page would cost the kernel something, too.
    client.start_channels(iopub=False, stdin=False)
    _run(client, "0")
    taken = JournalFolder.take(folder_of(folder / "journals", "kernel"))
    if taken is None:
        raise SystemExit("the folder is in use")
    desk = Desk(
        SpillQueue(folder / "spill"),
        open_ledger=lambda: Ledger(folder / "ledger"),
        on_trouble=lambda code, words: print(code, words, file=sys.stderr),
        on_change=lambda changes: None,
        on_unneeded=lambda kernel_id: None,
    )
    desk.start()
    witness = Witness(desk.queue.put)
    origin = Origin("kernel", "notebook", "a.ipynb", "python")
    signature = Signature(manager.session.key, manager.session.signature_scheme)
    desk.queue.put(Follow("kernel", Plan(View(origin, True)), signature, taken))
    taken.write_mode({"on": False})
    part = journal_part({"folder": str(taken.path), "mode": str(taken.mode_file)})
    content = request_content(expression({"do": "facts", "recording": part}))
    client.shell_channel.send(client.session.msg("execute_request", content))
    client.get_shell_msg(timeout=PATIENCE_S)

    def record(on: bool) -> None:
        taken.write_mode({"on": on})
        if on:
            witness.connect("kernel", manager._make_url("iopub"))
        else:
            witness.disconnect("kernel")
        # The first cell after the change pays for it.
        _run(client, "0")

    times: dict[str, Any] = {"on": [], "off": [], "lines_on": [], "lines_off": []}
    for block in range(2 * blocks):
        is_on = bool((block + block // 2) % 2)
        record(is_on)
        for _ in range(CELLS):
            times["on" if is_on else "off"].append(_run(client, "1 + 1"))
    code = f"for n in range({LINES}): print(n, flush=True)"
    expected = "".join(f"{n}\n" for n in range(LINES))
    for number in range(4):
        is_on = bool((number + number // 2) % 2)
        record(is_on)
        times["lines_on" if is_on else "lines_off"].append(_run(client, code))
    lost = 0
    until = time.monotonic() + PATIENCE_S
    for row in History(desk.ledger()).list(text="print", limit=10)["executions"]:
        while History(desk.ledger()).get(row["id"])["status"] == "running" and time.monotonic() < until:
            time.sleep(0.05)
        found = History(desk.ledger()).outputs(row["id"])["outputs"]
        lost += LINES - (LINES if found and found[0]["text"] == expected else found[0]["text"].count("\n"))
    times["lost"] = lost
    witness.close()
    desk.close()
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    return times


def _run(client: BlockingKernelClient, code: str) -> float:
    began = time.perf_counter()
    asked = client.execute(code)
    while client.get_shell_msg(timeout=PATIENCE_S)["parent_header"].get("msg_id") != asked:
        pass
    return 1000 * (time.perf_counter() - began)


def _ledger(folder: Path) -> dict[str, Any]:
    """Executions in a second, each of four facts and an output; and a history of a hundred thousand."""
    chance = random.Random(1)
    words = ["".join(chance.choices(string.ascii_lowercase, k=chance.randint(3, 9))) for _ in range(3_000)]
    ledger = Ledger(folder / "many")
    began = time.perf_counter()
    for first in range(0, EXECUTIONS, 50):
        facts, outputs = [], []
        for number in range(first, first + 50):
            id, at = f"e{number}", float(number)
            lines = (" = ".join(chance.choices(words, k=3)) for _ in range(8))
            source = {"source": f"# {number}\n" + "\n".join(lines), "process": "p", "at": at}
            facts += [
                Fact(id, "start", {**source, "cell": f"c{number % 500}"}),
                Fact(id, "input", {**source, "n": number}),
                Fact(id, "end", {"at": at + 1, "seconds": 1.0, "ok": number % 7 != 0}),
                Fact(id, "idle", {"at": at + 1}),
            ]
            outputs.append(Output(id, id, {"output_type": "stream", "name": "stdout", "text": f"{number}\n"}))
        ledger.add(Origin("k", f"n{first // 50 % 20}"), facts, outputs)
    seconds = time.perf_counter() - began
    history = History(ledger)
    asked: dict[str, dict[str, Any]] = {
        "open": {"notebook_id": "n3"},
        "status": {"status": "error"},
        "rare text": {"text": f"{words[5]} = {words[9]}"},
        "common text": {"text": words[7]},
    }
    times: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(7):
        for name, query in asked.items():
            began = time.perf_counter()
            history.list(**query)
            times[name].append(1000 * (time.perf_counter() - began))
    ledger.close()
    return {"per_second": EXECUTIONS / seconds, "history": times}


if __name__ == "__main__":
    main()
