"""Sub-commands about runs: runs, show, best."""

from . import active, bundles, places, searching, text, ticks
from .cards import record_of, with_artifacts
from .problem import Problem, Unreachable, near
from .records import Runs
from .rest import Refused
from .searching import search
from .store import Tracking
from .tables import table

NO_RUN = {"run_id": None, "experiment_id": None}


def runs(parsed):
    """The table of runs, which is also a list of them."""
    filter, options = parsed.rest(), parsed.options
    asked = searching.question(options, filter, options.get("last", 20))

    def again(filter):
        known = searching.as_found(asked)
        return runs(parsed.with_filter(filter, without=("here", "mine") if known else (), **known))

    try:
        found = search(Tracking(), parsed, asked, filter, options.get("sort"))
    except Unreachable as problem:
        return ticks.offer(Runs([], table(asked, [], None, problem.message), again))
    wanted = (
        [each.strip() for each in options["columns"].split(",") if each.strip()]
        if "columns" in options
        else None
    )
    records = [record_of(each) for each in found]
    note = "" if records else "No runs match." if filter else "There are no runs."
    return ticks.offer(Runs(records, table(asked, records, wanted, note), again))


def show(parsed):
    """One run as a card."""
    if len(parsed.words) > 1:
        raise Problem(
            "One run is enough.",
            parsed.words[1],
            "%mlflow compare shows several. Put a name with spaces in quotes.",
        )
    ids, asked = dict(NO_RUN), {}
    try:
        tracking = Tracking()
        if parsed.words:
            word, experiment = parsed.words[0], parsed.options.get("experiment")
            ids["run_id"] = word.text if places.ID.match(word.text) else None
            asked = searching.of_name(word, experiment)
            return with_artifacts(tracking, places.find_run(tracking, word, experiment))
        ids["run_id"] = active.run_id()
        if ids["run_id"] is not None:
            return with_artifacts(tracking, tracking.call("run", ids["run_id"]))
        asked = searching.question({"here": True})
        found = search(tracking, parsed, asked, "")
    except Unreachable as problem:
        return Runs([], bundles.bundle("card", {**ids, **asked}, None, (), [], "", note=problem.message))
    if not found:
        raise Problem(
            "This notebook has made no run yet.", hint="%mlflow runs shows those of the experiment."
        )
    return with_artifacts(tracking, found[0])


def best(parsed):
    """The best run as a card, which is also a value."""
    if not parsed.words:
        raise Problem("Best in which metric?", hint="%mlflow best acc")
    if parsed.options.get("min") and parsed.options.get("max"):
        raise Problem("The best is either --min or --max.")
    word = parsed.words[0]
    key = word.text[len("metrics.") :] if word.text.startswith("metrics.") else word.text
    filter, is_least = parsed.rest(1), parsed.options.get("min")
    order = "metrics.%s %s" % (places.key(key), "ASC" if is_least else "DESC")
    asked = searching.question(parsed.options, filter, order_by=order)
    try:
        tracking = Tracking()
        ids = searching.experiments(tracking, asked)
        try:
            # Some, as MLflow counts NaN and lacking values last but for NaN of some stores.
            found = tracking.call("search_runs", ids, filter, [order], 10) if ids else []
        except Refused as problem:
            raise searching.bad_filter(parsed, filter, problem) if filter else problem from None
        for each in found:
            value = record_of(each).metrics.get(key)
            if value is not None and value == value:
                degree = "Lowest" if is_least else "Highest"
                return with_artifacts(
                    tracking, each, "%s %s: %s" % (degree, text.plain(key, 60), text.number(value))
                )
        metrics, _ = searching.known_keys(tracking, ids) if ids else ([], [])
    except Unreachable as problem:
        return Runs([], bundles.bundle("card", {**NO_RUN, **asked}, None, (), [], "", note=problem.message))
    raise Problem("No run has the metric “%s”." % text.plain(key, 60), word, near(key, metrics))
