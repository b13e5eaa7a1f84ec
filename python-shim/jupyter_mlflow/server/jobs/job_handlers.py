"""Routes of jobs."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base_handler import MlflowHandler
from ..problems import Problem
from .jobs import Jobs


class _JobHandler(MlflowHandler):
    @property
    def jobs(self) -> Jobs:
        """The jobs of this Jupyter server."""
        jobs: Any = getattr(self.services, "jobs", None)
        if not isinstance(jobs, Jobs):
            raise Problem(
                "feature-off", "Jobs are turned off.", "Ask the administrator for them.", status=403
            )
        return jobs


class JobsHandler(_JobHandler):
    """POST jobs"""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Begins one."""
        await self.check_may_execute()
        job = await asyncio.to_thread(self.jobs.create, self.read_json())
        self.write_json(job.to_json(), 201)


class OneJobHandler(_JobHandler):
    """GET, DELETE jobs/<id>"""

    @web.authenticated
    @authorized
    async def get(self, id: str) -> None:
        """How it stands."""
        self.write_json(self.jobs.get(id).to_json())

    @web.authenticated
    @authorized
    async def delete(self, id: str) -> None:
        """Cancels it; answers at once."""
        await self.check_may_execute()
        job = self.jobs.get(id)
        job.cancel()
        self.write_json(job.to_json(), 202)


class JobLogHandler(_JobHandler):
    """GET jobs/<id>/log?offset=N"""

    @web.authenticated
    @authorized
    async def get(self, id: str) -> None:
        """What was written since the offset, in bytes."""
        text = self.get_query_argument("offset", "0")
        if not text.isascii() or not text.isdigit() or len(text) > 12:
            raise Problem("invalid-offset", "The offset is not a number.", "Reload the page and try again.")
        self.write_json(await asyncio.to_thread(self.jobs.read_log, id, int(text)))


#: Paths below the base of our routes.
JOB_HANDLERS: list[tuple[str, type]] = [
    (r"jobs", JobsHandler),
    (r"jobs/([0-9a-f]{16})", OneJobHandler),
    (r"jobs/([0-9a-f]{16})/log", JobLogHandler),
]
