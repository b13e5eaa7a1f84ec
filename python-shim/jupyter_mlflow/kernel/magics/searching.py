"""Which runs are meant: what is asked of the tracking server now, and by a live view from then on."""

import re

from .. import logging_to
from . import kernel_commands, places, text
from .problem import Problem, near
from .rest import Refused
from .words import Word

NEWEST = ["attributes.start_time DESC"]
ENTITIES = ("metrics", "params", "tags", "attributes", "datasets")
ATTRIBUTES = ("start_time", "end_time", "run_name", "status", "run_id", "user_id", "artifact_uri")
OPERATOR = re.compile(r"[=<>]|\b(I?LIKE|IN|IS)\b", re.IGNORECASE)


class Question(dict):
    """The fields of a bundle that say which runs; `is_own`: of the kernel's own experiment, by its name."""

    is_own = False


def question(options, filter="", count=1, order_by=None):
    """What a live view of these options asks; names stand for the ids that only a server can tell.

    :param options: `experiment` or `experiment_ids`, `here`, `mine`, `sort`
    :raises Problem: the options contradict themselves, or the kernel does not know its notebook
    """
    if count < 1:
        raise Problem("--last wants one run at least.")
    clauses = [filter] if filter else []
    if options.get("here"):
        clauses.append(places.notebook_filter())
    if options.get("mine"):
        tag, user = kernel_commands.context_user()
        clauses.append('tags."%s" = %s' % (tag, places.quoted(user)))
    ids, name, everywhere = options.get("experiment_ids"), options.get("experiment"), False
    is_own = False
    if ids is None and options.get("here") and name is None:
        everywhere = True
    elif ids is None and name is None:
        known = logging_to.facts(None)["experiment"]
        name = None if known["id"] else known["name"]
        ids = [known["id"]] if known["id"] else ["0"] if name is None else None
        is_own = name is not None
    asked = Question(
        experiment_ids=list(ids or ()),
        experiment_name=name if ids is None else None,
        all_experiments=everywhere,
        filter=" AND ".join(clauses),
        order_by=_order(options["sort"])[0] if options.get("sort") else order_by,
        max_results=count,
    )
    asked.is_own = is_own
    return asked


def as_found(asked):
    """Options for the same with another filter: what --here and --mine mean stands in it by then."""
    return {"experiment_ids": asked["experiment_ids"]} if asked["experiment_ids"] else {}


def experiments(tracking, asked):
    """Ids of the experiments of a question, which holds them from then on.

    Empty where the kernel's own is not there yet: MLflow makes it with the first run.

    :raises Problem: there is no experiment of that name
    """
    if not asked["experiment_ids"]:
        if asked["all_experiments"]:
            found = places.all_experiment_ids(tracking)
        elif asked.is_own:
            own = tracking.call("experiment_by_name", asked["experiment_name"])
            if own is None:
                return []
            found = [str(own["experiment_id"])]
        else:
            found = [places.experiment_id(tracking, asked["experiment_name"])]
        asked.update(experiment_ids=found, experiment_name=None, all_experiments=False)
    return asked["experiment_ids"]


def search(tracking, parsed, asked, filter, sort=None):
    """The runs of a question.

    :param filter: what the person wrote of its filter
    """
    ids = experiments(tracking, asked)
    if not ids:
        return []
    if sort is not None:
        asked["order_by"] = _checked_order(tracking, sort, ids)
    order = [asked["order_by"]] if asked["order_by"] else NEWEST
    try:
        return tracking.call("search_runs", ids, asked["filter"], order, asked["max_results"])
    except Refused as problem:
        if problem.code in ("LOGIN", "PERMISSION_DENIED") or not (filter or sort):
            raise
        raise bad_filter(parsed, filter, problem) from None


def bad_filter(parsed, filter, problem):
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


def _order(written):
    """MLflow's order_by for a key, best first: `acc`, `-acc`, `metrics.acc asc`, `start_time`.

    :returns: with the key if its kind is a guess
    """
    direction, key = "DESC", written
    if key[-4:].lower() == " asc" or key.startswith("-"):
        direction, key = "ASC", key[1:] if key.startswith("-") else key[:-4]
    elif key[-5:].lower() == " desc":
        key = key[:-5]
    kind, dot, rest = key.partition(".")
    if dot and kind in ("metrics", "params", "tags"):
        return "%s.%s %s" % (kind, places.key(rest.strip("`\"'")), direction), None
    plain_key = rest if kind == "attributes" else key
    if plain_key in ATTRIBUTES:
        return "attributes.%s %s" % (plain_key, direction), None
    return "metrics.%s %s" % (places.key(key), direction), key


def _checked_order(tracking, written, experiment_ids):
    order, key = _order(written)
    if key is None:
        return order
    metrics, params = known_keys(tracking, experiment_ids)
    if key in params and key not in metrics:
        return "params" + order[len("metrics") :]
    if key in metrics or not metrics:
        return order
    hint = near(key, metrics + params + list(ATTRIBUTES))
    raise Problem("No run has a metric or parameter “%s”." % text.plain(key, 60), hint=hint)


def known_keys(tracking, experiment_ids):
    """Keys of metrics and of parameters of the newest runs."""
    found = tracking.call("search_runs", experiment_ids, "", NEWEST, 50)
    metrics, params = {}, {}
    for each in found:
        metrics.update(dict.fromkeys(entry["key"] for entry in each["data"].get("metrics") or ()))
        params.update(dict.fromkeys(entry["key"] for entry in each["data"].get("params") or ()))
    return sorted(metrics), sorted(params)


def of_name(word, experiment):
    """The question for a run that is named by this word; an empty one for ids, which are no question.

    :raises Problem: a name that MLflow cannot look for
    """
    if places.START_OF_ID.match(word.text) or places.ID.match(word.text):
        return {}
    return question({"experiment": experiment}, "attributes.run_name = %s" % places.quoted(word.text, word))
