"""Routes about what is to be recorded. Thin."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base_handler import authorized_to
from ..problems import Problem
from .base_handler import RecorderHandler, invalid
from .history_handlers import HISTORY_HANDLERS
from .modes import SCOPES, read_retention
from .rule_writer import RuleWriter
from .sending_handlers import SENDING_HANDLERS

if TYPE_CHECKING:
    from ..kernels.kernel_reports import KernelReports


class RecordingHandler(RuleWriter):
    """GET, PUT, PATCH `recording`."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """How a notebook is recorded."""
        self.write_json(await self.describe(self.get_query_argument("path")))

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Make a rule or take one away; kernels follow it at once."""
        body = self.body()
        path, scope = body.get("path"), body.get("scope")
        if not isinstance(path, str) or scope not in SCOPES:
            raise invalid("The request names no notebook, or does not say what the rule is for.")
        if scope == "folder":
            folder = body.get("folder")
            where = folder if isinstance(folder, str) else path.rpartition("/")[0]
        else:
            where = path
        notebook_id = await self.notebook_of(path, make=scope == "notebook")
        rule = None if body.get("forget") is True else {"target": None, **body}
        await self.write_rule(scope, path=where, notebook_id=notebook_id, rule=rule)
        await self.recorder.apply(path.strip("/"), is_wide=scope != "notebook")
        self.write_json(await self.describe(path))

    @web.authenticated
    @authorized_to("write")
    async def patch(self) -> None:
        """Pause, resume; the offer was answered; how much history is kept."""
        body = self.body()
        path = body.get("path")
        paused, offered, retention = (body.get(name) for name in ("paused", "offered", "retention"))
        if (
            not isinstance(path, str)
            or not isinstance(paused, bool | None)
            or not isinstance(offered, bool | None)
            or not isinstance(retention, Mapping | None)
            or (retention is not None and len(read_retention(retention)) != len(retention))
        ):
            raise invalid("The request is not formed as it should be.")
        notebook_id = await self.notebook_of(path, make=paused is not None)
        await self.note(
            self.recorder.modes.change,
            notebook_id=notebook_id,
            paused=paused,
            offered=offered,
            retention=retention,
        )
        if paused is not None:
            await self.recorder.apply(path.strip("/"))
        self.write_json(await self.describe(path))


class RulesHandler(RuleWriter):
    """GET, PUT `recording/rules`."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """All rules of this person."""
        self.write_json(await self._rules())

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Change one or take it away, whether or not its notebook is still there."""
        body = self.body()
        scope, rule, id, folder = (body.get(name) for name in ("scope", "rule", "id", "folder"))
        if (
            scope not in SCOPES
            or not isinstance(rule, Mapping | None)
            or (scope == "folder" and not isinstance(folder, str))
        ):
            raise invalid("The request does not say which rule is meant.")
        wishes = await asyncio.to_thread(self.recorder.modes.read)
        if scope == "notebook" and (not isinstance(id, str) or id not in wishes.notebooks):
            raise Problem("unknown-rule", "There is no such rule any more.", "Reload the list.", status=404)
        path = str(wishes.notebooks[str(id)].get("path", "")) if scope == "notebook" else str(folder or "")
        await self.write_rule(
            scope,
            path=path,
            notebook_id=str(id) if scope == "notebook" else None,
            rule={"target": None, **rule} if rule is not None else None,
        )
        await self.recorder.apply(is_wide=True)
        self.write_json(await self._rules())

    async def _rules(self) -> dict[str, Any]:
        wishes = await asyncio.to_thread(self.recorder.modes.read)
        notebooks = cast("KernelReports", self.services.reports).notebooks

        def named() -> list[dict[str, Any]]:
            found = []
            for id, rule in wishes.notebooks.items():
                known = notebooks.find(id=id)
                found.append({**rule, "id": id, "path": known["path"] if known else rule.get("path")})
            return found

        days, most = await asyncio.to_thread(self.recorder.modes.retention)
        return {
            "personal": wishes.personal,
            "folders": wishes.folders,
            "notebooks": await asyncio.to_thread(named),
            "offered": wishes.offered,
            "retention": {"days": days, "bytes": most},
        }


class ClientsHandler(RecorderHandler):
    """POST `recording/clients`."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """A client session of a kernel belongs to that notebook."""
        body = self.body()
        kernel_id, session, path = (body.get(name) for name in ("kernel_id", "session", "path"))
        texts = (kernel_id, session, path)
        if not all(isinstance(each, str) and 0 < len(each) <= 4096 for each in texts):
            raise invalid("The request is not formed as it should be.")
        await self.notebook_of(str(path))
        await self.recorder.set_client(str(kernel_id), str(session)[:200], str(path).strip("/"))
        self.set_status(204)
        self.finish()


RECORDER_HANDLERS = [
    (r"recording", RecordingHandler),
    (r"recording/rules", RulesHandler),
    (r"recording/clients", ClientsHandler),
    *HISTORY_HANDLERS,
    *SENDING_HANDLERS,
]
