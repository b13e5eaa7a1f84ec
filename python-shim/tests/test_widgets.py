"""`%mlflow` as ipywidgets, and `from jupyter_mlflow import RunTable`, in real kernels."""

from __future__ import annotations

import ast
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ipywidgets
import pytest
from jupyter_mlflow.kernel.magics.showing import VIEW_MIME
from jupyter_mlflow.server.kernels.payload import PACKAGE
from jupyter_under_test import Jupyter
from kernel_under_test import Execution, NotebookKernel, add_kernelspec
from magics_support import MIME, Api, be_patient, layers, log_to

from servers import MlflowServer, mlflow_python


class Case:
    """A kernel with ipywidgets, and an experiment with three runs."""

    def __init__(self, kernel: NotebookKernel, server: MlflowServer) -> None:
        self.kernel, self.server = kernel, server
        self.api = Api(server.url)
        self.experiment = f"widgets-{uuid.uuid4().hex[:8]}"
        self.experiment_id = self.api.experiment(self.experiment)
        self.ids = [
            self.api.add_run(
                self.experiment_id,
                f"run-{i}",
                params={"depth": str(i)},
                history={"loss": [1 / (step + 1 + i) for step in range(5)], "acc": [0.5 + i / 10]},
            )
            for i in range(3)
        ]

    def value(self, code: str) -> Any:
        """What the last line prints, as Python's literal."""
        cell = self.kernel.run(code)
        assert cell.ok, cell
        return ast.literal_eval(cell.stdout.splitlines()[-1])


@pytest.fixture(scope="module", params=["newest", "oldest"])
def case(
    request: pytest.FixtureRequest,
    jupyter: Jupyter,
    plain_servers: Callable[[str], MlflowServer],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Case]:
    """One kernel for all tests of the file, with each MLflow."""
    version: str = request.param
    name = f"widgets-{version}"
    # The environment of the oldest MLflow has none of its own; ipywidgets is nothing but Python.
    beside = tmp_path_factory.mktemp(name)
    (beside / "ipywidgets").symlink_to(Path(ipywidgets.__file__).parent)
    add_kernelspec(jupyter, name, mlflow_python(version), env={"PYTHONPATH": str(beside)})
    opened = NotebookKernel(jupyter, f"{name}/train.ipynb", kernel=name)
    try:
        opened.wait_known()
        found = Case(opened, plain_servers(version))
        log_to(opened, found.server.url, found.experiment)
        be_patient(opened)
        yield found
    finally:
        opened.close()


def from_page(kernel: NotebookKernel, model_id: str, **state: Any) -> None:
    """A page changes traits; returns when the kernel has taken them."""
    message = {
        "header": {
            "msg_id": uuid.uuid4().hex,
            "username": "",
            "session": kernel.session,
            "msg_type": "comm_msg",
            "version": "5.3",
            "date": "2026-01-01T00:00:00Z",
        },
        "parent_header": {},
        "metadata": {},
        "content": {"comm_id": model_id, "data": {"method": "update", "state": state, "buffer_paths": []}},
        "buffers": [],
        "channel": "shell",
    }
    kernel.socket.send(json.dumps(message))
    assert kernel.run("pass").ok


def model_id_of(cell: Execution) -> str:
    """Of the widget that a cell shows beside its other layers."""
    view = layers(cell)[VIEW_MIME]
    assert (view["version_major"], view["version_minor"]) == (2, 0)
    found: str = view["model_id"]
    return found


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("runs", "table"),
        ("show run-1", "card"),
        ("best acc", "card"),
        ("chart loss", "chart"),
        ("compare run-0 run-1", "compare"),
        ("models", "model"),
    ],
)
def test_the_widget_is_one_more_layer(case: Case, line: str, kind: str) -> None:
    cell = case.kernel.run(f"%mlflow {line}")
    assert set(layers(cell)) == {VIEW_MIME, MIME.format(kind), "text/html", "text/plain"}
    assert model_id_of(cell)


def test_text_alone_makes_no_widget(case: Case) -> None:
    for line in ("", "help", "check"):
        assert VIEW_MIME not in layers(case.kernel.run(f"%mlflow {line}"))


