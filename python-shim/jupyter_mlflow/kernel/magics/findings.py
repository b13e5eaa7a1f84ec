"""What a kernel itself can tell of how MLflow is in it: findings of docs/doctor.md, in the page's own words.

The page's rules are in src/doctor/findings; a test compares both in real kernels.
"""

import os
import re

from .comparing import is_between, is_release, is_same, is_within
from .conflicts import TABLE
from .text import plain

MLFLOW_IS_THERE = "module"
USER_SITE = re.compile(
    r"[\\/](\.local[\\/]lib[\\/]python3\.\d+|Python[\\/]Python3\d+"
    r"|Library[\\/]Python[\\/]3\.\d+[\\/]lib[\\/]python)[\\/]site-packages[\\/]"
)


def findings(known):
    """Triples (id, severity, sentence) from facts of the kernel, the worst first."""
    found = [rule(known) for rule in RULES]
    order = ("error", "warning", "info")
    return sorted((each for each in found if each), key=lambda each: order.index(each[1]))


def _missing(known):
    mlflow = known["mlflow"]
    if mlflow["spec"] not in ("none", "namespace") or mlflow["imported"]:
        return None
    distributions = mlflow["distributions"]
    if distributions:
        if mlflow["distribution_origin"]:
            return None
        if _is_editable(mlflow):
            return _error(
                "module-gone",
                "MLflow was installed here from a folder with its source, and that folder is no longer "
                "there.",
            )
        return _error(
            "module-gone",
            "The files of MLflow are gone from this environment, although its package list still names %s.",
            distributions[0]["name"],
        )
    if mlflow["spec"] == "namespace":
        return _error(
            "mlflow-is-a-folder",
            "MLflow is not installed here: “import mlflow” takes the folder “%s” for it, which has nothing "
            "of MLflow in it.",
            (mlflow["locations"] or ["mlflow"])[0],
        )
    return _error("package-missing", "MLflow is not installed in the environment of this kernel.")


def _shadowed(known):
    mlflow = known["mlflow"]
    origin, owner = mlflow["origin"], mlflow["distribution_origin"]
    if (
        mlflow["spec"] != MLFLOW_IS_THERE
        or not origin
        or _is_editable(mlflow)
        or (owner and is_same(origin, owner))
        or _says_that_it_is_mlflow(mlflow)
    ):
        return None
    if os.path.basename(origin) == "mlflow.py":
        return _error("shadowed-by-file", "“import mlflow” takes your file “%s” for MLflow.", origin)
    folder = os.path.dirname(origin)
    is_here = os.path.basename(origin) == "__init__.py" and is_same(os.path.dirname(folder), known["cwd"])
    tracking = known["tracking"]
    # A folder may be a checkout of MLflow's own source: the default place to log was found in it then.
    is_other = tracking["place"] is None if tracking["source"] == "default" else owner is not None
    if is_here and is_other:
        return _error("shadowed-by-file", "“import mlflow” takes your folder “%s” for MLflow.", folder)
    return None


def _says_that_it_is_mlflow(mlflow):
    imported = mlflow["imported"]
    return bool(
        imported
        and imported["version"]
        and imported["file"]
        and mlflow["origin"]
        and is_same(imported["file"], mlflow["origin"])
    )


def _conflict(known):
    mlflow, packages = known["mlflow"], known["packages"]
    version = version_of(mlflow)
    if mlflow["spec"] != MLFLOW_IS_THERE or _is_editable(mlflow):
        return None
    for row in TABLE["conflicts"]:
        beside = row.get("beside")
        if (
            is_between(version, *row["mlflow"])
            and is_between(packages.get(row["package"]), *row["versions"])
            and (beside is None or is_between(packages.get(beside[0]), *beside[1:]))
        ):
            words = version, row["package"], packages[row["package"]]
            sentence = {
                "import": "MLflow %s cannot be imported beside %s %s.",
                "database": "MLflow %s cannot use databases beside %s %s.",
                "server": "The server of MLflow %s cannot start beside %s %s.",
            }[row["breaks"]]
            return "dependency-conflict", _severity_of(row["breaks"], known), _filled(sentence, words)
    return None


def _severity_of(breaks, known):
    place = known["tracking"]["place"] or ""
    if breaks == "import":
        # What was imported before that package changed works until the next start.
        return "warning" if known["mlflow"]["imported"] else "error"
    if re.match("https?:", place):
        # Logging to a server needs neither databases nor a server here.
        return "info"
    is_database = re.match(r"(sqlite|postgresql|mysql|mssql)\b", place)
    return "error" if breaks == "database" and is_database else "warning"


def _changed_after_import(known):
    mlflow = known["mlflow"]
    imported, origin, installed = mlflow["imported"], mlflow["origin"], version_of(mlflow)
    if not imported or mlflow["spec"] in ("error", "namespace"):
        return None
    if mlflow["spec"] == "none":
        return _warning(
            "changed-after-import",
            "This kernel still uses an MLflow that its environment does not hold any more.",
        )
    if not installed or not imported["file"] or not origin or _is_editable(mlflow):
        return None
    if not imported["version"]:
        if is_same(imported["file"], origin):
            return None
        return _warning(
            "changed-after-import",
            "This kernel imported something else as “mlflow” before; MLflow %s is used from the next start "
            "on.",
            installed,
        )
    owner = mlflow["distribution_origin"]
    if (
        is_release(imported["version"])
        and is_release(installed)
        and imported["version"] != installed
        and owner
        and is_same(origin, owner)
    ):
        return _warning(
            "changed-after-import",
            "This kernel still uses MLflow %s, although %s is installed now.",
            imported["version"],
            installed,
        )
    return None


