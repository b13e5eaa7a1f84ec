"""The place that this kernel logs to, asked in time: its server by REST, a store by MLflow's own client."""

import copy
import math
import threading
import time

from .. import logging_to
from .problem import Problem
from .rest import Rest, late

#: Seconds that a whole magic may wait for a server; for MLflow to open a file (it may make its tables first).
BUDGET_S, FILE_BUDGET_S = 2.0, 30.0
#: Points of one history: as many as a server gives a sample of.
HISTORY_LIMIT = 2500
#: Bytes of a file MLmodel: it may hold an example of the input.
MODEL_FILE_LIMIT = 1024 * 1024


class Tracking:
    """`call` one of the methods that RestBackend and ClientBackend have, until the time is used up."""

    def __init__(self, uri=None, budget=None):
        """:raises Problem: a store that only MLflow can open, and no MLflow here"""
        self.uri = uri if uri is not None else logging_to.configured()
        if self.uri and self.uri.startswith(("http://", "https://")):
            self.is_remote = True
            self.backend = RestBackend(Rest(self.uri))
            self.name = self.backend.rest.name
        else:
            self.is_remote = False
            self.backend = ClientBackend(self.uri)
            self.name = "of this notebook"
        is_file = not self.is_remote and (
            not self.uri or "://" not in self.uri or self.uri.startswith(("sqlite:", "file:"))
        )
        self._budget = budget or (FILE_BUDGET_S if is_file else BUDGET_S)
        self._until = time.monotonic() + self._budget

    def again(self, budget=None):
        """The same place with the same login, and all the time again."""
        found = copy.copy(self)
        found.backend = copy.copy(self.backend)
        found._until = time.monotonic() + (budget or self._budget)
        return found

    def call(self, method, *args):
        """:raises Unreachable: not in time; Problem: MLflow's refusal"""
        left = self.left()
        self.backend.timeout = left
        if left <= 0.05:
            problem = self.late()
            problem.may_have_arrived = False
            raise problem
        return in_time(lambda: getattr(self.backend, method)(*args), left, self.late)

    def left(self):
        """Seconds."""
        return self._until - time.monotonic()

    def late(self):
        """What is said when they are used up."""
        return late(self.name)


def in_time(work, seconds, late):
    """The result of `work`, done in a thread that is left behind when it takes too long.

    Time-outs of sockets are not enough: names are looked up without any, and a slow server may drip.
    """
    box, done = [], threading.Event()

    def run():
        try:
            box.append((True, work()))
        except BaseException as error:
            box.append((False, error))
        done.set()

    threading.Thread(target=run, name="jupyter-mlflow", daemon=True).start()
    if not done.wait(seconds):
        raise late()
    ok, value = box[0]
    if ok:
        return value
    if isinstance(value, Problem):
        raise value from None
    raise Problem("MLflow could not do that: %s" % first_line(value)) from None


def first_line(error):
    """Of an error of MLflow's client, without its SQL."""
    from .text import plain

    lines = str(error).partition("[SQL")[0].strip().splitlines()
    return plain("%s: %s" % (type(error).__name__, lines[0] if lines else ""), 300)


