"""The few requests to MLflow that shipping needs, and what an answer means for the next step."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from ..forwarding.forwarder import Answer, Forwarder
from ..problems import Problem
from ..tracking.tracking_servers import TrackingServer
from .refusals import retry_after, said
from .run_content import RunContent

API = "ajax-api/2.0/mlflow/"
FILES = "ajax-api/2.0/mlflow-artifacts/artifacts/"
#: Bytes handed to the connection at once.
CHUNK = 65536


class Later(Exception):
    """Not now. Nothing is known to be wrong with what was to be sent."""

    def __init__(self, problem: Problem, *, after: float | None = None, of_server: bool = True) -> None:
        """
        :param after: seconds that the server wants to be left alone
        :param of_server: nothing else can be sent there now either
        """
        super().__init__(problem.message)
        self.problem = problem
        self.after = after
        self.of_server = of_server


class Unsettled(Later):
    """Nobody knows whether the server did what it was asked for."""


class Refused(Exception):
    """The server refuses it for good. `missing`: what it names is not there."""

    def __init__(self, problem: Problem, *, missing: bool = False) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.missing = missing


@dataclass(frozen=True)
class Run:
    """What is known of a run on the server."""

    run_id: str
    artifact_uri: str = ""
    start_time: int = 0
    is_deleted: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    #: its status says so
    has_ended: bool = False


class Tracking(Protocol):
    """A tracking server. Every method raises `Later` or `Refused`; `create_run` also `Unsettled`."""

    server_id: str

    async def experiment(self, name: str) -> str:
        """The id of the experiment of this name, which is made if there is none."""

    async def search(self, experiment_id: str, tag: str, value: str) -> list[Run]:
        """Runs with this tag, deleted ones too, the lowest (start time, id) first."""

    async def create_run(self, experiment_id: str, content: RunContent, tags: Mapping[str, str]) -> Run:
        """Asked once, whatever happens."""

    async def get_run(self, run_id: str) -> Run:
        """The run."""

    async def log(self, run_id: str, content: RunContent, *, metrics: bool = True) -> None:
        """Parameters and metrics."""

    async def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Tags, over those that are there."""

    async def end_run(self, run_id: str, status: str, end_time: int) -> None:
        """Status and end, in milliseconds."""

    async def delete_run(self, run_id: str) -> None:
        """Into MLflow's bin."""

    async def put_file(self, path: str, content: bytes) -> None:
        """Through the server's proxy; `path` is below its artifact root."""

    async def upload(self, run_id: str, path: str, content: bytes) -> None:
        """Through the server into the run's store, 10 MB at most."""


class MlflowTracking:
    """The real one, over the connections and with the credentials of this Jupyter server."""

    def __init__(self, forwarder: Forwarder, server: TrackingServer) -> None:
        self._forwarder = forwarder
        self._server = server
        self.server_id = server.id

    async def experiment(self, name: str) -> str:
        try:
            return await self._experiment(name)
        except Refused as refused:
            if not refused.missing:
                raise
        try:
            return str((await self._post("experiments/create", {"name": name}))["experiment_id"])
        except Refused as refused:
            try:
                # Somebody was faster.
                return await self._experiment(name)
            except Refused as again:
                raise (refused if again.missing else again) from None

    async def _experiment(self, name: str) -> str:
        query = urlencode({"experiment_name": name})
        found = _read(await self._ask("GET", "experiments/get-by-name", query=query), self._server)
        experiment = found.get("experiment", {})
        if experiment.get("lifecycle_stage") == "deleted":
            raise Refused(
                Problem(
                    "experiment-deleted",
                    f"The experiment “{name}” has been deleted.",
                    "Restore it and send again, or send to another experiment.",
                )
            )
        return str(experiment["experiment_id"])

    async def search(self, experiment_id: str, tag: str, value: str) -> list[Run]:
        body = {
            "experiment_ids": [experiment_id],
            "filter": f"tags.`{tag}` = '{value}'",
            "run_view_type": "ALL",
            "max_results": 100,
        }
        found = [_run(each) for each in (await self._post("runs/search", body)).get("runs", [])]
        return sorted(found, key=lambda run: (run.start_time, run.run_id))

    async def create_run(self, experiment_id: str, content: RunContent, tags: Mapping[str, str]) -> Run:
        body = {
            "experiment_id": experiment_id,
            "start_time": content.start_time,
            "run_name": content.name,
            "user_id": content.user,
            "tags": [
                {"key": key, "value": value}
                for key, value in {**content.tags, **tags, "mlflow.runName": content.name}.items()
            ],
        }
        found = await self._post("runs/create", body, safe=False)
        try:
            return _run(found["run"])
        except (KeyError, TypeError, ValueError):
            raise Unsettled(_not_mlflow(self._server)) from None

    async def get_run(self, run_id: str) -> Run:
        answer = await self._ask("GET", "runs/get", query=urlencode({"run_id": run_id}))
        return _run(_read(answer, self._server)["run"])

    async def log(self, run_id: str, content: RunContent, *, metrics: bool = True) -> None:
        values = [
            {"key": key, "value": value, "timestamp": content.end_time, "step": 0}
            for key, value in (content.metrics if metrics else {}).items()
        ]
        params = [{"key": key, "value": value} for key, value in content.params.items()]
        await self._post("runs/log-batch", {"run_id": run_id, "metrics": values, "params": params})

    async def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        pairs = [{"key": key, "value": value} for key, value in tags.items()]
        await self._post("runs/log-batch", {"run_id": run_id, "tags": pairs})

    async def end_run(self, run_id: str, status: str, end_time: int) -> None:
        await self._post("runs/update", {"run_id": run_id, "status": status, "end_time": end_time})

    async def delete_run(self, run_id: str) -> None:
        await self._post("runs/delete", {"run_id": run_id})

    async def put_file(self, path: str, content: bytes) -> None:
        await self._send_file("PUT", FILES + quote(path, safe="/"), "", content)

    async def upload(self, run_id: str, path: str, content: bytes) -> None:
        query = urlencode({"run_uuid": run_id, "path": path})
        await self._send_file("POST", API + "upload-artifact", query, content)

    async def _post(self, path: str, body: Mapping[str, Any], *, safe: bool = True) -> dict[str, Any]:
        return _read(await self._ask("POST", path, body=body, safe=safe), self._server, safe=safe)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        body: Mapping[str, Any] | None = None,
        safe: bool = True,
    ) -> Answer:
        headers = {"Content-Type": "application/json"} if body is not None else None
        content = json.dumps(body).encode() if body is not None else b""
        try:
            return await self._forwarder.fetch(
                self._server, method, API + path, query=query, headers=headers, body=content, safe=safe
            )
        except Problem as problem:
            raise _later(problem, safe=safe) from problem

    async def _send_file(self, method: str, path: str, query: str, content: bytes) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            for begin in range(0, len(content), CHUNK):
                yield content[begin : begin + CHUNK]

        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(content))}
        try:
            async with self._forwarder.stream(
                self._server,
                method,
                path,
                query=query,
                headers=headers,
                body=chunks(),
                transfer=True,
                fresh=True,
            ) as response:
                body = b""
                async for chunk in self._forwarder.chunks(self._server, response):
                    body = (body + chunk)[:CHUNK]
                if response.status_code in (404, 405) or b"--serve-artifacts" in body:
                    raise Refused(_no_such_way(self._server), missing=True)
                _check(Answer(response.status_code, response.headers, body), self._server)
        except Problem as problem:
            raise _later(problem, safe=True) from problem


