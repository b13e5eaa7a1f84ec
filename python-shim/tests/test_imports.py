"""What a notebook imports, read from its cells."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest
from jupyter_mlflow.server.environments.imports import (
    import_names,
    packages_of,
    read_notebook_folder,
    read_sources,
)
from jupyter_mlflow.server.problems import Problem
from packaging.requirements import Requirement


def found(*sources: str, folder: Path | None = None) -> dict[str | None, str | None]:
    return {each["module"]: each["package"] for each in packages_of(sources, folder)}


def test_the_cells_of_a_course() -> None:
    cells = [
        "import os, sys\nfrom pathlib import Path\nimport pandas as pd\nimport matplotlib.pyplot as plt",
        "from sklearn.model_selection import train_test_split\nimport seaborn as sns",
        "import mlflow\nfrom mlflow.models import infer_signature",
        "def load():\n    import cv2\n    return cv2",
        "try:\n    import yaml\nexcept ImportError:\n    yaml = None",
    ]
    assert found(*cells) == {
        "pandas": "pandas",
        "matplotlib": "matplotlib",
        "sklearn": "scikit-learn",
        "seaborn": "seaborn",
        "mlflow": "mlflow",
        "cv2": "opencv-python",
        "yaml": "PyYAML",
    }


def test_what_is_not_known_for_certain_is_not_guessed() -> None:
    assert found("import our_company_tools\nfrom google import colab\nimport google.protobuf") == {
        "our_company_tools": None,
        "google": None,
    }


def test_shared_namespaces() -> None:
    cell = (
        "from google.cloud import storage, unheard\nimport google.cloud.bigquery.client\nimport ruamel.yaml"
    )
    assert found(cell) == {
        "google.cloud.storage": "google-cloud-storage",
        "google": None,
        "google.cloud.bigquery": "google-cloud-bigquery",
        "ruamel.yaml": "ruamel.yaml",
    }


@pytest.mark.parametrize("with_ipython", [True, False])
def test_magics_shell_lines_and_questions(monkeypatch: pytest.MonkeyPatch, with_ipython: bool) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("IPython"):
            raise ImportError(name)
        return real(name, *rest, **named)

    if not with_ipython:
        monkeypatch.setattr(builtins, "__import__", without)
    assert found(
        "%matplotlib inline\n!pip install polars\nimport numpy",
        "%%time\nimport torch\n!ls",
        "%%capture out\n%pip install x\nimport xgboost",
        "%%bash\nimport scipy",
        "%%writefile x.py\nimport scipy",
        "numpy.array?\nimport numba",
        "%load_ext autoreload\n%autoreload 2",
    ) == {
        "numpy": "numpy",
        "torch": "torch",
        "xgboost": "xgboost",
        "numba": "numba",
    }


def test_what_cannot_be_parsed_still_tells_its_imports() -> None:
    assert found(
        "print 'old'\nimport numpy\nfrom scipy import stats",
        "def half(:\n    import pandas\n",
        "import",
        "from . import sibling\nfrom .x import y",
        "# import scrapy\n'''\nimport scrapy\n'''",
        "(" * 5000 + ")" * 5000,
        "import a\0b",
    ) == {"numpy": "numpy", "scipy": "scipy", "pandas": "pandas"}


def test_modules_beside_the_notebook_are_not_packages(tmp_path: Path) -> None:
    (tmp_path / "helpers.py").write_text("")
    (tmp_path / "our_model").mkdir()
    (tmp_path / "our_model" / "__init__.py").write_text("")
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "x.py").write_text("")
    # The folder of a course that is itself called mlflow hides nothing.
    (tmp_path / "mlflow").mkdir()
    (tmp_path / "mlflow" / "x.py").write_text("")
    cell = "import helpers, our_model.train, plain.x, mlflow, unheard"
    assert found(cell, folder=tmp_path) == {"mlflow": "mlflow", "unheard": None}
    assert set(found(cell)) == {"helpers", "our_model", "plain", "mlflow", "unheard"}


def test_requests_are_checked(tmp_path: Path) -> None:
    assert read_sources({"sources": ["a"]}) == ["a"]
    for body in (None, [], {}, {"sources": "a"}, {"sources": [1]}, {"sources": ["a"] * 6000}):
        with pytest.raises(Problem):
            read_sources(body)
    (tmp_path / "root" / "a").mkdir(parents=True)
    assert read_notebook_folder({"folder": "a"}, tmp_path / "root") == tmp_path / "root" / "a"
    assert read_notebook_folder({}, tmp_path) is None
    for folder in ("..", "gone", 3, "a\0"):
        with pytest.raises(Problem):
            read_notebook_folder({"folder": folder}, tmp_path / "root")


def test_the_list_names_distributions() -> None:
    for module, package in import_names().items():
        assert all(part.isidentifier() for part in module.split(".")), module
        assert str(Requirement(package)) == package
