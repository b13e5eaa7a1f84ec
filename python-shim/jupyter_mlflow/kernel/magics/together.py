"""Sub-commands about several runs in one picture: compare, chart."""

from . import bundles, chart, places, searching, tables, text
from .cards import record_of
from .problem import Problem, Unreachable, near
from .records import Runs
from .store import Tracking
from .words import Parsed

#: Runs that a chart or a comparison holds.
TOGETHER = 100


def _shown(ids, asked, find, draw, again):
    """The runs that `find` gives a tracking server, drawn together; without an answer the live view asks."""
    kind = "chart" if "keys" in ids else "compare"
    try:
        tracking = Tracking()
        records = [record_of(each) for each in find(tracking)[:TOGETHER]]
        return draw(tracking, records)
    except Unreachable as problem:
        return Runs([], bundles.bundle(kind, {**ids, **asked}, None, (), [], "", note=problem.message), again)


def compare(parsed):
    """Runs side by side."""
    if not parsed.words:
        raise Problem("Which runs? Name two or more, or write a filter.", hint="%mlflow compare first second")
    is_filter = not parsed.are_names and searching.OPERATOR.search(parsed.rest())
    filter, options = parsed.rest() if is_filter else "", parsed.options
    asked = searching.question(options, filter, options.get("last", 10)) if is_filter else {}
    ids = {"filter": "", **asked, "run_ids": [], "all": bool(options.get("all"))}

    def again(filter):
        return compare(parsed.with_filter(filter, **searching.as_found(asked)) if filter else parsed)

    def find(tracking):
        if is_filter:
            return searching.search(tracking, parsed, asked, filter)
        ids["run_ids"] = [word.text for word in parsed.words if places.ID.match(word.text)]
        return [places.find_run(tracking, word, options.get("experiment")) for word in parsed.words]

    def draw(_, records):
        ids.update(asked, run_ids=[run.id for run in records])
        rows, values = [], []
        for kind, title in (("metrics", "metric"), ("params", "param")):
            for key in dict.fromkeys(key for run in records for key in getattr(run, kind)):
                cells = [tables.cell(run, kind, key) for run in records]
                if ids["all"] or len(set(cells)) > 1 or len(records) == 1:
                    rows.append([title + " " + key, *cells])
                    values.append([kind, key, [getattr(run, kind).get(key) for run in records]])
        note = "" if rows else "No runs match." if not records else "These runs do not differ."
        snapshot = {"runs": [[run.id, run.name, run.status] for run in records], "rows": values}
        columns = ["", *[run.name or run.id[:8] for run in records]]
        return Runs(records, bundles.bundle("compare", ids, snapshot, columns, rows, "", note=note), again)

    return _shown(ids, asked, find, draw, again)


def draw_chart(parsed):
    """The history of metrics; also of those that no run has logged yet, as the live view waits for them."""
    words, options = parsed.words, parsed.options
    if not words:
        raise Problem("Which metric?", hint="%mlflow chart loss")
    if len(words) > chart.KEYS:
        raise Problem("A chart shows up to %d metrics." % chart.KEYS, words[chart.KEYS])
    if options.get("smooth", 0.0) > 0.999:
        raise Problem("--smooth is from 0 (off) to 0.999.")
    filter = options.get("runs", "")
    asked = searching.question(options, filter, options.get("last", 10))
    ids = {**asked, **chart.ids_of(parsed)}

    def again(filter):
        known = searching.as_found(asked)
        left = {name: value for name, value in options.items() if not known or name not in ("here", "mine")}
        return draw_chart(Parsed(parsed.command, parsed.head, words, dict(left, runs=filter, **known)))

    def draw(tracking, records):
        known = sorted({key for run in records for key in run.metrics})
        lacking = [word.text for word in words if word.text not in known]
        having = [run for run in records if any(word.text in run.metrics for word in words)]
        ids.update(asked, run_ids=[run.id for run in having])
        note = ""
        if lacking and records:
            hints = [near(key, known) for key in lacking]
            names = ", ".join("“%s”" % text.plain(key, 60) for key in lacking[:3])
            note = " ".join(["No run has logged %s yet." % names, *[each for each in hints[:3] if each]])
        elif not records:
            note = "No runs match." if filter else "There are no runs yet."
        keys = [word.text for word in words]
        return Runs(having, chart.draw(tracking, ids, having, keys, note), again)

    def find(tracking):
        return searching.search(tracking, parsed, asked, filter)

    return _shown(ids, asked, find, draw, again)
