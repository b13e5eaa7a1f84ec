"""Routes of the environments on this machine, and of what a notebook needs in one."""

from __future__ import annotations

import asyncio
from typing import cast

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base_handler import MlflowHandler, authorized_to
from .imports import packages_of, read_notebook_folder, read_sources
from .machine import Machine


class EnvironmentsHandler(MlflowHandler):
    """GET environments"""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Interpreters and kernelspecs, as facts; `?fresh=1` asks all of them anew."""
        machine = cast("Machine", self.services.machine)
        fresh = self.get_query_argument("fresh", "") not in ("", "0")
        if fresh:
            # Each interpreter is run, whatever was asked of it before.
            await self.check_may_execute()
        self.write_json(await machine.describe(fresh=fresh))


class ImportsHandler(MlflowHandler):
    """POST imports"""

    @web.authenticated
    @authorized_to("read")
    async def post(self) -> None:
        """What the cells of `{sources, folder?}` import."""
        body = self.read_json()
        sources = read_sources(body)
        folder = read_notebook_folder(body, self.services.settings.root_dir)
        self.write_json({"packages": await asyncio.to_thread(packages_of, sources, folder)})


#: Paths below the base of our routes.
ENVIRONMENT_HANDLERS: list[tuple[str, type]] = [
    (r"environments", EnvironmentsHandler),
    (r"imports", ImportsHandler),
]
