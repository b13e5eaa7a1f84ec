"""Routes about kernels, notebooks and what a person wants of them. Thin."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base_handler import MlflowHandler, authorized_to
from ..preferences import Preferences
from ..problems import Problem
from .kernel_record import MAX_MODULES
from .kernel_reports import KernelReports
from .kernels import Kernels


class KernelHandler(MlflowHandler):
    """GET `kernels/<id>`: what is known; asks nobody."""

    @property
    def kernels(self) -> Kernels:
        """The kernels of this server."""
        return cast("Kernels", self.services.kernels)

    @property
    def reports(self) -> KernelReports:
        """What is told of them."""
        return cast("KernelReports", self.services.reports)

    @web.authenticated
    @authorized
    async def get(self, id: str) -> None:
        """The report as of now."""
        self.write_json(await self.reports.report(self.kernels.get(id)))


class ProbeHandler(KernelHandler):
    """POST `kernels/<id>/probe`."""

    @web.authenticated
    @authorized
    async def post(self, id: str) -> None:
        """Ask the kernel now, also for `modules`; some seconds at most."""
        await self.check_may_execute()
        modules = _read_modules(self.read_json())
        self.write_json(await self.reports.report(await self.kernels.probe(id, modules)))


class TrackingHandler(KernelHandler):
    """POST `kernels/<id>/tracking`."""

    @web.authenticated
    @authorized
    async def post(self, id: str) -> None:
        """Let the kernel log to a server of the list; `credentials: true` agrees to hand its login over."""
        await self.check_may_execute()
        body = self.read_json()
        if not isinstance(body, Mapping) or not isinstance(body.get("server_id"), str):
            raise Problem("invalid-request", "The request names no server.", "Reload the page and try again.")
        record = self.kernels.get(id)
        server = self.services.servers.get(body["server_id"])
        request = self.reports.connect_request(record, server, with_login=body.get("credentials") is True)
        record = await self.kernels.tell(id, {"connect": request})
        self.write_json(await self.reports.report(record))


class OptionsHandler(KernelHandler):
    """POST `kernels/<id>/options`."""

    @web.authenticated
    @authorized
    async def post(self, id: str) -> None:
        """Autologging, system metrics, the experiment of runs to come; the end of the run that is open."""
        await self.check_may_execute()
        body = self.read_json()
        options = _read_options(body)
        imports = "autolog" in options or "end_run" in options
        record = await self.kernels.tell(id, {"do": "options", **options}, imports=imports)
        self.write_json(await self.reports.report(record))


def _read_modules(body: Any) -> list[str]:
    modules = body.get("modules", []) if isinstance(body, Mapping) else None
    if (
        not isinstance(modules, list)
        or len(modules) > MAX_MODULES
        or not all(isinstance(name, str) and name.isidentifier() and len(name) <= 100 for name in modules)
    ):
        raise Problem(
            "invalid-module", "These are no names of modules.", "Name outermost modules, such as pandas."
        )
    return modules


def _read_options(body: Any) -> dict[str, Any]:
    kinds = {"autolog": bool, "system_metrics": bool, "experiment": str, "end_run": str}
    if (
        not isinstance(body, Mapping)
        or not body
        or not all(name in kinds and isinstance(value, kinds[name]) for name, value in body.items())
    ):
        raise Problem(
            "invalid-request", "These are no options of a kernel.", "Reload the page and try again."
        )
    experiment = body.get("experiment", "x").strip()
    if not experiment or len(experiment) > 500 or not experiment.isprintable():
        raise Problem(
            "invalid-name",
            "This is not a name for an experiment.",
            "Give a name of up to 500 characters in one line.",
        )
    if not 0 < len(body.get("end_run", "x")) <= 250:
        raise Problem("invalid-request", "This is not the id of a run.", "Reload the page and try again.")
    return {name: experiment if name == "experiment" else value for name, value in body.items()}


class NotebooksHandler(MlflowHandler):
    """GET `notebooks?path=` or `?id=`."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Which notebook that is."""
        reports = self.services.reports
        path, id = self.get_query_argument("path", None), self.get_query_argument("id", None)
        found = None
        if reports is not None and (path is None) != (id is None):
            found = await asyncio.to_thread(reports.notebooks.find, path=path, id=id)
        if found is None:
            raise Problem(
                "unknown-notebook",
                "No kernel has been started for this notebook yet.",
                "Open the notebook and choose a kernel.",
                status=404,
            )
        self.write_json(found)


class PreferencesHandler(MlflowHandler):
    """GET, PATCH `preferences`."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Everything, with defaults."""
        self.write_json(await asyncio.to_thread(self._preferences.read))

    @web.authenticated
    @authorized_to("write")
    async def patch(self) -> None:
        """Merge; answers everything."""
        body = self.read_json()
        try:
            changed = await asyncio.to_thread(self._preferences.change, body)
        except OSError as error:
            raise Problem(
                "preferences-file",
                f"The preferences could not be written: {error.strerror}.",
                "Make the state folder writable, or set JupyterMlflow.state_dir to another one.",
                status=500,
            ) from error
        kernels = self.services.kernels
        if "panel_server_id" in body and kernels is not None:
            # `%mlflow connect` means the server that the panel shows now.
            kernels.refresh([record.id for record in kernels.records()])
        self.write_json(changed)

    @property
    def _preferences(self) -> Preferences:
        return cast("KernelReports", self.services.reports).preferences


_KERNEL = r"kernels/([^/]+)"
KERNEL_HANDLERS = [
    (_KERNEL, KernelHandler),
    (_KERNEL + r"/probe", ProbeHandler),
    (_KERNEL + r"/tracking", TrackingHandler),
    (_KERNEL + r"/options", OptionsHandler),
    (r"notebooks", NotebooksHandler),
    (r"preferences", PreferencesHandler),
]
