"""Cells that jupyter-server-nbmodel executes on the server: its events name them, its requests do not."""

from __future__ import annotations

import asyncio
import math
import sys
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..notebooks import Notebooks

CELL_EVENT = "https://events.jupyter.org/jupyter_server_nbmodel/cell_execution/v1"
#: Executions that are remembered until their messages have been seen.
REMEMBERED = 1000
#: Seconds after which what a page has just typed has reached the shared document: its request may be faster.
TYPED_S = 1.0


@dataclass
class ServerExecution:
    """What its events say of one execution. Times are seconds since the epoch."""

    document: str
    cell_id: str
    began: float
    ended: float = math.inf
    #: None until it is known, and where the notebook has none
    notebook_id: str | None = None
    #: of the cell, as the shared document had it since
    sources: set[str] = field(default_factory=set)


class ServerExecutions:
    """Joins executions with these events: by notebook, by the time between its two events, and by source."""

    def __init__(
        self,
        *,
        notebook_of: Callable[[str], Awaitable[str | None]],
        source_of: Callable[[str, str], Awaitable[str | None]],
    ) -> None:
        """
        :param notebook_of: the id of the notebook that a shared document is, by the document's id
        :param source_of: the source of a cell in a shared document as it is now
        """
        self._notebook_of = notebook_of
        self._source_of = source_of
        self._lock = threading.Lock()
        self._known: deque[ServerExecution] = deque(maxlen=REMEMBERED)

    async def on_event(self, logger: Any, schema_id: str, data: Mapping[str, Any]) -> None:
        """One began or ended; on the event loop."""
        document, cell, at = data["document_id"], data["cell_id"], _seconds(data["timestamp"])
        with self._lock:
            # Of a kernel that died, the next one's beginning is the end.
            ended = [each for each in self._known if each.document == document and math.isinf(each.ended)]
            for each in ended:
                each.ended = at
            if data["event_type"] == "execution_start":
                made = ServerExecution(document, cell, at)
                # At once: its end may come while its notebook and its source are asked for.
                self._known.append(made)
        if data["event_type"] == "execution_end":
            for each in ended:
                await self._read_source(each)
            return
        # The notebook's id, as it may be renamed before the execution's messages have been read.
        made.notebook_id = await self._notebook_of(document)
        await self._read_source(made)
        await asyncio.sleep(TYPED_S)
        await self._read_source(made)

    def cell_of(self, notebook_id: str, source: str, started: float) -> str | None:
        """The cell of an execution of this notebook that nobody has named; None for any other."""
        with self._lock:
            for known in self._known:
                is_then = known.notebook_id == notebook_id and known.began <= started <= known.ended
                if is_then and source in known.sources:
                    return known.cell_id
        return None

    async def _read_source(self, known: ServerExecution) -> None:
        source = await self._source_of(known.document, known.cell_id)
        with self._lock:
            known.sources.update([source] if source is not None else [])


def listen(serverapp: Any, notebooks: Notebooks) -> ServerExecutions | None:
    """Follow jupyter-server-nbmodel on this Jupyter server; None where it is not, or without collaboration.

    It has an event logger of its own: what it tells does not come to Jupyter's event bus.
    """
    module = sys.modules.get("jupyter_server_nbmodel.event_logger")
    apps = serverapp.extension_manager.extension_apps.get("jupyter_server_ydoc") or ()
    ydoc, events = next(iter(apps), None), getattr(module, "event_logger", None)
    if ydoc is None or events is None or CELL_EVENT not in events.schemas:
        return None

    async def notebook_of(document: str) -> str | None:
        ids = serverapp.web_app.settings.get("file_id_manager")
        # As `json:notebook:<id of the file>`.
        path = ids.get_path(document.split(":", 2)[-1]) if ids is not None else None
        found = await asyncio.to_thread(notebooks.find, path=path) if isinstance(path, str) else None
        return found["id"] if found is not None else None

    async def source_of(document: str, cell_id: str) -> str | None:
        notebook = await ydoc.get_document(room_id=document, copy=False)
        cells = getattr(notebook, "ycells", ())
        return next((str(cell["source"]) for cell in cells if cell["id"] == cell_id), None)

    made = ServerExecutions(notebook_of=notebook_of, source_of=source_of)
    events.add_modifier(schema_id=CELL_EVENT, modifier=_as_the_schema_has_it)
    events.add_listener(schema_id=CELL_EVENT, listener=made.on_event)
    return made


def _as_the_schema_has_it(schema_id: str, data: dict[str, Any]) -> dict[str, Any]:
    # Once somebody listens, events are validated, and one that fails there fails the cell: a client that
    # names its notebook by the path alone has no document's id.
    return {**data, "document_id": data.get("document_id") or ""}


def _seconds(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp()