def _skinny(known):
    mlflow = known["mlflow"]
    distributions = mlflow["distributions"]
    names = [each["name"] for each in distributions]
    if mlflow["spec"] != MLFLOW_IS_THERE or not names or "mlflow" in names or _is_editable(mlflow):
        return None
    is_skinny = "mlflow-skinny" in names
    chosen = distributions[names.index("mlflow-skinny") if is_skinny else 0]
    name = ("%s %s" % (chosen["name"], chosen["version"] or "")).strip()
    if is_skinny:
        return _info(
            "skinny",
            "This kernel has %s: it logs to a server, without MLflow’s server, databases and data science "
            "packages.",
            name,
        )
    return _warning("skinny", "This kernel has %s only: it records traces, and cannot start runs.", name)


def _installed_twice(known):
    is_editable = _is_editable(known["mlflow"])
    prefix, base = known["prefix"], known["base_prefix"]
    for each in known["duplicates"]:
        places, is_mlflow = each["places"], each["name"].startswith("mlflow")
        own = [place for place in places if is_within(place, prefix)]
        strange = [place for place in places if not is_within(place, prefix) and not is_within(place, base)]
        # A virtual environment over its base with --system-site-packages is as it should be.
        if len(places) < 2 or (len(own) < 2 and not strange) or (is_mlflow and is_editable):
            continue
        if own and not is_within(places[0], prefix):
            say = _warning if is_mlflow else _info
            return say(
                "installed-twice",
                "The %s of this kernel’s environment is hidden by another one, which stays as it is when you "
                "upgrade.",
                each["name"],
            )
        return _info(
            "installed-twice",
            "%s is installed at %s places that this kernel sees; the first one is used.",
            each["name"],
            len(places),
        )
    return None


def _path_leak(known):
    mlflow = known["mlflow"]
    origin, owner = mlflow["origin"], mlflow["distribution_origin"]
    if (
        mlflow["spec"] != MLFLOW_IS_THERE
        or not origin
        or not owner
        or not is_same(origin, owner)
        or _is_editable(mlflow)
        or is_within(origin, known["prefix"])
        or is_within(origin, known["base_prefix"])
    ):
        return None
    version = version_of(mlflow) or ""
    if any(is_within(origin, entry) for entry in (known["env"].get("PYTHONPATH") or "").split(os.pathsep)):
        return _info(
            "path-leak",
            "MLflow %s comes by the variable PYTHONPATH, not from this kernel’s environment.",
            version,
        )
    # For an interpreter that has no environment, the user's folder is where packages belong.
    is_environment = known["conda"] or known["prefix"] != known["base_prefix"]
    if is_environment and USER_SITE.search(origin):
        return _info(
            "path-leak",
            "MLflow %s comes from your user folder, not from this kernel’s environment: other environments "
            "see it, too.",
            version,
        )
    return None


def _conda_stacked(known):
    named, prefix, base = known["env"].get("CONDA_PREFIX"), known["prefix"], known["base_prefix"]
    if not named or is_same(named, prefix):
        return None
    if prefix != base and is_same(base, named):
        return _info(
            "conda-stacked",
            "This kernel runs in a virtual environment on top of conda: “conda install” goes to “%s”, not to "
            "the kernel.",
            named,
        )
    if known["conda"]:
        return _info(
            "conda-stacked",
            "Another conda environment is active than the kernel’s: “!conda install” goes to “%s”.",
            named,
        )
    return None


def _environment_variable_lies(known):
    named = known["env"].get("VIRTUAL_ENV")
    if not named or is_same(named, known["prefix"]):
        return None
    return _info(
        "environment-variable-lies",
        "The variable VIRTUAL_ENV names “%s”, but this kernel runs in “%s”.",
        named,
        known["prefix"],
    )


#: As the page, of findings of one severity the earlier is told first.
RULES = (
    _missing,
    _shadowed,
    _conflict,
    _changed_after_import,
    _skinny,
    _installed_twice,
    _path_leak,
    _environment_variable_lies,
    _conda_stacked,
)
#: What can be found here; the page finds more: it knows other kernels, the panel's server, what was tried.
IDS = (
    "package-missing",
    "mlflow-is-a-folder",
    "module-gone",
    "shadowed-by-file",
    "dependency-conflict",
    "changed-after-import",
    "skinny",
    "installed-twice",
    "path-leak",
    "environment-variable-lies",
    "conda-stacked",
)


def version_of(mlflow):
    """Of the distribution that owns what `import mlflow` finds, or None."""
    distributions = mlflow["distributions"]
    owner = next((each for each in distributions if each["name"] == "mlflow"), None)
    owner = owner or (distributions[0] if distributions else None)
    return owner and owner["version"]


def _error(id, sentence, *words):
    return id, "error", _filled(sentence, words)


def _warning(id, sentence, *words):
    return id, "warning", _filled(sentence, words)


def _info(id, sentence, *words):
    return id, "info", _filled(sentence, words)


def _filled(sentence, words):
    return sentence % tuple(plain(word) for word in words)


def _is_editable(mlflow):
    return any(each["editable"] for each in mlflow["distributions"])
