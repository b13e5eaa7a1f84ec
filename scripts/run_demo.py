"""Runs a notebook from its first cell to its last and says how far it is.

`python run_demo.py NOTEBOOK [OUTPUT]`. The kernel is this interpreter, its tracking server that of
MLFLOW_TRACKING_URI. The notebook itself stays as it is; what ran, with its outputs, is written to OUTPUT.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


class OwnKernel(AsyncKernelManager):
    """A kernel of this interpreter, whatever kernelspecs are installed."""

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        return [
            sys.executable,
            "-m",
            "ipykernel_launcher",
            "-f",
            self.connection_file,
            # What a kernel warns of at its start says nothing about the notebook.
            "--log-level=ERROR",
            *(extra_arguments or []),
        ]


def headings(cells: list[Any]) -> list[str]:
    """For each cell the last heading above it."""
    found, current = [], ""
    for cell in cells:
        if cell.cell_type == "markdown":
            for line in cell.source.splitlines():
                if line.startswith("#"):
                    current = line.lstrip("# ")
        found.append(current)
    return found


def run(path: Path, output: Path | None = None, timeout_s: int = 600) -> Any:
    """Runs the notebook in its own folder and returns it with its outputs. Raises `CellExecutionError`."""
    notebook = nbformat.read(path, as_version=4)
    titles = headings(notebook.cells)
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]

    def announce(cell: Any, cell_index: int) -> None:
        if cell_index in code:
            print(f"cell {code.index(cell_index) + 1} of {len(code)}: {titles[cell_index]}", flush=True)

    client = NotebookClient(
        notebook,
        timeout=timeout_s,
        kernel_name="python3",
        kernel_manager_class=OwnKernel,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=announce,
    )
    try:
        client.execute()
    finally:
        if output is not None:
            output.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, output)
    return notebook


def main() -> int:
    path = Path(sys.argv[1]).absolute()
    output = Path(sys.argv[2]).absolute() if len(sys.argv) > 2 else None
    try:
        run(path, output)
    except CellExecutionError as error:
        print(f"A cell of {path.name} failed with {error.ename}: {error.evalue}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
