"""Every `%mlflow` in real kernels, with both MLflows and with none, over real tracking servers."""

from __future__ import annotations

import ast
import uuid
from collections.abc import Callable
from typing import Any

from jupyter_mlflow.server.kernels.payload import later_sources, shim_sources
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel
from magics_case import Case
from magics_support import (
    assert_safe,
    be_patient,
    content,
    layers,
    log_to,
    tags_of,
)
from processes_under_test import wait_until

from servers import MlflowServer

MLMODEL = """flavors:
  python_function:
    loader_module: mlflow.sklearn
signature:
  inputs: '[{"type": "double", "name": "a b", "required": true}, {"type": "string",
    "name": "c", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]'
  params: null
"""


def test_status_asks_nobody_and_tells_where_it_logs(case: Case) -> None:
    code = (
        "import time, sys\n"
        "get_ipython().run_line_magic('mlflow', '')\n"
        "sent = []\n"
        "sys.addaudithook(lambda name, args: name == 'socket.connect' and sent.append(args))\n"
        "get_ipython().run_line_magic('mlflow', ''); print(len(sent))"
    )
    assert case.kernel.run(code).stdout == "0\n"
    cell = case.kernel.run("%mlflow")
    rows = dict(content(cell, "status")["snapshot"]["rows"])
    assert rows["chosen by"] == "the variable MLFLOW_TRACKING_URI"
    assert rows["experiment"] == case.experiment
    assert rows["active run"] == "none"


def test_a_table_is_a_value_too(case: Case) -> None:
    cell = case.kernel.run("%mlflow runs metrics.acc > 0.55 and params.lr = '0.1' --sort acc")
    found = content(cell, "table")
    assert found["note"] is None
    assert [row[0] for row in found["snapshot"]["rows"]] == [case.ids[2], case.ids[1]]
    assert found["experiment_ids"] == [case.experiment_id]
    assert found["order_by"] == "metrics.`acc` DESC"
    assert found["snapshot"]["truncated"] is False
    text = layers(cell)["text/plain"]
    assert "run-2" in text
    assert "0.7" in text
    assert_safe(layers(cell))
    code = (
        "limit = 0.55\n"
        "found = %mlflow runs metrics.acc > {limit} --last 1\n"
        "first = found[0]\n"
        "print((len(found), type(first.metrics['acc']).__name__, found.selected, first.params['lr']))"
    )
    assert ast.literal_eval(case.kernel.run(code).stdout) == (1, "float", [], "0.1")
    assert case.kernel.run("found = %mlflow runs").outputs == []


def test_what_is_ticked_is_selected_with_nothing_installed_for_it(case: Case) -> None:
    """A comm of a plain target, which every ipykernel has."""
    kernel, target = case.kernel, "jupyter-mlflow:ticks"
    cell = kernel.run("ticked = %mlflow runs --sort acc\nticked")
    word = content(cell, "table")["selection"]

    def opened(comm: str, **data: object) -> None:
        about = {"comm_id": comm, "target_name": target, "data": data}
        kernel.request("comm_open", about, channel="shell")

    def answer(comm: str, kind: str) -> dict[str, Any]:
        found = kernel.hear(
            lambda message: (
                message["header"]["msg_type"] == kind and message["content"].get("comm_id") == comm
            )
        )
        data: dict[str, Any] = found["content"]["data"]
        return data

    first, second, third = (uuid.uuid4().hex for _ in range(3))
    opened(first, output=word, selected=[case.ids[1]])
    selected = "print([run.name for run in ticked.selected])"
    assert kernel.run(selected).stdout == "['run-1']\n"
    told = {"comm_id": first, "data": {"selected": [case.ids[0], 7, "x" * 99]}}
    kernel.request("comm_msg", told, channel="shell")
    assert kernel.run(selected).stdout == "['run-0']\n"
    opened(second, output=word)
    assert answer(second, "comm_msg") == {"selected": [case.ids[0]]}, "a page that was loaded again"
    opened(third, output="of another kernel", selected=[])
    assert answer(third, "comm_close") == {}