def test_what_is_ticked_on_the_page_is_selected_in_python(case: Case) -> None:
    cell = case.kernel.run("runs = %mlflow runs --sort acc\nruns")
    id = model_id_of(cell)
    assert case.value("print([run.name for run in runs.selected])") == []
    from_page(case.kernel, id, selected=[case.ids[1]])
    assert case.value("print([run.name for run in runs.selected])") == ["run-1"]
    later = case.api.add_run(case.experiment_id, "later", history={"acc": [0.1]})
    from_page(case.kernel, id, selected=[case.ids[2], later])
    assert case.value("print([(run.name, run.metrics['acc']) for run in runs.selected])") == [
        ("run-2", 0.7),
        ("later", 0.1),
    ], "also what came to the live table later"
    assert case.value("print(len(runs.selected.to_dicts()))") == 2
    case.api.post("runs/delete", run_id=later)


def test_every_class_is_made_and_asks_again(case: Case) -> None:
    code = (
        "from jupyter_mlflow import Compare, MetricChart, ModelCard, RunCard\n"
        "made = [RunCard('run-1'), RunCard(runs_[0]), MetricChart('loss', last=2),\n"
        "        Compare('run-0', runs_[0]), Compare(filter='metrics.acc > 0.55', all=True), ModelCard()]\n"
        "for each in made: each.refresh()\n"
        "print([(type(each).__name__, len(each.runs)) for each in made])"
    )
    assert case.kernel.run("runs_ = %mlflow runs --sort acc").ok
    assert case.value(code) == [
        ("RunCard", 1),
        ("RunCard", 1),
        ("MetricChart", 2),
        ("Compare", 2),
        ("Compare", 2),
        ("ModelCard", 0),
    ]
    for wrong, said in (
        ("RunCard('run-11')", "Did you mean “run-1"),
        ("MetricChart('loss', filter='metrcs.a > 1')", "MLflow does not understand"),
        ("made[0].filter = 'metrics.acc > 1'", "RunCard has no filter"),
    ):
        cell = case.kernel.run(wrong)
        assert cell.reply["ename"] == "ValueError", cell
        assert said in cell.reply["evalue"]
    case.api.add_run(case.experiment_id, "fourth", history={"loss": [1.0]})
    assert case.value("made[2].filter = \"attributes.run_name = 'fourth'\"\nprint([len(made[2].runs)])") == [
        1
    ]


def test_a_cell_that_runs_again_closes_what_it_showed(case: Case) -> None:
    """ipywidgets itself keeps every widget for ever."""
    code = "again = %mlflow runs\nagain"
    first = model_id_of(case.kernel.run(code, cell_id="again"))
    from_page(case.kernel, first, selected=[case.ids[0]])
    assert case.value("kept = again\nprint([run.name for run in kept.selected])") == ["run-0"]
    second = model_id_of(case.kernel.run(code, cell_id="again"))
    assert second != first
    assert case.value("print([kept._widget.comm is None, again.widget.comm is None])") == [True, False]
    assert case.value("print([run.name for run in kept.selected])") == ["run-0"], "its value stays"
    shown = case.kernel.run("kept", cell_id="elsewhere")
    assert model_id_of(shown) not in (first, second), "shown anew, it lives anew"


def test_observe_and_link(case: Case) -> None:
    code = (
        "import ipywidgets\n"
        "from jupyter_mlflow import RunTable, MetricChart\n"
        "seen = []\n"
        "table = RunTable('metrics.acc > 0.55', sort='acc', columns=['acc'])\n"
        "other = RunTable()\n"
        "ipywidgets.link((table, 'selected'), (other, 'selected'))\n"
        "table.observe(lambda change: seen.append(change['new']), 'selected')\n"
        "table"
    )
    cell = case.kernel.run(code)
    assert cell.ok, cell
    assert layers(cell)[MIME.format("table")]["filter"] == "metrics.acc > 0.55"
    from_page(case.kernel, model_id_of(cell), selected=[case.ids[2]])
    assert case.value("print((seen, other.selected, len(table.runs), table.selected_runs[0].name))") == (
        [[case.ids[2]]],
        [case.ids[2]],
        2,
        "run-2",
    )
    assert case.value("other.selected = []\nprint(table.selected)") == []
    assert case.value("ipywidgets.jslink((table, 'live'), (other, 'live'))\nprint([repr(table)])") == [
        "RunTable(2 runs)"
    ]