class RestBackend:
    """MLflow's REST API. Answers are the JSON of the API."""

    def __init__(self, rest):
        self.rest, self.timeout = rest, BUDGET_S

    def version(self):
        return self.rest.version(self.timeout)

    def experiment(self, id):
        return self.rest.get("experiments/get", self.timeout, experiment_id=id).get("experiment") or {}

    def experiment_by_name(self, name):
        """None if there is none."""
        try:
            return self.rest.get("experiments/get-by-name", self.timeout, experiment_name=name)["experiment"]
        except Problem as error:
            if getattr(error, "code", "") == "RESOURCE_DOES_NOT_EXIST":
                return None
            raise

    def experiments(self, count):
        return (
            self.rest.post("experiments/search", self.timeout, {"max_results": count}).get("experiments")
            or []
        )

    def create_experiment(self, name):
        return self.rest.post("experiments/create", self.timeout, {"name": name})["experiment_id"]

    def search_runs(self, experiment_ids, filter, order_by, count):
        body = {
            "experiment_ids": experiment_ids,
            "filter": filter,
            "order_by": order_by,
            "max_results": count,
        }
        return self.rest.post("runs/search", self.timeout, body).get("runs") or []

    def run(self, id):
        return self.rest.get("runs/get", self.timeout, run_id=id).get("run") or {}

    def history(self, run_id, key):
        """Points `{value, step, timestamp}`, and whether they are a sample, as of long histories."""
        asked = {"metric_key": key, "max_results": HISTORY_LIMIT}
        found = self.rest.get("metrics/get-history", self.timeout, run_id=run_id, **asked)
        if not found.get("next_page_token"):
            # All of it: old servers know no pages.
            return found.get("metrics") or [], False
        path = "metrics/get-history-bulk-interval"
        found = self.rest.get(path, self.timeout, run_ids=run_id, **asked)
        return found.get("metrics") or [], True

    def artifacts(self, run_id):
        """Files and folders at the top of a run: `{path, is_dir, file_size}`."""
        return self.rest.get("artifacts/list", self.timeout, run_id=run_id).get("files") or []

    def model_file(self, name, version, source):
        """The text of its MLmodel.

        :param source: where its files are; of `runs:/…` no server reads them by the version's name
        """
        scheme, _, rest = source.partition(":/")
        if scheme == "runs":
            run_id, _, path = rest.strip("/").partition("/")
            asked = {"run_id": run_id, "path": (path.rstrip("/") + "/MLmodel").lstrip("/")}
            return self.rest.text("get-artifact", self.timeout, MODEL_FILE_LIMIT, asked)
        asked = {"name": name, "version": version, "path": "MLmodel"}
        return self.rest.text("model-versions/get-artifact", self.timeout, MODEL_FILE_LIMIT, asked)

    def models(self, count):
        body = self.rest.get("registered-models/search", self.timeout, max_results=count)
        return body.get("registered_models") or []

    def model(self, name):
        return self.rest.get("registered-models/get", self.timeout, name=name)["registered_model"]

    def versions(self, name):
        quote = '"' if "'" in name else "'"
        wanted = "name=%s%s%s" % (quote, name, quote)
        body = self.rest.get("model-versions/search", self.timeout, filter=wanted, max_results=100)
        return body.get("model_versions") or []

    def create_run(self, experiment_id, name, tags):
        body = {
            "experiment_id": experiment_id,
            "start_time": int(time.time() * 1000),
            "tags": [{"key": key, "value": value} for key, value in tags.items()],
        }
        if name:
            body["run_name"] = name
        return self.rest.post("runs/create", self.timeout, body)["run"]

    def log(self, run_id, params, metrics, tags, step):
        now = int(time.time() * 1000)
        body = {
            "run_id": run_id,
            "params": [{"key": key, "value": value} for key, value in params.items()],
            "tags": [{"key": key, "value": value} for key, value in tags.items()],
            "metrics": [
                {"key": key, "value": _sent(value), "timestamp": now, "step": step}
                for key, value in metrics.items()
            ],
        }
        self.rest.post("runs/log-batch", self.timeout, body)

    def end_run(self, run_id, status, at=None):
        """:param at: milliseconds since 1970; now without it"""
        body = {"run_id": run_id, "status": status, "end_time": at or int(time.time() * 1000)}
        self.rest.post("runs/update", self.timeout, body)


