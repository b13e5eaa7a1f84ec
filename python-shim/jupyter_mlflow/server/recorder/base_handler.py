"""What the recorder's routes share."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ..base_handler import MlflowHandler
from ..problems import Problem

if TYPE_CHECKING:
    from ..kernels.kernel_reports import KernelReports
    from .recorder import Recorder
    from .recording_state import Sends


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
    def sending(self) -> Sends:
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
            raise invalid("This is no path of a notebook.")
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
            raise invalid("The request is not formed as it should be.")
        return body

    def _proposed_server(self) -> str | None:
        reports, servers = self.services.reports, self.services.servers
        wanted = reports.preferences.read().get("panel_server_id") if reports is not None else None
        known = {server.id for server in servers.list()}
        return wanted if wanted in known else servers.default_id()


def invalid(message: str) -> Problem:
    """The request is not as it should be."""
    return Problem("invalid-request", message, "Reload the page and try again.")