def test_frames_where_pandas_is(case: Case) -> None:
    code = "runs = %mlflow runs --sort -acc --columns acc\nprint(list(runs.to_pandas()['metrics.acc']))"
    cell = case.kernel.run(code)
    if cell.ok:
        assert ast.literal_eval(cell.stdout) == [0.5, 0.6, 0.7]
    else:
        assert "pandas is not installed" in str(cell.reply["evalue"])


def test_one_run_by_id_short_id_and_name(case: Case) -> None:
    for named in (case.ids[1], case.ids[1][:12], "run-1"):
        cell = case.kernel.run(f"%mlflow show {named}")
        found = content(cell, "card")
        assert found["run_id"] == case.ids[1]
        assert dict(found["snapshot"]["params"]) == {"depth": "1", "lr": "0.1"}
        assert_safe(layers(cell))


def test_compare_shows_what_differs(case: Case) -> None:
    for line in ("run-0 run-1", "params.depth = '0' --all"):
        found = content(case.kernel.run(f"%mlflow compare {line}"), "compare")
        keys = [(kind, key) for kind, key, _ in found["snapshot"]["rows"]]
        assert (("params", "lr") in keys) == ("--all" in line)
        assert ("params", "depth") in keys
        assert found["run_ids"][-1] == case.ids[0 if "--all" in line else 1]


def test_a_chart_is_bars_for_everybody_else(case: Case) -> None:
    cell = case.kernel.run("%mlflow chart loss --x time --log --smooth 0.2")
    found = content(cell, "chart")
    assert (found["x"], found["log"], found["smooth"], found["keys"]) == ("time", True, 0.2, ["loss"])
    assert set(found["run_ids"]) == set(case.ids)
    points = found["snapshot"]["lines"][0]["points"]
    assert len(points) == 40
    assert "█" in layers(cell)["text/html"]
    assert "█" in layers(cell)["text/plain"]
    assert_safe(layers(cell))


def test_a_chart_waits_for_what_is_not_logged_yet(case: Case) -> None:
    """Whoever shows it before training has no run, no metric, or no experiment yet: the live view asks on."""
    found = content(case.kernel.run("%mlflow chart los --last 7"), "chart")
    assert found["note"] == "No run has logged “los” yet. Did you mean “loss”?"
    asked = {key: found[key] for key in ("experiment_ids", "filter", "order_by", "max_results", "run_ids")}
    assert asked == {
        "experiment_ids": [case.experiment_id],
        "filter": "",
        "order_by": None,
        "max_results": 7,
        "run_ids": [],
    }
    name = f"not yet {uuid.uuid4().hex[:8]}"
    try:
        log_to(case.kernel, case.server.url, name)
        for line, kind in (
            ("chart loss", "chart"),
            ("runs", "table"),
            ("compare metrics.loss > 1", "compare"),
        ):
            found = content(case.kernel.run(f"%mlflow {line}"), kind)
            assert (found["experiment_ids"], found["experiment_name"]) == ([], name)
            assert found["note"] in ("There are no runs yet.", "There are no runs.", "No runs match.")
    finally:
        log_to(case.kernel, case.server.url, case.experiment)


def test_the_best_run_is_a_value(case: Case) -> None:
    code = "run = %mlflow best acc --min params.lr = '0.1'\nprint(run.name, run.metrics['acc'])"
    assert case.kernel.run(code).stdout == "run-0 0.5\n"
    assert content(case.kernel.run("%mlflow best acc"), "card")["run_id"] == case.ids[2]


def test_a_card_tells_of_artifacts(case: Case) -> None:
    case.api.upload(case.ids[2], "notes.txt", "x" * 1500)
    case.api.upload(case.ids[2], "model/MLmodel", MLMODEL)
    for line in ("show run-2", "best acc"):
        cell = case.kernel.run(f"%mlflow {line}")
        snapshot = content(cell, "card")["snapshot"]
        assert snapshot["artifacts"] == [["model", None], ["notes.txt", 1500]]
        assert "artifact notes.txt" in layers(cell)["text/plain"]
        assert "1.5 kB" in layers(cell)["text/html"]


