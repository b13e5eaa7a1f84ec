"""Routes about what was recorded. Thin."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from . import gentle_json
from .base_handler import RecorderHandler, invalid
from .folding import Change
from .history import PAGE, STATUSES, History

#: Executions of one answer, and characters of what is searched for, at most.
MAX_PAGE = 500
MAX_SEARCH = 1000
#: Bytes that are given to the event loop at once.
_PIECE = 1024 * 1024


class ExecutionsHandler(RecorderHandler):
    """GET, DELETE `executions`."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """A page of the history."""
        path, status = self._argument("path"), self._argument("status")
        text, cell = self._argument("text"), self._argument("cell")
        limit = self._argument("limit") or str(PAGE)
        if status is not None and status not in STATUSES:
            raise invalid("There is no such status.")
        if not limit.isascii() or not limit.isdigit() or not 0 < int(limit) <= MAX_PAGE:
            raise invalid(f"A page has 1 to {MAX_PAGE} executions.")
        empty: dict[str, Any] = {"executions": [], "next": None}
        notebook_id = await self.notebook_of(path) if path is not None else None
        if not self.recorder.has_ledger or (path is not None and notebook_id is None):
            self.write_json(empty)
            return
        history = await self.recorder.history()
        self.write_json(
            await asyncio.to_thread(
                history.list,
                notebook_id=notebook_id,
                status=status,
                text=text[:MAX_SEARCH] if text else None,
                cell_id=cell,
                cursor=self._argument("before"),
                limit=int(limit),
            )
        )

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        """Forget one, those of a notebook or a cell of it, or everything."""
        path, cell, id = self._argument("path"), self._argument("cell"), self._argument("id")
        everything = self._argument("all") == "1"
        if [path is not None, id is not None, everything].count(True) != 1 or (cell and path is None):
            raise invalid("The request does not say what is to be deleted.")
        notebook_id = await self.notebook_of(path) if path is not None else None
        deleted = 0
        if self.recorder.has_ledger and (path is None or notebook_id is not None):
            history = await self.recorder.history()
            deleted = await asyncio.to_thread(history.delete, id=id, notebook_id=notebook_id, cell_id=cell)
            # Other pages must not show any longer what is gone.
            self.recorder.announce([Change(id or "", "", notebook_id, cell, "deleted")])
        self.write_json({"deleted": deleted})

    def _argument(self, name: str) -> str | None:
        return self.get_query_argument(name, None) or None


class ExecutionHandler(RecorderHandler):
    """GET `executions/<id>`."""

    @web.authenticated
    @authorized
    async def get(self, id: str) -> None:
        """One execution."""
        history = await self.recorder.history()
        # Many megabytes, it may be: made apart from the event loop, and given to it in pieces.
        data = await asyncio.to_thread(lambda: gentle_json.dumps(self.read(history, id)).encode())
        self.set_header("Content-Type", "application/json")
        if len(data) <= _PIECE:
            self.finish(data)
            return
        # Whoever has asked may be gone.
        with contextlib.suppress(StreamClosedError):
            for at in range(0, len(data), _PIECE):
                self.write(data[at : at + _PIECE])
                await self.flush()
            self.finish()

    def read(self, history: History, id: str) -> Any:
        """What is answered."""
        return history.get(id)


class OutputsHandler(ExecutionHandler):
    """GET `executions/<id>/outputs`."""

    def read(self, history: History, id: str) -> Any:
        """See `ExecutionHandler`."""
        return history.outputs(id)


class PreviewHandler(ExecutionHandler):
    """GET `executions/<id>/preview`."""

    def read(self, history: History, id: str) -> Any:
        """Exactly what would be sent; an execution that is not kept is shown, too, as long as it is there."""
        return self.sending.preview(id)


_EXECUTION = r"executions/([^/]+)"
HISTORY_HANDLERS = [
    (r"executions", ExecutionsHandler),
    (_EXECUTION, ExecutionHandler),
    (_EXECUTION + r"/outputs", OutputsHandler),
    (_EXECUTION + r"/preview", PreviewHandler),
]
