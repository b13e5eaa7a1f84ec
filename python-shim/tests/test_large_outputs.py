"""A cell that prints far more than anybody reads: bounded memory, a mark, and the execution as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_mlflow.server.recorder.ledger import MAX_OUTPUTS
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel
from processes_under_test import wait_until
from recorder_support import executions, record, recording, wait_recorded

MEGABYTES = 500
#: Of the Jupyter process, above what it had before: the queue's 64, what is being read, and SQLite's part are
#: under 100; on a busy machine, up to a thousand messages wait in Jupyter's own subscription besides. To hold
#: all of it would take several times what is printed.
MOST_MEGABYTES = 450
PATIENCE_S = 240


def peak_megabytes(pid: int) -> float:
    """The most memory that the process has had since it was last reset."""
    (line,) = (
        each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmHWM")
    )
    return int(line.split()[1]) / 1024


def test_half_a_gigabyte_of_output(start_jupyter: Callable[..., Jupyter]) -> None:
    # Jupyter itself would keep what a page that is gone has not seen.
    config = "c.MappingKernelManager.buffer_offline_messages = False\n"
    jupyter = start_jupyter(config=config, extensions=["loop_watch"])
    record(jupyter, "large.ipynb")
    kernel = NotebookKernel(jupyter, "large.ipynb")
    try:
        wait_recorded(jupyter, kernel)
        pid = jupyter.process.process.pid
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        before = peak_megabytes(pid)
        jupyter.client.get(f"{jupyter.url}loop-watch")
        mark = jupyter.root / "mark"
        cell = kernel.send(
            "line = 'x' * 999_999\n"
            # One message each: of more together the kernel makes messages beyond what is read.
            f"for n in range({MEGABYTES}): print(line, flush=True)\nopen({str(mark)!r}, 'w').close()"
        )
        wait_until(
            lambda: any(row["id"] == cell.msg_id for row in executions(jupyter, kernel.path)), "the cell", 60
        )
        # The page is closed: what it would get of it is Jupyter's own matter.
        kernel.socket.close()
        wait_until(mark.exists, "the cell to print all of it", PATIENCE_S)
        found: dict[str, Any] = {}

        def is_written() -> bool:
            found.update(executions(jupyter, kernel.path)[-1])
            return found["status"] == "ok" and found["output_bytes"] + found["cut_bytes"] >= 1e6 * MEGABYTES

        try:
            wait_until(is_written, "all of it in the ledger", PATIENCE_S)
        finally:
            peak = peak_megabytes(pid)
            print(f"{peak - before:.0f} MB more, {found['output_bytes']} kept, {found['cut_bytes']} cut")
        assert found["id"] == cell.msg_id
        assert found["output_bytes"] + found["cut_bytes"] == 1e6 * MEGABYTES, (
            "nothing is lost, nothing doubled"
        )
        assert found["output_bytes"] == MAX_OUTPUTS
        assert peak - before < MOST_MEGABYTES
        kept = jupyter.client.get(f"executions/{cell.msg_id}/outputs").json()
        assert kept["cut_bytes"] == found["cut_bytes"] > 0
        text = "".join(each["text"] for each in kept["outputs"])
        assert len(text) == MAX_OUTPUTS
        assert set(text) == {"x", "\n"}
        holds = jupyter.client.get(f"{jupyter.url}loop-watch").json()["holds"]
        print(holds[:3])
        assert holds[0]["ms"] < 20, holds[:3]
        assert recording(jupyter, kernel.path)["problems"] == []
    finally:
        kernel.close()
