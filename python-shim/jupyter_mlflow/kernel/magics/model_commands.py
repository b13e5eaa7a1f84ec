"""Sub-command models: the registry."""

from . import bundles, signatures, text
from .problem import Problem, Unreachable, near
from .records import Shown
from .store import Tracking

COUNT = 100
#: Fields of each part of a signature.
FIELDS = 60


def models(parsed):
    """Registered models; the versions of one."""
    if len(parsed.words) > 1:
        raise Problem("One model is enough.", parsed.words[1], "Put a name with spaces in quotes.")
    name = parsed.words[0].text if parsed.words else None
    try:
        tracking = Tracking()
        shown = _all(tracking) if name is None else _one(tracking, name, parsed.words[0])
    except Unreachable as problem:
        shown = Shown(bundles.bundle("model", {"name": name}, None, (), [], "", note=problem.message))
    shown._again = lambda filter: models(parsed)
    return shown


def _aliases(model):
    return {str(each.get("alias")): str(each.get("version")) for each in model.get("aliases") or ()}


def _all(tracking):
    found = tracking.call("models", COUNT)
    rows = []
    for model in found:
        versions = [int(each.get("version") or 0) for each in model.get("latest_versions") or ()]
        aliases = ", ".join("%s → %s" % pair for pair in _aliases(model).items())
        rows.append([model["name"], max(versions or [0]) or "", aliases, model.get("description") or ""])
    snapshot = {"models": rows}
    note = "" if rows else "No models are registered."
    columns = ("model", "newest version", "aliases", "description")
    return Shown(bundles.bundle("model", {"name": None}, snapshot, columns, rows, "", (1,), note))


def _one(tracking, name, word):
    try:
        model = tracking.call("model", name)
    except Unreachable:
        raise
    except Problem as problem:
        if getattr(problem, "code", "") == "LOGIN":
            raise
        known = [each["name"] for each in tracking.call("models", COUNT)]
        message = "There is no registered model “%s”." % text.plain(name, 80)
        raise Problem(message, word, near(name, known) or "%mlflow models shows all.") from None
    of_version = {}
    for alias, version in _aliases(model).items():
        of_version.setdefault(version, []).append(alias)
    versions = sorted(tracking.call("versions", name), key=lambda each: -int(each.get("version") or 0))
    rows = [
        [
            str(each.get("version")),
            ", ".join(of_version.get(str(each.get("version")), [])),
            each.get("current_stage") if each.get("current_stage") not in (None, "None") else "",
            each.get("status") or "",
            (each.get("run_id") or "")[:8],
            text.moment(each.get("creation_timestamp")),
        ]
        for each in versions
    ]
    signature = _signature(tracking, name, versions[0]) if rows else None
    snapshot = {
        "description": model.get("description") or "",
        "signature": signature,
        "versions": [
            [*row[:2], row[3], versions[i].get("run_id") or "", versions[i].get("creation_timestamp"), row[2]]
            for i, row in enumerate(rows)
        ],
    }
    columns = ("version", "aliases", "stage", "status", "run", "created")
    caption = text.plain(name, 80) + (
        ": " + text.plain(model["description"]) if model.get("description") else ""
    )
    below = None
    if signature is not None:
        parts = [
            [part[:-1], field, kind, "" if is_needed else "optional"]
            for part in signatures.PARTS
            for field, kind, is_needed in signature[part]
        ]
        below = ("Signature of version %s" % rows[0][0], ("", "name", "type", ""), parts)
    made = bundles.bundle("model", {"name": name}, snapshot, columns, rows, caption, (0,), below=below)
    return Shown(made)


def _signature(tracking, name, version):
    """Of the newest version; None where it has none, or the store of its files does not answer in time."""
    asked = name, str(version.get("version")), str(version.get("source") or "")
    try:
        found = signatures.of_file(tracking.call("model_file", *asked))
    except Problem:
        return None
    return {part: fields[:FIELDS] for part, fields in found.items()} if found else None