def test_models(case: Case) -> None:
    name = f"model {uuid.uuid4().hex[:8]}"
    case.api.post("registered-models/create", name=name)
    case.api.upload(case.ids[0], "model/MLmodel", MLMODEL)
    source = case.api.run(case.ids[0])["info"]["artifact_uri"] + "/model"
    case.api.post("model-versions/create", name=name, source=source, run_id=case.ids[0])
    case.api.post("registered-models/alias", name=name, alias="champion", version="1")
    found = content(case.kernel.run(f'%mlflow models "{name}"'), "model")
    assert found["name"] == name
    assert found["snapshot"]["versions"][0][:2] == ["1", "champion"]
    assert found["snapshot"]["signature"] == {
        "inputs": [["a b", "double", True], ["c", "string", False]],
        "outputs": [["0", "tensor float64 (-1)", True]],
        "params": [],
    }
    # As it is registered by hand: the server itself cannot read it by the name of the version.
    case.api.post("model-versions/create", name=name, source=f"runs:/{case.ids[0]}/model", run_id=case.ids[0])
    again = content(case.kernel.run(f'%mlflow models "{name}"'), "model")
    assert again["snapshot"]["versions"][0][0] == "2"
    assert again["snapshot"]["signature"] == found["snapshot"]["signature"]
    shown = layers(case.kernel.run(f'%mlflow models "{name}"'))
    assert "Signature of version 2" in shown["text/plain"]
    assert "optional" in shown["text/html"]
    assert_safe(shown)
    cell = case.kernel.run("%mlflow models")
    assert [name, 2, "champion → 1", ""] in content(cell, "model")["snapshot"]["models"]
    refused = case.kernel.run(f'%mlflow models "{name}s"')
    assert f"Did you mean “{name}”?" in refused.reply["evalue"]


def test_check_finds_what_the_kernel_can_tell(case: Case) -> None:
    rows = dict(content(case.kernel.run("%mlflow doctor"), "status")["snapshot"]["rows"])
    assert ("package-missing" in rows) == (case.kernel.path.startswith("magics-none"))
    assert "server-unreachable" not in rows


def test_experiments_are_made_and_said(case: Case) -> None:
    name = f"new {uuid.uuid4().hex[:8]}"
    try:
        made = content(case.kernel.run(f"%mlflow experiment {name}"), "status")
        assert "It is new" in made["note"]
        assert content(case.kernel.run(f'%mlflow experiment "{name}"'), "status")["note"] is None
        assert content(case.kernel.run("%mlflow runs"), "table")["note"] == "There are no runs."
    finally:
        log_to(case.kernel, case.server.url, case.experiment)
    near = case.kernel.run(f'%mlflow runs --experiment "{name}x"')
    assert f"Did you mean “{name}”?" in near.reply["evalue"]


def test_experiments_with_slashes_and_quotes(case: Case) -> None:
    for name, typed in (("a/{} 'b'", "\"a/{} 'b'\""), ('a/{} "b"', "'a/{} \"b\"'")):
        word = uuid.uuid4().hex[:8]
        name, typed = name.format(word), typed.format(word)
        try:
            made = content(case.kernel.run(f"%mlflow experiment {typed}"), "status")
            assert "It is new" in made["note"]
            assert case.kernel.run(f"%%mlflow in-{word}\npass").ok
        finally:
            log_to(case.kernel, case.server.url, case.experiment)
        assert case.kernel.run(f"%%mlflow there-{word} --experiment {typed}\npass").ok
        rows = content(case.kernel.run(f"%mlflow runs --experiment {typed}"), "table")["snapshot"]["rows"]
        assert {row[2] for row in rows} == {f"in-{word}", f"there-{word}"}
        found = content(case.kernel.run(f"%mlflow show in-{word} --experiment {typed}"), "card")
        assert found["snapshot"]["status"] == "FINISHED"


