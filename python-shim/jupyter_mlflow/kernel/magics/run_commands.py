"""Sub-commands about runs: runs, show, compare, chart, best."""

import re
import time

from . import active, bundles, chart, kernel_commands, places, text
from .problem import Problem, Unreachable, near
from .records import Run, Runs
from .rest import Refused
from .store import Tracking
from .words import Parsed, Word

NEWEST = ["attributes.start_time DESC"]
ENTITIES = ("metrics", "params", "tags", "attributes", "datasets")
ATTRIBUTES = ("start_time", "end_time", "run_name", "status", "run_id", "user_id", "artifact_uri")
FIXED = ("name", "status", "started", "took")
#: Metrics and parameters of a table where no columns are asked for.
KEYS_OF_EACH = 4
#: Files and folders of a card.
ARTIFACTS = 50
#: Runs that a chart or a comparison holds.
TOGETHER = 100
OPERATOR = re.compile(r"[=<>]|\b(I?LIKE|IN|IS)\b", re.IGNORECASE)


def runs(parsed):
    """The table of runs, which is also a list of them."""
    filter, options = parsed.rest(), parsed.options
    count = options.get("last", 20)
    ids = {"experiment_ids": [], "filter": filter, "order_by": None, "max_results": count}

    def again(filter):
        # What --here and --mine mean stands in the filter by then, where the person may have changed it.
        known = {"experiment_ids": ids["experiment_ids"]} if ids["experiment_ids"] else {}
        return runs(parsed.with_filter(filter, without=("here", "mine") if known else (), **known))

    try:
        tracking = Tracking()
        found = _search(tracking, parsed, filter, ids, count)
    except Unreachable as problem:
        return Runs([], _table(ids, [], None, problem.message), again)
    wanted = (
        [each.strip() for each in options["columns"].split(",") if each.strip()]
        if "columns" in options
        else None
    )
    records = [_record(each) for each in found]
    note = "" if records else "No runs match." if filter else "There are no runs."
    return Runs(records, _table(ids, records, wanted, note), again)


def _search(tracking, parsed, filter, ids, count):
    """Runs of the experiment that the options name; fills `ids` with what was asked."""
    options = parsed.options
    if count < 1:
        raise Problem("--last wants one run at least.")
    clauses = [filter] if filter else []
    if options.get("here"):
        clauses.append(places.notebook_filter())
    if options.get("mine"):
        tag, user = kernel_commands.context_user()
        clauses.append('tags."%s" = %s' % (tag, places.quoted(user)))
    if "experiment_ids" in options:
        ids["experiment_ids"] = options["experiment_ids"]
    elif options.get("here") and "experiment" not in options:
        ids["experiment_ids"] = places.all_experiment_ids(tracking)
    else:
        ids["experiment_ids"] = [places.experiment_id(tracking, options.get("experiment"))]
    ids["filter"] = " AND ".join(clauses)
    order = NEWEST
    if "sort" in options:
        order = [_order(tracking, options["sort"], ids)]
        ids["order_by"] = order[0]
    try:
        return tracking.call("search_runs", ids["experiment_ids"], ids["filter"], order, count)
    except Refused as problem:
        if problem.code in ("LOGIN", "PERMISSION_DENIED") or not (filter or "sort" in options):
            raise
        raise _bad_filter(parsed, filter, problem) from None


def _bad_filter(parsed, filter, problem):
    """The sentence about a filter that MLflow refuses, with the word at fault as far as it can be told."""
    word = next((each for each in parsed.words if filter.startswith(each.raw) or each.raw in filter), None)
    if word is not None:
        word = Word(word.line, word.start, parsed.words[-1].end, filter)
        for found in re.finditer(r"([A-Za-z_]+)\.", word.raw):
            if (
                found.group(1).rstrip("s") + "s" not in ("attributes", *ENTITIES)
                or found.group(1) == "metadata"
            ):
                at = word.start + found.start()
                hint = near(found.group(1), ENTITIES)
                if hint:
                    word = Word(word.line, at, at + len(found.group(1)), found.group(1))
                    return Problem("MLflow does not understand this filter.", word, hint)
    told = problem.message.replace("MLflow refuses: ", "")
    return Problem(
        "MLflow does not understand this filter: %s" % told,
        word,
        "Such as: metrics.acc > 0.9 and params.depth = '3'",
    )


def _order(tracking, key, ids):
    """MLflow's order_by for a key, best first: `acc`, `-acc`, `metrics.acc asc`, `start_time`."""
    direction = "DESC"
    if key[-4:].lower() == " asc" or key.startswith("-"):
        direction, key = "ASC", key[1:] if key.startswith("-") else key[:-4]
    elif key[-5:].lower() == " desc":
        key = key[:-5]
    kind, dot, rest = key.partition(".")
    if dot and kind in ("metrics", "params", "tags"):
        return "%s.%s %s" % (kind, places.key(rest.strip("`\"'")), direction)
    plain_key = rest if kind == "attributes" else key
    if plain_key in ATTRIBUTES:
        return "attributes.%s %s" % (plain_key, direction)
    metrics, params = known_keys(tracking, ids["experiment_ids"])
    if key in metrics or key not in params:
        if key not in metrics and metrics:
            hint = near(key, metrics + params + list(ATTRIBUTES))
            raise Problem("No run has a metric or parameter “%s”." % text.plain(key, 60), hint=hint)
        return "metrics.%s %s" % (places.key(key), direction)
    return "params.%s %s" % (places.key(key), direction)


