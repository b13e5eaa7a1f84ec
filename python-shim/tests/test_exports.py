"""`%mlflow` where no page is: in a terminal, and in notebooks exported to HTML and LaTeX (for PDF)."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_mlflow.kernel.magics.showing import VIEW_MIME
from jupyter_under_test import PACKAGE_ROOT, Jupyter
from kernel_under_test import NotebookKernel
from magics_support import Api, be_patient, layers, log_to
from nbconvert import HTMLExporter, LatexExporter

from servers import MlflowServer, clean_environ

HOSTILE = "<b>bold</b> $x$ \\(y\\)"


@pytest.fixture(scope="module")
def experiment(plain_servers: Callable[[str], MlflowServer]) -> str:
    """Two runs, one of which is named to be drawn wrongly."""
    api = Api(plain_servers("newest").url)
    name = f"exported-{uuid.uuid4().hex[:8]}"
    id = api.experiment(name)
    api.add_run(id, HOSTILE, params={"depth": "3"}, history={"loss": [3.0, 2.0, 1.0]})
    api.add_run(id, "plain one", params={"depth": "4"}, history={"loss": [3.0, 2.5]})
    return name


def text_of(page: str) -> str:
    """What a person reads in the outputs of an exported page."""
    found = re.findall(r'<div class="jp-RenderedHTMLCommon[^"]*"[^>]*>(.*?)</div>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", "", each) for each in found)


def test_executed_by_nbconvert(
    tmp_path: Path, plain_servers: Callable[[str], MlflowServer], experiment: str
) -> None:
    book: Any = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    book.cells = [
        nbformat.v4.new_code_cell(source)  # type: ignore[no-untyped-call]
        for source in (
            "%load_ext jupyter_mlflow",
            f"%mlflow runs --experiment {experiment}",
            f"%mlflow chart loss --experiment {experiment}",
            f"from jupyter_mlflow import RunTable\nRunTable(experiment='{experiment}', columns=['depth'])",
        )
    ]
    nbformat.write(book, tmp_path / "book.ipynb")  # type: ignore[no-untyped-call]
    done = subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", "--execute", "book.ipynb"],
        cwd=tmp_path,
        env=clean_environ(
            PYTHONPATH=str(PACKAGE_ROOT),
            MLFLOW_TRACKING_URI=plain_servers("newest").url,
            IPYTHONDIR=str(tmp_path),
            JUPYTER_CONFIG_DIR=str(tmp_path / "config"),
            PATH=os.environ["PATH"],
        ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "book.html").read_text()
    read = text_of(page)
    assert read.count("plain one") == 3
    assert html.unescape(read).count(HOSTILE) == 3
    typeset = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "$x$" not in typeset, "MathJax would take it for a formula"
    assert "█" in read
    assert f'<script type="{VIEW_MIME}">' not in page, "nobody could draw it there"


def test_in_a_terminal(tmp_path: Path, plain_servers: Callable[[str], MlflowServer], experiment: str) -> None:
    """Plain IPython, with nothing of a page in what is said."""
    code = (
        "%load_ext jupyter_mlflow\n"
        "get_ipython().run_cell_magic('mlflow', 'terminal --param depth=3', 'x = 41 + 1')\n"
        "for line in ('', 'check', 'help', 'chart loss'):\n"
        "    display(get_ipython().run_line_magic('mlflow', line))\n"
        "try: get_ipython().run_line_magic('mlflow', 'rnus')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
        "print(x)\n"
        "%mlflow runs --last 3"
    )
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "-c", code],
        cwd=tmp_path,
        env=clean_environ(
            PYTHONPATH=str(PACKAGE_ROOT),
            MLFLOW_TRACKING_URI=plain_servers("newest").url,
            MLFLOW_EXPERIMENT_NAME=experiment,
            IPYTHONDIR=str(tmp_path),
            PATH=os.environ["PATH"],
        ),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    said, _, table = done.stdout.rpartition("\n42\n")
    assert "Did you mean “runs”?" in said
    assert "█" in said, "a chart is bars"
    for word in ("above the notebook", "<table"):
        assert word not in done.stdout, word
    lines = [line.split() for line in table.splitlines() if "terminal" in line or "plain one" in line]
    assert any("FINISHED" in line and "terminal" in line for line in lines), table


def test_saved_by_jupyterlab(
    jupyter: Jupyter, plain_servers: Callable[[str], MlflowServer], experiment: str
) -> None:
    kernel = NotebookKernel(jupyter, "exported/exported.ipynb")
    try:
        kernel.wait_known()
        log_to(kernel, plain_servers("newest").url, experiment)
        be_patient(kernel)
        shown = layers(kernel.run("%mlflow runs"))
    finally:
        kernel.close()
    assert VIEW_MIME in shown
    output = nbformat.v4.new_output(  # type: ignore[no-untyped-call]
        "execute_result", data=shown, execution_count=1
    )
    cell = nbformat.v4.new_code_cell("%mlflow runs", outputs=[output])  # type: ignore[no-untyped-call]
    book: Any = nbformat.v4.new_notebook(cells=[cell])  # type: ignore[no-untyped-call]
    page, _ = HTMLExporter().from_notebook_node(book)
    assert "plain one" in text_of(page)
    assert f'<script type="{VIEW_MIME}">' not in page
    # From which nbconvert makes a PDF.
    typeset, _ = LatexExporter().from_notebook_node(book)
    assert "plain one" in typeset
    assert r"<b>bold</b> \$x\$ \textbackslash{}(y" in typeset, "no formula"
