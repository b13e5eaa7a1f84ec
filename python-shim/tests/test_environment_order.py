"""What is refused before anything is done, and how an order is read."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from jupyter_mlflow.server.environments.made_environments import MadeEnvironments
from jupyter_mlflow.server.environments.package_names import read_packages
from jupyter_mlflow.server.jobs.environment_order import EnvironmentOrder, read_order
from jupyter_mlflow.server.problems import Problem


def read(tmp_path: Path, **body: Any) -> EnvironmentOrder:
    root = tmp_path / "root"
    root.mkdir(exist_ok=True)
    return read_order(body, root_dir=root, made=MadeEnvironments(tmp_path / "state"))


def refused(tmp_path: Path, **body: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        read(tmp_path, **body)
    assert caught.value.message.endswith((".", "…"))
    assert caught.value.hint.endswith(".")
    return caught.value


def test_a_kernel_goes_beside_the_notebooks_and_a_server_into_the_state_folder(tmp_path: Path) -> None:
    kernel = read(tmp_path, kernel={"display_name": " MLflow "}, packages=["pandas", "mlflow"])
    assert kernel.folder == tmp_path / "root" / "mlflow_venv"
    assert kernel.display_name == "MLflow"
    assert kernel.wanted == ["mlflow", "ipykernel", "pandas"]
    assert read(tmp_path, purpose="kernel").is_kernel
    assert read(tmp_path, purpose="kernel", packages=["ipykernel<7"]).wanted == ["mlflow", "ipykernel<7"]

    server = read(tmp_path, mlflow="2.3.2")
    assert server.folder == tmp_path / "state" / "environments" / "mlflow-2.3.2"
    assert server.wanted == ["mlflow==2.3.2"]
    assert not server.is_kernel


def test_folders_count_from_the_root_or_are_absolute(tmp_path: Path) -> None:
    (tmp_path / "root" / "späte Übung").mkdir(parents=True)
    assert read(tmp_path, folder="späte Übung", name="x").folder == tmp_path / "root" / "späte Übung" / "x"
    assert read(tmp_path, folder=str(tmp_path), name="x").folder == tmp_path / "x"


@pytest.mark.parametrize(
    "name", ["", "-x", ".", "..", "../x", "a/b", "a\\b", "a b", " a", "a\n", "x" * 200, "ä", 3, ["a"], "a\0"]
)
def test_names_that_are_no_names(tmp_path: Path, name: Any) -> None:
    assert refused(tmp_path, name=name, kernel={}).code == "invalid-name"


@pytest.mark.parametrize("folder", ["", "gone", "../x", "a/../..", 3, "a\0b", "file", "file/below"])
def test_folders_that_cannot_hold_an_environment(tmp_path: Path, folder: Any) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "file").write_text("")
    assert refused(tmp_path, folder=folder).code == "invalid-folder"


def test_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    problem = refused(tmp_path, folder=str(tmp_path))
    assert problem.code == "invalid-folder"
    assert "may not write" in problem.message
    # Without a folder of their choice, people get one that can be written.
    assert read(tmp_path, kernel={}).folder == tmp_path / "state" / "environments" / "mlflow_venv"


@pytest.mark.parametrize(
    ("package", "what"),
    [
        ("--index-url=https://evil.example", "option"),
        ("-e.", "option"),
        ("-r requirements.txt", "option"),
        ("https://evil.example/x.whl", "address"),
        ("git+https://evil.example/x", "address"),
        ("x @ https://evil.example/x.whl", "address"),
        ("x@file:///tmp/x.whl", "address"),
        ("file:x", "address"),
        ("./x", "path"),
        ("../x", "path"),
        ("/tmp/x", "path"),
        ("~/x", "path"),
        ("C:\\x", "path"),
        ("x.whl", "path"),
        ("x.tar.gz", "path"),
        ("", "name"),
        ("a b", "name"),
        ("pandas\n--pre", "name"),
        ("pandas; rm -rf", "name"),
        ("$(x)", "name"),
        ("x" * 3 + "==", "name"),
        (3, "name"),
        (None, "name"),
    ],
)
def test_packages_that_are_no_names(package: Any, what: str) -> None:
    with pytest.raises(Problem) as caught:
        read_packages([package])
    assert caught.value.code == "invalid-package"
    assert what in caught.value.message


def test_packages_are_read_as_the_installers_read_them() -> None:
    packages = ["pandas >= 2, <3", "scikit-learn", "Scikit_Learn", 'tomli; python_version < "3.11"', "a[b,c]"]
    assert read_packages(packages) == (
        "pandas<3,>=2",
        "scikit-learn",
        'tomli; python_version < "3.11"',
        "a[b,c]",
    )
    assert read_packages(None) == ()
    for bad in ("pandas", {"pandas": 1}, ["x"] * 1000):
        with pytest.raises(Problem):
            read_packages(bad)


def test_a_requirements_file_lies_below_the_root_and_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "requirements.txt").write_text("pandas\n")
    (tmp_path / "root" / "picture.txt").write_bytes(b"\x89PNG\xff")
    (tmp_path / "root" / "large.txt").write_text("#" * 2_000_000)
    (tmp_path / "secret.txt").write_text("")
    (tmp_path / "root" / "link.txt").symlink_to(tmp_path / "secret.txt")
    found = read(tmp_path, requirements="requirements.txt").requirements
    assert found == tmp_path / "root" / "requirements.txt"
    for bad in ("gone.txt", "../secret.txt", "link.txt", "picture.txt", "large.txt", ".", 3, "a\0"):
        assert refused(tmp_path, requirements=bad).code == "invalid-requirements", bad


def test_what_else_is_refused(tmp_path: Path) -> None:
    for bad in ("python3", str(tmp_path / "gone"), 3, str(tmp_path)):
        assert refused(tmp_path, python=bad).code == "invalid-python"
    assert read(tmp_path, python=sys.executable).python == sys.executable
    for version in ("3; rm -rf", "git+https://x", "--index-url=x", "1.30.0", 3, "newest"):
        assert refused(tmp_path, mlflow=version).code == "invalid-version"
    for name in ("x" * 200, "two\nlines", 3):
        assert refused(tmp_path, kernel={"display_name": name}).code == "invalid-display-name"
