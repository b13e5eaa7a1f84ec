"""Where Jupyter has the file that a kernel takes for MLflow: whichever way leads there, it can be renamed."""

from __future__ import annotations

import ntpath
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_mlflow.server.kernels.kernel_places import import_path
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel


def found(origin: Path | str, root: Path | str, notebook: str | None = None) -> str | None:
    return import_path({"mlflow": {"origin": str(origin)}}, root_dir=str(root), notebook=notebook)


def test_a_file_and_a_folder_below_the_root(tmp_path: Path) -> None:
    assert found(tmp_path / "a" / "mlflow.py", tmp_path) == "a/mlflow.py"
    assert found(tmp_path / "a" / "mlflow" / "__init__.py", tmp_path) == "a/mlflow"
    assert found(tmp_path / "mlflow.py", f"{tmp_path}/") == "mlflow.py"
    assert found("/mlflow.py", "/") == "mlflow.py"


def test_what_lies_elsewhere_or_nowhere(tmp_path: Path) -> None:
    assert found(f"{tmp_path}2/mlflow.py", tmp_path) is None
    assert found(tmp_path / ".." / "mlflow.py", tmp_path) is None
    assert found(tmp_path / "__init__.py", tmp_path) is None, "the root itself is no file of it"
    assert found("mlflow.py", tmp_path) is None
    assert found(tmp_path / "a\0b" / "mlflow.py", tmp_path) is None
    assert import_path({"mlflow": None}, root_dir=str(tmp_path), notebook=None) is None
    for nothing in (None, 7, ""):
        assert import_path({"mlflow": {"origin": nothing}}, root_dir=str(tmp_path), notebook=None) is None


def test_symbolic_links_on_either_side(tmp_path: Path) -> None:
    real = tmp_path / "real"
    (real / "a").mkdir(parents=True)
    (tmp_path / "link").symlink_to(real)
    assert found(real / "a" / "mlflow.py", tmp_path / "link") == "a/mlflow.py"
    assert found(tmp_path / "link" / "a" / "mlflow.py", real) == "a/mlflow.py"
    # A link is renamed as the file that it is, not what it leads to.
    (real / "a" / "mlflow.py").symlink_to(tmp_path / "other.py")
    (real / "a" / "mlflow").symlink_to(tmp_path)
    assert found(real / "a" / "mlflow.py", tmp_path / "link") == "a/mlflow.py"
    assert found(real / "a" / "mlflow" / "__init__.py", tmp_path / "link") == "a/mlflow"


def test_a_linked_folder_that_the_notebook_lies_in(tmp_path: Path) -> None:
    root, course = tmp_path / "root", tmp_path / "course"
    (course / "week 1").mkdir(parents=True)
    root.mkdir()
    (root / "course").symlink_to(course)
    notebook = "course/week 1/notebook.ipynb"
    assert found(course / "week 1" / "mlflow.py", root, notebook) == "course/week 1/mlflow.py"
    assert found(course / "week 1" / "mlflow.py", root, "notebook.ipynb") is None


@pytest.mark.parametrize("root", ["C:\\Users\\Ada", "c:\\users\\ada\\", "C:/Users/Ada"])
def test_paths_of_windows(root: str) -> None:
    def found(origin: str) -> str | None:
        return import_path({"mlflow": {"origin": origin}}, root_dir=root, notebook=None, paths=ntpath)

    assert found("C:\\Users\\Ada\\Übung 1\\mlflow.py") == "Übung 1/mlflow.py"
    assert found("C:\\Users\\Ada\\a\\mlflow\\__init__.py") == "a/mlflow"
    assert found("C:\\Users\\Adam\\mlflow.py") is None
    assert found("D:\\Users\\Ada\\mlflow.py") is None


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[Jupyter]:
    """A Jupyter whose root is a symbolic link, as home folders and scratch disks are on many machines."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "jupyter").mkdir()
    (tmp_path / "jupyter" / "root").symlink_to(tmp_path / "disk")
    running = Jupyter(tmp_path / "jupyter")
    yield running
    running.stop()


def test_a_root_that_is_a_link(linked: Jupyter) -> None:
    kernel = NotebookKernel(linked, "course/notebook.ipynb")
    try:
        kernel.wait_known()
        (linked.root / "course" / "mlflow.py").write_text("")
        report = kernel.probe()
        origin = Path(report["facts"]["mlflow"]["origin"])
        assert not origin.is_relative_to(linked.root), "the kernel's path is another one than Jupyter's"
        assert report["import_path"] == "course/mlflow.py"
        answer = kernel.http.patch(f"api/contents/{report['import_path']}", json={"path": "course/mine.py"})
        assert answer.status_code == 200
        assert kernel.probe()["import_path"] is None
    finally:
        kernel.close()
