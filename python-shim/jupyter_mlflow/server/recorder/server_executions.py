"""Cells that jupyter-server-nbmodel executes on the server: its events name them, its requests do not."""

from __future__ import annotations

import asyncio
import math
import sys
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

CELL_EVENT = "https://events.jupyter.org/jupyter_server_nbmodel/cell_execution/v1"
#: Executions that are remembered until their messages have been seen.
REMEMBERED = 1000
#: Seconds after which what a page has just typed has reached the shared document: its request may be faster.
TYPED_S = 1.0


@dataclass
class ServerExecution:
    """What its events say of one execution. Times are seconds since the epoch."""

    document: str
    path: str
    cell_id: str
    #: of the cell, as the shared document had it since
    sources: set[str]
    began: float
    ended: float = math.inf


class ServerExecutions:
    """Joins executions with these events: by notebook, by the time between its two events, and by source."""

    def __init__(
        self,
        *,
        path_of: Callable[[str], str | None],
        source_of: Callable[[str, str], Awaitable[str | None]],
    ) -> None:
        """
        :param path_of: the path from Jupyter's root of a shared document, by its id
        :param source_of: the source of a cell in a shared document as it is now
        """
        self._path_of = path_of
        self._source_of = source_of
        self._lock = threading.Lock()
        self._known: deque[ServerExecution] = deque(maxlen=REMEMBERED)

    async def on_event(self, logger: Any, schema_id: str, data: Mapping[str, Any]) -> None:
        """One began or ended; on the event loop."""
        document, cell, at = data["document_id"], data["cell_id"], _seconds(data["timestamp"])
        source = await self._source_of(document, cell)
        if data["event_type"] == "execution_end":
            with self._lock:
                for known in self._known:
                    if known.document == document and math.isinf(known.ended):
                        known.ended = at
                        known.sources.update([source] if source is not None else [])
            return
        path = self._path_of(document)
        if path is None or source is None:
            return
        made = ServerExecution(document, path.strip("/"), cell, {source}, at)
        with self._lock:
            for known in self._known:
                # A kernel that died leaves one without an end.
                if known.document == document:
                    known.ended = min(known.ended, at)
            self._known.append(made)
        await asyncio.sleep(TYPED_S)
        later = await self._source_of(document, cell)
        with self._lock:
            made.sources.update([later] if later is not None else [])

    def cell_of(self, path: str, source: str, started: float) -> str | None:
        """The cell of an execution of this notebook that nobody has named; None for any other."""
        with self._lock:
            for known in self._known:
                is_then = known.path == path and known.began <= started <= known.ended
                if is_then and source in known.sources:
                    return known.cell_id
        return None


def listen(serverapp: Any) -> ServerExecutions | None:
    """Follow jupyter-server-nbmodel on this Jupyter server; None where it is not, or without collaboration.

    It has an event logger of its own: what it tells does not come to Jupyter's event bus.
    """
    module = sys.modules.get("jupyter_server_nbmodel.event_logger")
    apps = serverapp.extension_manager.extension_apps.get("jupyter_server_ydoc") or ()
    ydoc, events = next(iter(apps), None), getattr(module, "event_logger", None)
    if ydoc is None or events is None or CELL_EVENT not in events.schemas:
        return None

    def path_of(document: str) -> str | None:
        ids = serverapp.web_app.settings.get("file_id_manager")
        # As `json:notebook:<id of the file>`.
        found = ids.get_path(document.split(":", 2)[-1]) if ids is not None else None
        return found if isinstance(found, str) else None

    async def source_of(document: str, cell_id: str) -> str | None:
        notebook = await ydoc.get_document(room_id=document, copy=False)
        cells = getattr(notebook, "ycells", ())
        return next((str(cell["source"]) for cell in cells if cell["id"] == cell_id), None)

    made = ServerExecutions(path_of=path_of, source_of=source_of)
    events.add_modifier(schema_id=CELL_EVENT, modifier=_as_the_schema_has_it)
    events.add_listener(schema_id=CELL_EVENT, listener=made.on_event)
    return made


def _as_the_schema_has_it(schema_id: str, data: dict[str, Any]) -> dict[str, Any]:
    # Once somebody listens, events are validated, and one that fails there fails the cell: a client that
    # names its notebook by the path alone has no document's id.
    return {**data, "document_id": data.get("document_id") or ""}


def _seconds(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp()
