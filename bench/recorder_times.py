"""What a kernel's hooks cost, and what the ledger bears; prints times in ms as JSON.

`python recorder_times.py FOLDER`
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

from jupyter_mlflow.kernel.journal import Journal
from jupyter_mlflow.server.recorder.history import History
from jupyter_mlflow.server.recorder.journals import JournalFolder
from jupyter_mlflow.server.recorder.ledger import Ledger, Origin, Output
from jupyter_mlflow.server.recorder.reducer import Fact

EXECUTIONS = 100_000


def main() -> None:
    """Everything, one after the other."""
    folder = Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print(json.dumps({"hooks": _hooks(folder), "ledger": _ledger(folder)}))
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