def known_keys(tracking, experiment_ids):
    """Keys of metrics and of parameters of the newest runs."""
    found = tracking.call("search_runs", experiment_ids, "", NEWEST, 50)
    metrics, params = {}, {}
    for each in found:
        metrics.update(dict.fromkeys(entry["key"] for entry in each["data"].get("metrics") or ()))
        params.update(dict.fromkeys(entry["key"] for entry in each["data"].get("params") or ()))
    return sorted(metrics), sorted(params)


def _record(run, note="", artifacts=None):
    record = Run(run)
    record._bundle = lambda: card(record, note, artifacts)
    return record


def _with_artifacts(tracking, run, note=""):
    """The card of one run with its files, where their store answers in time."""
    id, artifacts = str(run["info"]["run_id"]), None
    try:
        found = tracking.call("artifacts", id)
        artifacts = [[each.get("path") or "", _size(each)] for each in found[:ARTIFACTS]]
    except Problem:
        pass
    record = _record(run, note, artifacts)
    record._again = lambda filter: _asked_again(id, note)
    return record


def _asked_again(id, note):
    tracking = Tracking()
    return _with_artifacts(tracking, tracking.call("run", id), note)


def _size(artifact):
    try:
        return None if artifact.get("is_dir") else int(artifact.get("file_size") or 0)
    except (TypeError, ValueError):
        return 0


def _columns(records, wanted):
    """Pairs (kind, key) of the columns beside the fixed ones."""
    metrics, params = (
        list(dict.fromkeys(key for run in records for key in getattr(run, kind)))
        for kind in ("metrics", "params")
    )
    if wanted is None:
        metrics = [key for key in metrics if not key.startswith("system/")]
        return [("metrics", key) for key in metrics[:KEYS_OF_EACH]] + [
            ("params", key) for key in params[:KEYS_OF_EACH]
        ]
    found = []
    for name in wanted:
        kind, dot, key = name.partition(".")
        if dot and kind in ("metrics", "params", "tags"):
            found.append((kind, key))
        elif name in metrics or name in params:
            found.append(("metrics" if name in metrics else "params", name))
        elif records and name not in FIXED:
            known = metrics + params
            raise Problem(
                "These runs have no metric or parameter “%s”." % text.plain(name, 60), hint=near(name, known)
            )
    return found


def _cell(run, kind, key):
    value = getattr(run, kind).get(key)
    return text.number(value) if kind == "metrics" else "" if value is None else value


def row_of(run, columns):
    """A row of a table, as texts."""
    end = run.end_time or (int(time.time() * 1000) if run.status == "RUNNING" else None)
    fixed = [
        run.name or run.id[:8],
        run.status,
        text.moment(run.start_time),
        text.duration(run.start_time, end),
    ]
    return fixed + [_cell(run, kind, key) for kind, key in columns]


def _table(ids, records, wanted, note):
    columns = _columns(records, wanted)
    names = list(FIXED) + [key for _, key in columns]
    rows = [row_of(run, columns) for run in records]
    right = [i + len(FIXED) for i, (kind, _) in enumerate(columns) if kind == "metrics"]
    snapshot = None
    if records or not note or note.startswith(("No runs", "There are no")):
        snapshot = {
            "columns": [{"kind": kind, "key": key} for kind, key in columns],
            "rows": [
                [run.id, run.experiment_id, run.name, run.status, run.start_time, run.end_time]
                + [getattr(run, kind).get(key) for kind, key in columns]
                for run in records
            ],
        }
    caption = "%d run%s" % (len(records), "" if len(records) == 1 else "s") if records else ""
    return bundles.bundle("table", ids, snapshot, names, rows, caption, right, note)


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


def show(parsed):
    """One run as a card."""
    if len(parsed.words) > 1:
        raise Problem(
            "One run is enough.",
            parsed.words[1],
            "%mlflow compare shows several. Put a name with spaces in quotes.",
        )
    ids = {"run_id": None, "experiment_id": None}
    try:
        tracking = Tracking()
        if parsed.words:
            word = parsed.words[0]
            ids["run_id"] = word.text if places.ID.match(word.text) else None
            return _with_artifacts(
                tracking, places.find_run(tracking, word, parsed.options.get("experiment"))
            )
        id = active.run_id()
        if id is not None:
            ids["run_id"] = id
            return _with_artifacts(tracking, tracking.call("run", id))
        experiments = places.all_experiment_ids(tracking)
        found = tracking.call("search_runs", experiments, places.notebook_filter(), NEWEST, 1)
    except Unreachable as problem:
        return Runs([], bundles.bundle("card", ids, None, (), [], "", note=problem.message))
    if not found:
        raise Problem(
            "This notebook has made no run yet.", hint="%mlflow runs shows those of the experiment."
        )
    return _with_artifacts(tracking, found[0])


