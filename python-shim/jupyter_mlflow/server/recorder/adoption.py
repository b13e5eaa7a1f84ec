"""Journals that nobody reads: of a Jupyter server that has ended, and of kernels that no server started."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from .desk import Desk
from .folding import Origin
from .journal_reader import JournalReader
from .journals import JournalFolder, folders
from .ledger import Ledger
from .matching import match_folder
from .modes import SENDS
from .reducer import Fact
from .writers import may_write

#: Modes that `JUPYTER_MLFLOW_RECORD` may say, and what each sends.
HEADLESS = {"keep": "nothing", "runs": "runs", "tagged": "tagged", "all": "all"}


class Adoption:
    """Takes such journals into this server's ledger. Belongs to the desk's thread."""

    def __init__(
        self,
        root: Path,
        desk: Desk,
        *,
        find_notebook: Callable[[str], Mapping[str, str] | None] = lambda path: None,
        find_server: Callable[[str], str | None] = lambda uri: None,
    ) -> None:
        """:param root: the folder of all journals
        :param find_notebook: `{"id", "path"}` of the notebook that is an absolute path; makes the id
        :param find_server: the id of the tracking server with that URI, or of the usual one without
        """
        self._root = root
        self._desk = desk
        self._find_notebook = find_notebook
        self._find_server = find_server
        self._adopted: dict[Path, JournalReader] = {}

    def step(self, *, mine: Callable[[], set[Path]] = set) -> None:
        """Look for journals, read on in those that were adopted.

        :param mine: folders that this server reads anyway
        """
        own = mine()
        for path in folders(self._root):
            if path not in self._adopted and path not in own:
                self._take(path)
        for path in list(self._adopted):
            self._read(path, self._adopted[path])

    def kernels(self) -> set[str]:
        """Of which there are journals that are still read."""
        found = set()
        for reader in self._adopted.values():
            found |= {reader.kernel_id, *(f"headless-{file.process}" for file in reader.folder.files())}
        return found

    def damaged(self) -> None:
        """The ledger is a new one: see `Desk.damaged`."""
        for reader in self._adopted.values():
            reader.resume({})

    def close(self) -> None:
        """Leave them to the next."""
        for reader in self._adopted.values():
            reader.folder.close(remove=False)
        self._adopted.clear()

    def _take(self, path: Path) -> None:
        try:
            folder = JournalFolder.take(path)
        except OSError:
            return
        if folder is None:
            return
        mode = folder.read_mode()
        owner = mode.get("ledger")
        ledger = self._desk.ledger()
        if isinstance(owner, str) and owner != str(ledger.path) and Path(owner).exists():
            # What it tells belongs to what another ledger has of it: whoever opens that one reads it.
            folder.close(remove=False)
            return
        kernel_id = mode.get("kernel_id")
        if isinstance(kernel_id, str) and kernel_id:
            self._adopted[path] = self._desk.reader(folder, kernel_id, lambda client, _: _kept(mode, client))
        else:
            self._adopted[path] = self._desk.reader(
                folder, path.name, lambda _, header: self._headless(header)
            )

    def _read(self, path: Path, reader: JournalReader) -> None:
        ledger = self._desk.ledger()
        files = reader.folder.files()
        # Asked before reading: a process that ends in between would leave its last words.
        lives = any(may_write(reader, file) for file in files)
        kernels = {reader.kernel_id, *(f"headless-{file.process}" for file in files)}
        folder = next((str(reader.header(file).get("cwd") or "") for file in files), "")
        reader.read(ledger, ended=lambda process: not lives)
        if not lives:
            if reader.kernel_id == path.name and os.path.isabs(folder):
                self._match(ledger, kernels - {reader.kernel_id}, Path(folder))
            self._desk.gone(lambda each: each.kernel_id in kernels, "unknown", time.time())
            del self._adopted[path]
            reader.folder.close(remove=True)

    def _headless(self, header: Mapping[str, Any]) -> Origin | None:
        return headless_origin(header, find_notebook=self._find_notebook, find_server=self._find_server)

    def _match(self, ledger: Ledger, kernels: Iterable[str], folder: Path) -> None:
        """nbconvert and papermill do not tell the kernel which notebook they execute."""
        for kernel_id in kernels:
            ran = ledger.sources(kernel_id)
            began = min((at for _, _, at in ran if at is not None), default=math.inf)
            match = match_folder(folder, [source for _, source, _ in ran], began=began)
            if match is not None:
                notebook = self._find_notebook(str(match.path))
                ledger.place(
                    kernel_id,
                    notebook["id"] if notebook is not None else None,
                    notebook["path"] if notebook is not None else str(match.path),
                )
            cells = match.cells if match is not None else [None] * len(ran)
            # Also that there is none: what is to be sent has waited for that.
            named = zip((id for id, _, _ in ran), cells, strict=True)
            ledger.add(Origin(kernel_id), [Fact(id, "matched", {"cell": cell}) for id, cell in named])


def headless_origin(
    header: Mapping[str, Any],
    *,
    find_notebook: Callable[[str], Mapping[str, str] | None],
    find_server: Callable[[str], str | None] = lambda uri: None,
) -> Origin | None:
    """What a kernel that no server started says of itself; None if it does not say that it is recorded."""
    mode, process = header.get("mode"), header.get("process")
    if mode not in HEADLESS or not isinstance(process, str):
        return None
    target = header.get("target")
    uri, experiment = (target.get("uri"), target.get("experiment")) if isinstance(target, Mapping) else (0, 0)
    is_whole = isinstance(uri, str) and len(uri) <= 2000 and isinstance(experiment, str) and bool(experiment)
    path = header.get("path")
    path = path[:4096] if isinstance(path, str) and path else None
    notebook = find_notebook(path) if path is not None else None
    send = HEADLESS[mode]
    return Origin(
        kernel_id=f"headless-{process[:64]}",
        notebook_id=notebook["id"] if notebook is not None else None,
        path=notebook["path"] if notebook is not None else path,
        language="python",
        keep=True,
        send=send if is_whole else "nothing",
        target={
            "server_id": find_server(str(uri)) or "",
            "uri": uri,
            "experiment": str(experiment)[:500],
        }
        if is_whole and send != "nothing"
        else None,
    )


def _kept(mode: Mapping[str, Any], client: str | None) -> Origin | None:
    """As the Jupyter server that has ended wrote it down."""
    clients = mode.get("clients")
    kept = clients.get(client) if isinstance(clients, Mapping) and client is not None else None
    kept = kept if isinstance(kept, Mapping) else mode.get("origin")
    if not isinstance(kept, Mapping):
        return None
    texts = {name: kept.get(name) for name in ("notebook_id", "path", "language", "kernel")}
    target = kept.get("target")
    return Origin(
        kernel_id=str(mode["kernel_id"]),
        **{name: text[:4096] for name, text in texts.items() if isinstance(text, str)},
        keep=kept.get("keep") is True,
        send=kept["send"] if kept.get("send") in SENDS else "nothing",
        target=dict(target) if isinstance(target, Mapping) else None,
    )
