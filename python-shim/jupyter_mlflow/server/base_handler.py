"""What every route of the extension has in common."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import ensure_async
from tornado import web

from .problems import Problem

if TYPE_CHECKING:
    from .services import Services

#: The header that says which part of Jupyter, and not the tracking server, has answered.
ERROR_HEADER = "X-Jupyter-Mlflow-Error"


Method = TypeVar("Method", bound=Callable[..., Any])


def authorized_to(action: Literal["read", "write"]) -> Callable[[Method], Method]:
    """Jupyter's `authorized` for an action that the method of HTTP does not tell, with its type."""
    return cast("Callable[[Method], Method]", authorized(action))


class MlflowHandler(APIHandler):
    """Authenticated, authorised for the resource `mlflow`, XSRF kept; errors as docs/architecture.md says."""

    auth_resource = "mlflow"

    @property
    def services(self) -> Services:
        """The parts of the extension."""
        services: Services = self.settings["jupyter_mlflow"]
        return services

    async def check_may_execute(self) -> None:
        """Whoever may not run code in kernels may have none run beside them, either. Raises 403."""
        user = self.current_user
        if not await ensure_async(self.authorizer.is_authorized(self, user, "execute", "kernels")):
            raise web.HTTPError(403)

    async def prepare(self) -> None:  # type: ignore[override]
        """Asking is no activity: only what a person does keeps a server from being culled."""
        self._track_activity = self.request.method not in {"GET", "HEAD", "OPTIONS"}
        await super().prepare()

    def set_default_headers(self) -> None:
        """No answer of this extension may be taken for a page or kept by a cache."""
        super().set_default_headers()
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")

    def write_json(self, value: Any, status: int = 200) -> None:
        """Ends the answer with a JSON text."""
        self.set_status(status)
        self.finish(json.dumps(value))

    def write_problem(self, problem: Problem) -> None:
        """Ends the answer with a problem."""
        self.clear_answer()
        self.set_status(problem.status)
        self.set_header(ERROR_HEADER, problem.code)
        self.finish(json.dumps({"error": problem.to_json()}))

    def clear_answer(self) -> None:
        """Forgets what has been prepared of the answer, headers too."""
        self.clear()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """A `Problem` as itself; anything else without its text, which may hold what nobody should see."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, Problem):
            self.write_problem(error)
            return
        message = "The Jupyter server could not do this."
        if isinstance(error, web.HTTPError):
            message = (
                error.log_message % error.args
                if error.log_message and error.args
                else error.log_message or message
            )
        code = {403: "forbidden", 404: "not-found", 405: "method-not-allowed"}.get(status_code, "internal")
        hint = "Reload the page; if it happens again, see the log of the Jupyter server."
        self.set_header(ERROR_HEADER, code)
        self.finish(json.dumps({"error": {"code": code, "message": message, "hint": hint, "log": None}}))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """A `Problem` has been told to the person: it needs no traceback in the log."""
        if isinstance(value, Problem):
            self.log.debug("%s: %s", value.code, value.message)
            return
        super().log_exception(typ, value, tb)

    def read_json(self) -> Any:
        """The body as JSON; an empty one is `{}`. Raises `Problem` `invalid-json`."""
        body = self.request.body.strip()
        if not body:
            return {}
        try:
            return json.loads(body)
        except (ValueError, UnicodeDecodeError):
            raise Problem(
                "invalid-json", "The request is not JSON.", "Reload the page and try again."
            ) from None