def compare(parsed):
    """Runs side by side."""
    if not parsed.words:
        raise Problem("Which runs? Name two or more, or write a filter.", hint="%mlflow compare first second")
    filter = parsed.rest() if not parsed.are_names and OPERATOR.search(parsed.rest()) else ""
    ids = {"run_ids": [], "all": bool(parsed.options.get("all")), "filter": filter}

    def again(filter):
        return compare(parsed.with_filter(filter) if filter else parsed)

    try:
        tracking = Tracking()
        if filter:
            found = _search(tracking, parsed, filter, {}, parsed.options.get("last", 10))
        else:
            found = [
                places.find_run(tracking, word, parsed.options.get("experiment")) for word in parsed.words
            ]
    except Unreachable as problem:
        ids["run_ids"] = [word.text for word in parsed.words if places.ID.match(word.text)]
        return Runs([], bundles.bundle("compare", ids, None, (), [], "", note=problem.message), again)
    records = [_record(each) for each in found[:TOGETHER]]
    ids["run_ids"] = [run.id for run in records]
    rows, values = [], []
    for kind, title in (("metrics", "metric"), ("params", "param")):
        for key in dict.fromkeys(key for run in records for key in getattr(run, kind)):
            cells = [_cell(run, kind, key) for run in records]
            if ids["all"] or len(set(cells)) > 1 or len(records) == 1:
                rows.append([title + " " + key, *cells])
                values.append([kind, key, [getattr(run, kind).get(key) for run in records]])
    note = "" if rows else "No runs match." if not records else "These runs do not differ."
    snapshot = {"runs": [[run.id, run.name, run.status] for run in records], "rows": values}
    columns = ["", *[run.name or run.id[:8] for run in records]]
    return Runs(records, bundles.bundle("compare", ids, snapshot, columns, rows, "", note=note), again)


def draw_chart(parsed):
    """The history of metrics."""
    if not parsed.words:
        raise Problem("Which metric?", hint="%mlflow chart loss")
    if len(parsed.words) > chart.KEYS:
        raise Problem("A chart shows up to %d metrics." % chart.KEYS, parsed.words[chart.KEYS])
    if parsed.options.get("smooth", 0.0) > 0.999:
        raise Problem("--smooth is from 0 (off) to 0.999.")
    ids = chart.ids_of(parsed)
    filter = ids["filter"]

    def again(filter):
        options = dict(parsed.options, runs=filter)
        return draw_chart(Parsed(parsed.command, parsed.head, parsed.words, options))

    try:
        tracking = Tracking()
        found = _search(tracking, parsed, filter, {}, parsed.options.get("last", 10))
        records = [_record(each) for each in found]
        keys = [word.text for word in parsed.words]
        known = sorted({key for run in records for key in run.metrics})
        for word in parsed.words:
            if records and word.text not in known:
                raise Problem(
                    "These runs have no metric “%s”." % text.plain(word.text, 60),
                    word,
                    near(word.text, known),
                )
        having = [run.id for run in records if any(key in run.metrics for key in keys)]
        ids["run_ids"] = having[:TOGETHER]
        drawn = [run for run in records if run.id in ids["run_ids"]]
        return Runs(drawn, chart.draw(tracking, ids, drawn, keys), again)
    except Unreachable as problem:
        return Runs([], bundles.bundle("chart", ids, None, (), [], "", note=problem.message), again)


def best(parsed):
    """The best run as a card, which is also a value."""
    if not parsed.words:
        raise Problem("Best in which metric?", hint="%mlflow best acc")
    if parsed.options.get("min") and parsed.options.get("max"):
        raise Problem("The best is either --min or --max.")
    word = parsed.words[0]
    key = word.text[len("metrics.") :] if word.text.startswith("metrics.") else word.text
    filter = parsed.rest(1)
    order = "metrics.%s %s" % (places.key(key), "ASC" if parsed.options.get("min") else "DESC")
    try:
        tracking = Tracking()
        experiments = [places.experiment_id(tracking, parsed.options.get("experiment"))]
        try:
            # Some, as MLflow counts NaN and lacking values last but for NaN of some stores.
            found = tracking.call("search_runs", experiments, filter, [order], 10)
        except Refused as problem:
            raise _bad_filter(parsed, filter, problem) if filter else problem from None
        for each in found:
            record = _record(each)
            value = record.metrics.get(key)
            if value is not None and value == value:
                note = "%s %s: %s" % (
                    "Lowest" if parsed.options.get("min") else "Highest",
                    text.plain(key, 60),
                    text.number(value),
                )
                return _with_artifacts(tracking, each, note)
        metrics, _ = known_keys(tracking, experiments)
    except Unreachable as problem:
        return Runs(
            [],
            bundles.bundle(
                "card", {"run_id": None, "experiment_id": None}, None, (), [], "", note=problem.message
            ),
        )
    raise Problem("No run has the metric “%s”." % text.plain(key, 60), word, near(key, metrics))
