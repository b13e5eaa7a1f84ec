"""One run as a card: its bundle, and the record that shows itself so."""

from . import bundles, text
from .problem import Problem
from .records import Run
from .store import Tracking

#: Files and folders of a card.
ARTIFACTS = 50


def record_of(run, note="", artifacts=None):
    """The value of a run, as MLflow's REST API tells it."""
    record = Run(run)
    record._bundle = lambda: card(record, note, artifacts)
    return record


def with_artifacts(tracking, run, note=""):
    """The card of one run with its files, where their store answers in time."""
    id, artifacts = str(run["info"]["run_id"]), None
    try:
        found = tracking.call("artifacts", id)
        artifacts = [[each.get("path") or "", _size(each)] for each in found[:ARTIFACTS]]
    except Problem:
        pass
    record = record_of(run, note, artifacts)
    record._again = lambda filter: _asked_again(id, note)
    return record


def _asked_again(id, note):
    tracking = Tracking()
    return with_artifacts(tracking, tracking.call("run", id), note)


def _size(artifact):
    try:
        return None if artifact.get("is_dir") else int(artifact.get("file_size") or 0)
    except (TypeError, ValueError):
        return 0


def card(run, note="", artifacts=None):
    """The bundle of one run.

    :param artifacts: pairs (path, bytes or None of a folder) of its top; None where nobody has asked
    """
    rows = [("status", run.status), ("started", text.moment(run.start_time))]
    rows.append(("took", text.duration(run.start_time, run.end_time)))
    rows += [("metric " + key, text.number(value)) for key, value in run.metrics.items()]
    rows += [("param " + key, value) for key, value in run.params.items()]
    tags = {key: value for key, value in run.tags.items() if not key.startswith(("mlflow.", "jupyter."))}
    rows += [("tag " + key, value) for key, value in tags.items()]
    rows += [
        ("artifact " + path, "folder" if size is None else text.size(size)) for path, size in artifacts or ()
    ]
    if run.lifecycle_stage == "deleted":
        note = "This run is deleted." + (" " + note if note else "")
    snapshot = {
        "name": run.name,
        "status": run.status,
        "lifecycle_stage": run.lifecycle_stage,
        "start_time": run.start_time,
        "end_time": run.end_time,
        "metrics": [[key, value] for key, value in run.metrics.items()],
        "params": [[key, value] for key, value in run.params.items()],
        "tags": [[key, value] for key, value in tags.items()],
        "artifacts": artifacts,
    }
    ids = {"run_id": run.id, "experiment_id": run.experiment_id}
    return bundles.bundle(
        "card", ids, snapshot, ("", ""), rows, "%s (%s)" % (text.plain(run.name, 80), run.id), note=note
    )
