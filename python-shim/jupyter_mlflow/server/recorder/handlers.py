"""Routes about what is recorded, what was, and what is sent of it. Thin."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base_handler import MlflowHandler, authorized_to
from ..problems import Problem
from .history import PAGE, STATUSES, History
from .modes import SCOPES, read_retention

if TYPE_CHECKING:
    from ..kernel_reports import KernelReports
    from .recorder import Recorder, Sending

#: Executions of one answer, and characters of what is searched for, at most.
MAX_PAGE = 500
MAX_SEARCH = 1000


class RecorderHandler(MlflowHandler):
    """What the routes share."""

    @property
    def recorder(self) -> Recorder:
        """:raises Problem: `feature-off`"""
        recorder = self.services.recorder
        if recorder is None:
            raise Problem(
                "feature-off",
                "The administrator of this Jupyter server has turned the recorder off.",
                "Ask for the features “recorder” and “kernels” in JupyterMlflow.enabled_features.",
                status=403,
            )
        return recorder

    @property
    def sending(self) -> Sending:
        """:raises Problem: `sending-off`"""
        sending = self.recorder.sending
        if sending is None:
            raise Problem(
                "sending-off",
                "Nothing is sent to MLflow from this Jupyter server.",
                "Restart the Jupyter server.",
                status=409,
            )
        return sending

    async def notebook_of(self, path: str, *, make: bool = False) -> str | None:
        """The id of the notebook at that path; None where it has none, and `make` does not make it one.

        :raises Problem: `invalid-request`
        """
        path = path.strip("/")
        if not path.endswith(".ipynb") or len(path) > 4096 or ".." in path.split("/"):
            raise _invalid("This is no path of a notebook.")
        notebooks = cast("KernelReports", self.services.reports).notebooks
        found = await asyncio.to_thread(notebooks.find, path=path)
        if found is not None:
            return found["id"]
        return await asyncio.to_thread(notebooks.id_of, path) if make else None

    async def describe(self, path: str) -> dict[str, Any]:
        """The `Recording` of a notebook."""
        path = path.strip("/")
        notebook_id = await self.notebook_of(path)
        server = await asyncio.to_thread(self._proposed_server)
        return await self.recorder.describe(path, notebook_id, proposed_server=server)

    def body(self) -> Mapping[str, Any]:
        """Of the request. Raises `invalid-request`."""
        body = self.read_json()
        if not isinstance(body, Mapping):
            raise _invalid("The request is not formed as it should be.")
        return body

    def _proposed_server(self) -> str | None:
        reports, servers = self.services.reports, self.services.servers
        wanted = reports.preferences.read().get("panel_server_id") if reports is not None else None
        known = {server.id for server in servers.list()}
        return wanted if wanted in known else servers.default_id()


class RecordingHandler(RecorderHandler):
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
            raise _invalid("The request names no notebook, or does not say what the rule is for.")
        if scope == "folder":
            folder = body.get("folder")
            where = folder if isinstance(folder, str) else path.rpartition("/")[0]
        else:
            where = path
        notebook_id = await self.notebook_of(path, make=scope == "notebook")
        rule = None if body.get("forget") is True else {"target": None, **body}
        if rule is not None and rule.get("target") is not None:
            self._check_target(rule["target"])
        await self._write(
            self.recorder.modes.put, scope, path=where, notebook_id=notebook_id, rule=rule, by=self._who()
        )
        await self.recorder.apply(path.strip("/"))
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
            raise _invalid("The request is not formed as it should be.")
        notebook_id = await self.notebook_of(path, make=paused is not None)
        await self._write(
            self.recorder.modes.change,
            notebook_id=notebook_id,
            paused=paused,
            offered=offered,
            retention=retention,
        )
        if paused is not None:
            await self.recorder.apply(path.strip("/"))
        self.write_json(await self.describe(path))

    async def _write(self, work: Any, *args: Any, **options: Any) -> None:
        try:
            await asyncio.to_thread(work, *args, **options)
        except OSError as error:
            raise Problem(
                "recording-file",
                f"What is to be recorded could not be written down: {error.strerror}.",
                "Make the state folder writable, or set JupyterMlflow.state_dir to another one.",
                status=500,
            ) from error

    def _check_target(self, target: Any) -> None:
        id = target.get("server_id") if isinstance(target, Mapping) else None
        if not isinstance(id, str):
            raise _invalid("The request names no tracking server.")
        self.services.servers.get(id)

    def _who(self) -> str | None:
        """Whoever switches it on, for others to see; those without a name are not told."""
        user = self.current_user
        name = getattr(user, "display_name", None) or getattr(user, "name", None)
        is_known = not str(getattr(user, "name", "")).startswith("Anonymous")
        return str(name)[:200] if name and is_known else None


class RulesHandler(RecorderHandler):
    """GET `recording/rules`."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """All rules of this person."""
        wishes = await asyncio.to_thread(self.recorder.modes.read)
        notebooks = cast("KernelReports", self.services.reports).notebooks

        def named() -> list[dict[str, Any]]:
            found = []
            for id, rule in wishes.notebooks.items():
                known = notebooks.find(id=id)
                found.append({**rule, "id": id, "path": known["path"] if known else rule.get("path")})
            return found

        self.write_json(
            {
                "personal": wishes.personal,
                "folders": wishes.folders,
                "notebooks": await asyncio.to_thread(named),
                "offered": wishes.offered,
                "retention": wishes.retention,
            }
        )


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
            raise _invalid("The request is not formed as it should be.")
        await self.notebook_of(str(path))
        await self.recorder.set_client(str(kernel_id), str(session)[:200], str(path).strip("/"))
        self.set_status(204)
        self.finish()


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
            raise _invalid("There is no such status.")
        if not limit.isascii() or not limit.isdigit() or not 0 < int(limit) <= MAX_PAGE:
            raise _invalid(f"A page has 1 to {MAX_PAGE} executions.")
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
            raise _invalid("The request does not say what is to be deleted.")
        notebook_id = await self.notebook_of(path) if path is not None else None
        deleted = 0
        if self.recorder.has_ledger and (path is None or notebook_id is not None):
            history = await self.recorder.history()
            deleted = await asyncio.to_thread(history.delete, id=id, notebook_id=notebook_id, cell_id=cell)
        self.write_json({"deleted": deleted})

    def _argument(self, name: str) -> str | None:
        return self.get_query_argument(name, None) or None


class ExecutionHandler(RecorderHandler):
    """GET `executions/<id>`."""

    @web.authenticated
    @authorized
    async def get(self, id: str) -> None:
        """One execution."""
        self.write_json(await asyncio.to_thread(self.read, await self.recorder.history(), id))

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


class SendingHandler(RecorderHandler):
    """GET `sending`."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """What waits, and what was refused."""
        path = self.get_query_argument("path", None)
        notebook_id = await self.notebook_of(path) if path else None
        if not self.recorder.has_ledger or (path and notebook_id is None):
            self.write_json({"waiting": 0, "reason": None, "refused": [], "files": []})
            return
        self.write_json(await asyncio.to_thread(self.sending.summary, notebook_id))


class SendHandler(RecorderHandler):
    """POST `sending/<execution id>`."""

    @web.authenticated
    @authorized
    async def post(self, id: str) -> None:
        """Send it again, or send it no more."""
        wanted = self.body().get("do")
        if wanted not in ("resend", "drop"):
            raise _invalid("The request does not say what is to be done.")
        work = self.sending.resend if wanted == "resend" else self.sending.drop
        if not await asyncio.to_thread(work, id):
            raise Problem(
                "unknown-execution",
                "This execution does not wait to be sent.",
                "Reload the page.",
                status=404,
            )
        self.set_status(202)
        self.finish()


def _invalid(message: str) -> Problem:
    return Problem("invalid-request", message, "Reload the page and try again.")


_EXECUTION = r"executions/([^/]+)"
RECORDER_HANDLERS = [
    (r"recording", RecordingHandler),
    (r"recording/rules", RulesHandler),
    (r"recording/clients", ClientsHandler),
    (r"executions", ExecutionsHandler),
    (_EXECUTION, ExecutionHandler),
    (_EXECUTION + r"/outputs", OutputsHandler),
    (_EXECUTION + r"/preview", PreviewHandler),
    (r"sending", SendingHandler),
    (r"sending/([^/]+)", SendHandler),
]
