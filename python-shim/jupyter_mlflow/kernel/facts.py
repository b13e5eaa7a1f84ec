"""What this kernel can say about its environment.

Imports nothing of anybody's: what is there is found, not tried.
"""

import importlib
import io
import json
import os
import re
import shutil
import sys
import sysconfig
from importlib import metadata

from . import logging_to

#: The form of the answer: docs/architecture.md.
FORM = 1
#: Asked by name: a map of all packages takes 80 to 180 ms.
MLFLOW = ("mlflow", "mlflow-skinny", "mlflow-tracing")
PACKAGES = ("ipykernel", "ipywidgets", "sqlalchemy", "werkzeug", "setuptools", "flask", "numpy", "pandas")
VARIABLES = ("VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "PYTHONPATH")


def facts(modules=()):
    """Everything, as of now; JSON can hold it. A part that cannot be told is null.

    `modules` are names of outermost modules: whether an import would find them.
    """
    importlib.invalidate_caches()
    installed = _installed()
    mlflow = _mlflow(installed)
    return {
        "form": FORM,
        "pid": os.getpid(),
        "executable": sys.executable or "",
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "cwd": _cwd(),
        "python": "%d.%d.%d" % sys.version_info[:3],
        "implementation": sys.implementation.name,
        "platform": sys.platform,
        "path": [str(entry) for entry in sys.path],
        "conda": os.path.isdir(os.path.join(sys.prefix, "conda-meta")),
        "externally_managed": _is_externally_managed(),
        "writable": os.access(sysconfig.get_path("purelib"), os.W_OK),
        "mlflow": mlflow,
        "packages": {name: _version(installed[name]) for name in PACKAGES},
        "modules": {name: _is_findable(name) for name in modules},
        "duplicates": _duplicates(installed),
        "pip": _is_there("pip"),
        "uv": _is_there("uv") or shutil.which("uv") is not None,
        "pip_on_path": shutil.which("pip"),
        "env": {name: os.environ.get(name) for name in VARIABLES},
        **logging_to.facts(mlflow["origin"]),
    }


def _mlflow(installed):
    found = {"spec": "none", "origin": None, "locations": [], "error": None}
    try:
        spec = _find("mlflow")
        if spec is not None:
            found["locations"] = [str(place) for place in spec.submodule_search_locations or ()]
            found["origin"] = spec.origin if spec.origin not in ("namespace", None) else None
            found["spec"] = "namespace" if found["origin"] is None else "module"
    except Exception as error:
        found.update(spec="error", error="%s: %s" % (type(error).__name__, error))
    told = [_distribution(name, installed[name]) for name in MLFLOW]
    distributions = [each for each in told if each is not None]
    module = sys.modules.get("mlflow")
    version = sys.modules.get("mlflow.version")
    imported = None
    # A namespace package is no MLflow, imported or not.
    if module is not None and getattr(module, "__file__", None):
        told = getattr(module, "__version__", None) or getattr(version, "VERSION", None)
        imported = {"version": told and str(told), "file": str(module.__file__)}
    owner = next((each for each in distributions if each["origin"]), None)
    return {
        **found,
        "distributions": [{k: v for k, v in each.items() if k != "origin"} for each in distributions],
        "distribution_origin": owner and owner["origin"],
        "imported": imported,
    }


def _find(name):
    """The spec that an import would find now, also if the module is loaded already (its own is of then)."""
    for finder in list(sys.meta_path):
        find = getattr(finder, "find_spec", None)
        spec = find(name, None) if find is not None else None
        if spec is not None:
            return spec
    return None


def _is_there(name):
    return _is_findable(name) is True


def _is_findable(name):
    try:
        return _find(name) is not None
    except Exception:
        return None


def _installed():
    """The distributions by name, in the order of sys.path: what is asked about is looked up once."""
    # For an entry that is not there, such as python311.zip, each look-up would try to open an archive.
    path = [entry for entry in sys.path if entry == "" or os.path.exists(entry)]
    installed = {}
    for name in MLFLOW + PACKAGES:
        installed[name] = []
        try:
            installed[name].extend(metadata.distributions(name=name, path=path))
        except Exception:
            continue  # what was found before the failure counts
    return installed


def _distribution(name, found):
    try:
        found = found[0]
        origin = str(found.locate_file("mlflow/__init__.py"))
        return {
            "name": name,
            "version": _version_in(found),
            "location": str(found.locate_file("")),
            "editable": _is_editable(found),
            "origin": origin if os.path.isfile(origin) else None,
        }
    except Exception:
        return None


def _is_editable(distribution):
    text = distribution.read_text("direct_url.json")
    return bool(text and json.loads(text).get("dir_info", {}).get("editable"))


def _version(found):
    try:
        return _version_in(found[0]) if found else None
    except Exception:
        return None


def _version_in(distribution):
    """Read from the text: `Distribution.version` parses it as a mail, a millisecond for each."""
    return _version_of(_head(distribution)) or _version_of(
        distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    )


def _version_of(text):
    found = re.search(r"^Version:\s*(\S+)", text.partition("\n\n")[0], re.MULTILINE)
    return found.group(1) if found else None


def _head(distribution):
    """Where the version stands, not the long description. Empty where that is no file of its own."""
    try:
        with io.open(os.path.join(str(distribution._path), "METADATA"), encoding="utf-8") as file:
            return file.read(1024)
    except Exception:
        return ""


def _duplicates(installed):
    """Distributions at two places of sys.path: the first is imported, another may be upgraded."""
    found = []
    for name, each_found in installed.items():
        if len(each_found) < 2:
            continue
        try:
            every = [str(each.locate_file("")) for each in each_found]
        except Exception:
            continue
        places = {}
        for place in every:
            places.setdefault(os.path.realpath(place), place)
        if len(places) > 1:
            found.append({"name": name, "places": list(places.values())})
    return found


def _is_externally_managed():
    """PEP 668: the mark counts outside of virtual environments only."""
    if sys.prefix != sys.base_prefix:
        return False
    return os.path.isfile(os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED"))


def _cwd():
    try:
        return os.getcwd()
    except OSError:
        return ""  # it was deleted