def test_a_filter_asks_again(case: Case) -> None:
    cell = case.kernel.run("from jupyter_mlflow import RunTable\ntable = RunTable(sort='acc')\ntable")
    assert case.value("table.filter = 'metrics.acc < 0.65'\nprint([run.name for run in table.runs])") == [
        "run-1",
        "run-0",
    ]
    assert case.value("print([table.bundle['filter']])") == ["metrics.acc < 0.65"]
    from_page(case.kernel, model_id_of(cell), filter="metrics.acc > 0.65")
    assert case.value("print([run.name for run in table.runs])") == ["run-2"]
    refused = case.kernel.run("table.filter = 'metrcs.acc > 1'")
    assert refused.reply["ename"] == "ValueError"
    assert "Did you mean “metrics”?" in refused.reply["evalue"]
    assert case.value("print([table.filter])") == ["metrics.acc > 0.65"]
    from_page(case.kernel, model_id_of(cell), filter="metrics.acc >")
    note = case.value("print([table.bundle['note'], len(table.runs)])")
    assert "does not understand this filter" in note[0]
    assert note[1] == 1


def test_a_page_without_our_extension_draws_the_snapshot(case: Case) -> None:
    """Voilà's has ipywidgets: what it shows in a box is ipywidgets' own HTML, which follows the kernel."""
    setup = "import os; os.environ['SERVER_SOFTWARE'] = 'voila/0.5'\nfrom jupyter_mlflow import RunTable\n"
    try:
        cell = case.kernel.run(setup + "table = RunTable(sort='acc')\ntable")
        assert model_id_of(cell)
        names = "[table._model_module, table._model_name, table._view_name]"
        assert case.value(f"print({names})") == ["@jupyter-widgets/controls", "HTMLModel", "HTMLView"]
        assert case.value("print('run-0' in table.value and '<table>' in table.value)") is True
        assert case.value("table.filter = 'metrics.acc > 0.55'\nprint('run-0' in table.value)") is False
        assert "run-2" in case.value("print(repr(table.value))")
        assert VIEW_MIME not in layers(case.kernel.run("%mlflow runs")), "which is not asked to be a widget"
    finally:
        assert case.kernel.run("del os.environ['SERVER_SOFTWARE']").ok
    assert case.value("print([RunTable()._view_name, RunTable().value])") == ["RunTableView", ""]


def test_a_page_that_has_drawn_a_table_draws_boxes_too(case: Case) -> None:
    """Of a kernel that the Jupyter server cannot reach, with our extension in the page all the same."""
    kernel = case.kernel
    assert kernel.run("from jupyter_mlflow import RunTable").ok
    hide = f"import {PACKAGE}.run_tags as tags\nkept = tags.context.pop('kernel_id')\n"
    names = f"import {PACKAGE}.magics.showing as showing\nshowing._has_drawn.clear()\n"
    try:
        assert case.value(hide + names + "print([RunTable()._model_name])") == ["HTMLModel"]
        cell = kernel.run("drawn = %mlflow runs\ndrawn")
        assert VIEW_MIME not in layers(cell)
        about = {
            "comm_id": uuid.uuid4().hex,
            "target_name": "jupyter-mlflow:ticks",
            "data": {"output": layers(cell)[MIME.format("table")]["selection"]},
        }
        kernel.request("comm_open", about, channel="shell")
        made = "table = RunTable()\nprint([table._model_name, table._model_module, table.value])"
        assert case.value(made) == ["RunTableModel", "jupyter-mlflow", ""]
        assert VIEW_MIME in layers(kernel.run("%mlflow runs"))
    finally:
        assert kernel.run("tags.context['kernel_id'] = kept; showing._has_drawn.clear()").ok