def test_what_is_deleted_is_said_to_be(case: Case) -> None:
    name = f"deleted {uuid.uuid4().hex[:8]}"
    id = case.api.experiment(name)
    run = case.api.add_run(id, "deleted")
    case.api.post("runs/delete", run_id=run)
    found = content(case.kernel.run(f"%mlflow show {run}"), "card")
    assert found["snapshot"]["lifecycle_stage"] == "deleted"
    assert "is deleted" in found["note"]
    assert run in content(case.kernel.run(f"%mlflow compare {run} {case.ids[0]}"), "compare")["run_ids"]
    case.api.post("experiments/delete", experiment_id=id)
    before = case.kernel.run("import os; print(os.environ['MLFLOW_EXPERIMENT_NAME'])").stdout
    assert "is deleted" in case.kernel.run(f'%mlflow experiment "{name}"').reply["evalue"]
    assert case.kernel.run("print(os.environ['MLFLOW_EXPERIMENT_NAME'])").stdout == before
    refused = case.kernel.run(f"%%mlflow never --experiment '{name}'\nprint('ran')")
    assert refused.reply["ename"] == "UsageError", refused
    assert len(refused.reply["evalue"].splitlines()) <= 2
    assert "ran\n" not in refused.stdout
    assert case.kernel.run("%mlflow end").ok is False, "nothing is open"


def test_here_and_mine_are_the_runs_of_this_notebook(case: Case) -> None:
    name = f"here-{uuid.uuid4().hex[:6]}"
    assert case.kernel.run(f"%%mlflow {name}\npass").ok
    for option in ("--here", "--mine"):
        rows = content(case.kernel.run(f"%mlflow runs {option}"), "table")["snapshot"]["rows"]
        assert name in [row[2] for row in rows]
        assert "run-0" not in [row[2] for row in rows]
    assert content(case.kernel.run("%mlflow show"), "card")["snapshot"]["name"] == name


def test_the_shim_reads_on_python_3_8() -> None:
    for name, source in (*shim_sources(), *later_sources()):
        ast.parse(source, filename=name, feature_version=(3, 8))


def test_nothing_of_it_is_compiled_before_its_first_use(jupyter: Jupyter) -> None:
    kernel = NotebookKernel(jupyter, "lazy/lazy.ipynb")
    try:
        kernel.wait_known()
        check = "import sys; print([name for name in sys.modules if '_shim.magics' in name])"
        assert kernel.run(check).stdout == "[]\n"
        assert kernel.run("%mlflow help").ok
        assert "_shim.magics.dispatch" in kernel.run(check).stdout
        mine = "get_ipython().register_magic_function(lambda line: 7, 'line', 'mlflow')"
        assert kernel.run(mine).ok
        kernel.probe()
        assert layers(kernel.run("%mlflow"))["text/plain"] == "7", "a magic of the person's own stays"
    finally:
        kernel.close()


def test_the_panel_and_its_server_are_known(
    jupyter: Jupyter, plain_servers: Callable[[str], MlflowServer]
) -> None:
    server = plain_servers("newest")
    id = jupyter.add(server.url)
    kernel = NotebookKernel(jupyter, "known/known.ipynb")
    try:
        kernel.wait_known()
        kernel.probe()
        log_to(kernel, server.url)
        be_patient(kernel)
        cell = kernel.run("%mlflow runs")
        assert content(cell, "table")["server_id"] == id
        assert_safe(layers(cell))
        # The panel's server, which is not Jupyter's default.
        for version in ("oldest", "newest"):
            shown = plain_servers(version)
            chosen = {"panel_server_id": jupyter.add(shown.url)}
            assert jupyter.client.patch("preferences", json=chosen).status_code == 200

            def connected(url: str = shown.url) -> bool:
                cell = kernel.run("%mlflow connect")
                # Until it is told, it knows the former one, which may have ended.
                if not dict(content(cell, "status")["snapshot"]["rows"])["answers"].startswith("yes"):
                    return False
                where = kernel.run("import os; print(os.environ['MLFLOW_TRACKING_URI'])")
                return where.stdout.strip() == url

            # Kernels are told without the page waiting for them.
            wait_until(connected, "the kernel to know the panel's server")
    finally:
        jupyter.client.patch("preferences", json={"panel_server_id": None})
        kernel.close()


def test_a_run_of_a_cell_carries_its_cell(case: Case) -> None:
    name = f"tags-{uuid.uuid4().hex[:6]}"
    assert case.kernel.run(f"%%mlflow {name}\npass", cell_id="cell-9").ok
    tags = tags_of(case.api.named(case.experiment_id, name))
    assert tags["jupyter.cell_id"] == "cell-9"