def _later(problem: Problem, *, safe: bool) -> Later:
    # Only these say that the request did not reach the server.
    unsent = problem.code in {
        "upstream-unreachable",
        "upstream-tls",
        "server-starting",
        "server-stopped",
        "server-failed",
        "workspaces-off",
        "auth-provider-failed",
    }
    return Later(problem) if safe or unsent else Unsettled(problem)


def _read(answer: Answer, server: TrackingServer, *, safe: bool = True) -> dict[str, Any]:
    _check(answer, server, safe=safe)
    try:
        found = json.loads(answer.content)
        if isinstance(found, dict):
            return found
    except ValueError:
        pass
    raise Later(_not_mlflow(server)) if safe else Unsettled(_not_mlflow(server))


def _no_such_way(server: TrackingServer) -> Problem:
    return Problem(
        "no-artifact-proxy",
        f"{server.uri} takes no artifacts for this run.",
        "Ask whoever runs it for --serve-artifacts.",
    )


def _not_mlflow(server: TrackingServer) -> Problem:
    return Problem(
        "upstream-broken",
        f"{server.uri} gave an answer that is not one of MLflow's.",
        "Check the address of the tracking server, and whether a login page stands before it.",
    )


def _check(answer: Answer, server: TrackingServer, *, safe: bool = True) -> None:
    """Raises what the status means."""
    status = answer.status
    if status < 300:
        return
    code, message = said(answer)
    if status == 401:
        raise Later(
            Problem(
                "signed-out",
                f"{server.uri} wants a login, or refuses the one it was given.",
                "Give the login of this tracking server in the MLflow panel.",
            )
        )
    if status in (408, 429) or status >= 500:
        problem = Problem(
            "upstream-error",
            f"{server.uri} answered with {status}" + (f" ({code})." if code else "."),
            "It is tried again by itself.",
            log=message or None,
        )
        after = retry_after(answer.headers.get("retry-after"))
        of_server = status in (408, 429, 502, 503, 504)
        if status == 429 or safe:
            raise Later(problem, after=after, of_server=of_server)
        raise Unsettled(problem, after=after, of_server=of_server)
    if status == 403:
        raise Refused(
            Problem(
                "not-permitted",
                f"{server.uri} does not permit it to this login.",
                "Ask for the right to write into this experiment and send again, or send to another one.",
                log=message or None,
            )
        )
    missing = code == "RESOURCE_DOES_NOT_EXIST" or (status == 404 and not code)
    raise Refused(
        Problem(
            "server-refuses",
            f"{server.uri} refuses it ({code or status})" + (f": {message}" if message else "."),
            "Correct what it names and send again, or send to another experiment.",
        ),
        missing=missing,
    )


def _run(found: Mapping[str, Any]) -> Run:
    info, data = found["info"], found.get("data", {})
    return Run(
        run_id=str(info.get("run_id") or info["run_uuid"]),
        artifact_uri=str(info.get("artifact_uri") or ""),
        start_time=int(info.get("start_time") or 0),
        is_deleted=info.get("lifecycle_stage") == "deleted",
        has_ended=info.get("status") in ("FINISHED", "FAILED", "KILLED"),
        tags={each["key"]: each["value"] for each in data.get("tags", [])},
        metrics={each["key"]: each["value"] for each in data.get("metrics", [])},
    )
