"""Routes about what waits to be sent, and what was refused. Thin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from .base_handler import invalid
from .rule_writer import RuleWriter
from .sent_names import EXPERIMENT


class SendingHandler(RuleWriter):
    """GET, POST `sending`."""

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

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """All that was refused of a notebook, or whose files are here: once more, elsewhere, or no more."""
        body = self.body()
        work, path, is_for_later = self.work_of(body), body.get("path"), body.get("later", False)
        only = body.get("ids")
        if (
            not isinstance(path, str)
            or not isinstance(is_for_later, bool)
            or not isinstance(only, list | None)
        ):
            raise invalid("The request is not formed as it should be.")
        notebook_id = await self.notebook_of(path)
        settled = 0
        if notebook_id is not None and body["do"] == "redirect" and is_for_later:
            await self._follow(path.strip("/"), notebook_id, body["target"])
        if self.recorder.has_ledger and notebook_id is not None:

            def settle() -> int:
                if body["do"] == "redirect":
                    ids = self.sending.movable(notebook_id)
                else:
                    found = self.sending.summary(notebook_id)
                    ids = [each["execution_id"] for each in (*found["refused"], *found["files"])]
                return sum(work(id) for id in ids if only is None or id in only)

            settled = await asyncio.to_thread(settle)
        self.write_json({"settled": settled})

    async def _follow(self, path: str, notebook_id: str, target: Mapping[str, str]) -> None:
        """What runs from now on goes there, too, also in kernels that are running."""
        mode = await asyncio.to_thread(self.recorder.modes.of, notebook_id, path)
        if mode.send == "nothing":
            return
        rule = {"keep": mode.keep, "send": mode.send, "target": target}
        await self.write_rule("notebook", path=path, notebook_id=notebook_id, rule=rule)
        self.recorder.sessions.retarget(path, target)
        await self.recorder.apply(path)

    def work_of(self, body: Mapping[str, Any]) -> Callable[[str], int]:
        """What is asked for. Raises `invalid-request`, `unknown-server`."""
        match body.get("do"):
            case "resend":
                return self.sending.resend
            case "drop":
                return self.sending.drop
            case "redirect":
                target = body.get("target")
                self.check_target(target)
                if not isinstance(target, Mapping) or not _names_experiment(target):
                    raise invalid("The request names no experiment.")
                place = {"server_id": target["server_id"], "experiment": target["experiment"].strip()}
                return lambda id: self.sending.redirect(id, place)
        raise invalid("The request does not say what is to be done.")


def _names_experiment(target: Mapping[str, Any]) -> bool:
    name = target.get("experiment")
    return isinstance(name, str) and 0 < len(name.strip()) <= EXPERIMENT


SENDING_HANDLERS = [(r"sending", SendingHandler)]