class ClientBackend:
    """MLflow's client over a store, its answers turned into the JSON of the API."""

    def __init__(self, uri):
        try:
            from mlflow.tracking import MlflowClient
        except ImportError:
            hint = "Choose a server with %mlflow connect http://…, or install MLflow."
            if uri:
                raise Problem(
                    "This kernel logs to a store, which only MLflow can open, and it has no MLflow.",
                    hint=hint,
                ) from None
            raise Problem("This kernel has no MLflow and no tracking server is set.", hint=hint) from None
        self.client, self.timeout = MlflowClient(uri), FILE_BUDGET_S

    def version(self):
        from mlflow.version import VERSION

        return VERSION

    def experiment(self, id):
        return _experiment(self.client.get_experiment(id))

    def experiment_by_name(self, name):
        found = self.client.get_experiment_by_name(name)
        return _experiment(found) if found is not None else None

    def experiments(self, count):
        return [_experiment(each) for each in self.client.search_experiments(max_results=count)]

    def create_experiment(self, name):
        return self.client.create_experiment(name)

    def search_runs(self, experiment_ids, filter, order_by, count):
        found = self.client.search_runs(experiment_ids, filter or "", order_by=order_by, max_results=count)
        return [_run(each) for each in found]

    def run(self, id):
        return _run(self.client.get_run(id))

    def history(self, run_id, key):
        points = self.client.get_metric_history(run_id, key)
        found = [{"value": each.value, "step": each.step, "timestamp": each.timestamp} for each in points]
        return found, False

    def artifacts(self, run_id):
        found = self.client.list_artifacts(run_id)
        return [{"path": each.path, "is_dir": each.is_dir, "file_size": each.file_size} for each in found]

    def model_file(self, name, version, source):
        from mlflow.artifacts import load_text

        return load_text(self.client.get_model_version_download_uri(name, version).rstrip("/") + "/MLmodel")

    def models(self, count):
        return [_model(each) for each in self.client.search_registered_models(max_results=count)]

    def model(self, name):
        return _model(self.client.get_registered_model(name))

    def versions(self, name):
        quote = '"' if "'" in name else "'"
        found = self.client.search_model_versions("name=%s%s%s" % (quote, name, quote))
        return [_version(each) for each in found]

    def create_run(self, experiment_id, name, tags):
        return _run(self.client.create_run(experiment_id, tags=tags, run_name=name or None))

    def log(self, run_id, params, metrics, tags, step):
        from mlflow.entities import Metric, Param, RunTag

        now = int(time.time() * 1000)
        self.client.log_batch(
            run_id,
            metrics=[Metric(key, value, now, step) for key, value in metrics.items()],
            params=[Param(key, value) for key, value in params.items()],
            tags=[RunTag(key, value) for key, value in tags.items()],
        )

    def end_run(self, run_id, status, at=None):
        self.client.set_terminated(run_id, status, at)


def _sent(value):
    return (
        value
        if math.isfinite(value)
        else "NaN"
        if math.isnan(value)
        else "Infinity"
        if value > 0
        else "-Infinity"
    )


def _pairs(mapping):
    return [{"key": key, "value": value} for key, value in (mapping or {}).items()]


def _experiment(found):
    return {
        "experiment_id": found.experiment_id,
        "name": found.name,
        "lifecycle_stage": found.lifecycle_stage,
    }


def _run(found):
    names = ("run_id", "experiment_id", "status", "start_time", "end_time", "lifecycle_stage", "run_name")
    data = {kind: _pairs(getattr(found.data, kind)) for kind in ("params", "metrics", "tags")}
    return {"info": {name: getattr(found.info, name, None) for name in names}, "data": data}


def _model(found):
    aliases = getattr(found, "aliases", None) or {}
    return {
        "name": found.name,
        "description": found.description,
        "latest_versions": [_version(each) for each in found.latest_versions or ()],
        "aliases": [{"alias": alias, "version": str(version)} for alias, version in dict(aliases).items()],
    }


def _version(found):
    names = (
        "name",
        "version",
        "current_stage",
        "run_id",
        "source",
        "status",
        "creation_timestamp",
        "description",
    )
    return {
        **{name: getattr(found, name, None) for name in names},
        "aliases": list(getattr(found, "aliases", ())),
    }
