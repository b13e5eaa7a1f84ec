"""What is wrong with a kernelspec, and not with its healthy twin: real interpreters."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from environment_factory import EnvironmentFactory, site_packages
from job_support import Bench
from jupyter_mlflow.server.environments.kernelspecs import OWN_NAMES, read_kernelspec
from jupyter_server.gateway.managers import GatewayKernelSpecManager

ARGUMENTS = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]


def spec(folder: Path, name: str, argv: list[str] | None = None, **more: Any) -> Path:
    """Write a kernelspec."""
    made = folder / name
    made.mkdir(parents=True)
    data = {"argv": argv or [sys.executable, *ARGUMENTS], "display_name": name, "language": "python", **more}
    (made / "kernel.json").write_text(json.dumps(data), encoding="utf-8")
    return made


async def listed(bench: Bench) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await bench.machine().describe())["kernelspecs"]
    return found


async def only(bench: Bench) -> Mapping[str, Any]:
    found = await listed(bench)
    assert len(found) == 1
    return found[0]


async def test_a_healthy_one(bench: Bench, environments: EnvironmentFactory) -> None:
    python = environments.kept("mlflow-skinny", "ipykernel", seed=True)
    folder = spec(bench.user_kernels, "good", [python, *ARGUMENTS])
    found = await only(bench)
    assert (found["problem"], found["detail"], found["removable"]) == (None, None, True)
    assert (found["name"], found["display_name"], found["language"]) == ("good", "good", "python")
    assert (found["executable"], found["prefix"]) == (python, str(Path(python).parent.parent))
    assert found["resource_dir"] == str(folder)
    assert None not in (found["python"], found["mlflow"], found["ipykernel"])


async def test_an_interpreter_that_is_gone(bench: Bench, tmp_path: Path) -> None:
    gone = str(tmp_path / "gone" / "bin" / "python")
    spec(bench.user_kernels, "stale", [gone, *ARGUMENTS])
    found = await only(bench)
    assert (found["problem"], found["executable"]) == ("stale", gone)
    assert gone in found["detail"]


async def test_names_without_a_path_are_jupyter_s_own_interpreter(
    bench: Bench,
    tmp_path: Path,
    environments: EnvironmentFactory,
) -> None:
    # PATH says otherwise; jupyter_client does not ask it.
    other = environments.kept("mlflow-skinny", "ipykernel", seed=True)
    bench.set({"PATH": os.path.dirname(other)})
    for name in OWN_NAMES:
        spec(bench.user_kernels, f"bare-{name}", [name, *ARGUMENTS])
    # The one that comes with ipykernel is of that form, and all right.
    spec(bench.user_kernels, "python3", ["python", *ARGUMENTS])
    found = {each["name"]: each for each in await listed(bench)}
    assert {each["executable"] for each in found.values()} == {sys.executable}
    assert found.pop("python3")["problem"] is None
    assert {each["problem"] for each in found.values()} == {"bare-python"}


async def test_another_minor_version_is_looked_for_on_the_path(bench: Bench, tmp_path: Path) -> None:
    name = "python3.99"
    spec(bench.user_kernels, "next", [name, *ARGUMENTS])
    bench.set({"PATH": str(tmp_path)})
    assert (await only(bench))["problem"] == "check-failed"
    (tmp_path / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (tmp_path / name).chmod(0o755)
    found = await only(bench)
    assert (found["problem"], found["executable"]) == (None, str(tmp_path / name))


async def test_an_environment_without_ipykernel(bench: Bench, environments: EnvironmentFactory) -> None:
    python = environments.kept()
    spec(bench.user_kernels, "bare", [python, *ARGUMENTS])
    found = await only(bench)
    assert (found["problem"], found["ipykernel"]) == ("no-ipykernel", None)


async def test_ipykernel_that_only_its_own_variables_lead_to(
    bench: Bench,
    environments: EnvironmentFactory,
) -> None:
    full = environments.kept("mlflow-skinny", "ipykernel", seed=True)
    env = {"PYTHONPATH": str(site_packages(full))}
    spec(bench.user_kernels, "led", [environments.kept(), *ARGUMENTS], env=env)
    found = await only(bench)
    assert found["problem"] is None
    assert found["prefix"] != str(Path(full).parent.parent)


async def test_an_interpreter_that_cannot_be_asked_does_not_count_as_lacking_something(
    bench: Bench,
    tmp_path: Path,
) -> None:
    plain = tmp_path / "python"
    plain.write_text("no program")
    spec(bench.user_kernels, "odd", [str(plain), *ARGUMENTS])
    assert (await only(bench))["problem"] == "check-failed"
    plain.chmod(0o755)
    assert (await only(bench))["problem"] == "check-failed"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '"x"', '{"argv": "python"}', '{"argv": []}', '{"x": 1}', "\xff"]
)
async def test_json_that_jupyter_cannot_read(bench: Bench, text: str) -> None:
    folder = bench.user_kernels / "broken"
    folder.mkdir()
    (folder / "kernel.json").write_bytes(text.encode("latin-1"))
    found = await only(bench)
    assert (found["name"], found["problem"], found["executable"]) == ("broken", "broken-json", None)
    assert found["detail"].startswith("kernel.json cannot be read: ")
    assert found["removable"]


async def test_the_same_name_in_two_places(bench: Bench, environments: EnvironmentFactory) -> None:
    first, second = environments.kept("ipykernel"), environments.kept("mlflow-skinny", "ipykernel", seed=True)
    winner = spec(bench.user_kernels, "course", [first, *ARGUMENTS])
    loser = spec(bench.other_kernels, "Course", [second, *ARGUMENTS])
    spec(bench.other_kernels, "another", [second, *ARGUMENTS])
    found = await listed(bench)
    assert [(each["name"], each["problem"], each["executable"]) for each in found] == [
        ("another", None, second),
        ("course", None, first),
        ("course", "shadowed", second),
    ]
    assert found[2]["resource_dir"] == str(loser)
    assert str(winner) in found[2]["detail"]
    assert found[2]["mlflow"] is not None

    # One folder that is named twice hides nothing.
    shutil.rmtree(bench.other_kernels)
    bench.other_kernels.symlink_to(bench.user_kernels)
    assert (await only(bench))["problem"] is None


async def test_other_languages_and_runners_are_left_in_peace(bench: Bench, tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    spec(bench.user_kernels, "r", [gone, "--slave", "-e", "IRkernel::main()"], language="R")
    spec(bench.user_kernels, "conda", [gone, "run", "-n", "x", "python", *ARGUMENTS])
    spec(bench.user_kernels, "nb-conda", [sys.executable, "-m", "nb_conda_kernels.runner", gone, *ARGUMENTS])
    spec(bench.user_kernels, "xpython", [f"{gone}/xpython", "-f", "{connection_file}"])
    found = await listed(bench)
    assert [each["problem"] for each in found] == [None] * 4
    assert [each["executable"] for each in found] == [None] * 4


async def test_what_the_administrator_hides_stays_hidden(bench: Bench) -> None:
    spec(bench.user_kernels, "shown")
    spec(bench.user_kernels, "hidden")
    (bench.user_kernels / "hidden" / "kernel.json").write_text("{")
    bench.manager.allowed_kernelspecs = {"shown"}
    assert [each["name"] for each in await listed(bench)] == ["shown"]


def test_placeholders_are_filled_in_as_jupyter_does(tmp_path: Path) -> None:
    folder = spec(tmp_path, "x", ["{prefix}/bin/python", *ARGUMENTS], env={"A": "${HOME}/x"})
    found = read_kernelspec(folder)
    assert found.executable({}) == f"{sys.prefix}/bin/python"
    assert found.environ({"HOME": "/h"})["A"] == "/h/x"


class Gateway(GatewayKernelSpecManager):
    """Its kernels run on another machine, whose paths mean nothing here."""

    def __init__(self, folder: Path) -> None:
        self.kernel_dirs = [str(folder)]

    async def get_all_specs(self) -> dict[str, Any]:
        """As a gateway answers."""
        data = {"argv": ["/gone/python", *ARGUMENTS], "display_name": "Far", "language": "python"}
        return {"far": {"name": "far", "resource_dir": "/gone", "spec": data, "resources": {}}}


async def test_kernels_behind_a_gateway_are_not_judged(bench: Bench) -> None:
    spec(bench.user_kernels, "near", ["/gone/python", *ARGUMENTS])
    bench.registry.manager = Gateway(bench.user_kernels)
    found = await only(bench)
    assert (found["name"], found["problem"], found["executable"]) == ("far", None, None)
    assert found["removable"] is False
    bench.refused("create-environment", "kernels-restricted", kernel={})
