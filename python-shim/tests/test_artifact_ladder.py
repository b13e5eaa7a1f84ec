"""Files reach stores of every kind by the first way that is open; where none is, they wait here."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from jupyter_mlflow.server.environments.environments import Interpreter, ask_interpreter
from jupyter_mlflow.server.recorder import artifacts
from shipping_support import Mlflow, Yard

from servers import MlflowServer, mlflow_python, s3, start_mlflow

FILES = {"source.py", "execution.ipynb", "stdout.txt"}
PRINTED = ({"output_type": "stream", "name": "stdout", "text": "hi\n"},)


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Variables that reach an S3 with a bucket `mlflow`."""
    with s3(tmp_path_factory.mktemp("s3")) as variables:
        yield variables


@pytest.fixture(scope="module")
def interpreters() -> Callable[..., object]:
    """The one that has MLflow and boto3."""
    found = ask_interpreter(mlflow_python("newest"), "jupyter")
    assert found is not None

    async def usable() -> list[Interpreter]:
        return [found]

    return usable


def keys(variables: dict[str, str]) -> set[str]:
    """What is in the bucket."""
    listing = httpx.get(
        f"{variables['MLFLOW_S3_ENDPOINT_URL']}/mlflow?list-type=2", trust_env=False, timeout=60
    ).text
    return {part.split("</Key>")[0] for part in listing.split("<Key>")[1:]}


@pytest.fixture
async def yard(
    plain_servers: Callable[[str], MlflowServer],
    interpreters: Callable[..., object],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> AsyncIterator[Yard]:
    """Shipping to a server of the version that the test names, with an interpreter for jobs."""
    made = Yard(
        tmp_path, plain_servers(request.param).url, experiment=tmp_path.name, interpreters=interpreters
    )
    yield made
    await made.close()


def make_experiment(yard: Yard, location: str) -> Mlflow:
    """Whose artifacts lie there."""
    mlflow = Mlflow(yard.url)
    mlflow.post("experiments/create", name=yard.experiment, artifact_location=location)
    return mlflow


@pytest.mark.parametrize("yard", ["newest", "oldest"], indirect=True)
async def test_a_job_puts_them_into_s3(
    yard: Yard, bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in bucket.items():
        monkeypatch.setenv(name, value)
    mlflow = make_experiment(yard, f"s3://mlflow/{yard.experiment}")
    yard.ran("e1", outputs=PRINTED)
    await yard.settle()
    ((run,),) = mlflow.cells(yard.experiment).values()
    found = {key.removeprefix(f"{yard.experiment}/{run['run_id']}/artifacts/") for key in keys(bucket)}
    assert found >= FILES
    files = yard.ledger.write(lambda db: db.execute("SELECT files, reason FROM queue").fetchall())
    assert files == [(None, None)]
    assert not list((yard.folder / "recorder").glob("upload-*")), "nothing is left behind"


async def test_the_server_puts_them_into_s3(bucket: dict[str, str], tmp_path: Path) -> None:
    server = start_mlflow(
        "newest",
        tmp_path / "server",
        options=("--default-artifact-root", "s3://mlflow/root", "--no-serve-artifacts"),
        env=bucket,
    )
    try:
        yard = Yard(tmp_path, server.url)
        yard.ran("e1", outputs=PRINTED)
        await yard.settle()
        ((run,),) = Mlflow(server.url).cells(yard.experiment).values()
        assert Mlflow(server.url).list_files(run["run_id"]) == FILES
        await yard.close()
    finally:
        server.stop()


@pytest.mark.parametrize("yard", ["newest"], indirect=True)
async def test_the_server_puts_them_into_its_folder(yard: Yard, tmp_path: Path) -> None:
    mlflow = make_experiment(yard, (tmp_path / "store").as_uri())
    yard.ran("e1", outputs=PRINTED)
    await yard.settle()
    ((run,),) = mlflow.cells(yard.experiment).values()
    assert mlflow.list_files(run["run_id"]) == FILES


@pytest.mark.parametrize("yard", ["oldest"], indirect=True)
async def test_where_no_way_is_open_they_stay_here(
    yard: Yard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of a server that takes no uploads. Nothing is written there: the path is the server's."""
    mlflow = make_experiment(yard, (tmp_path / "store").as_uri())
    yard.ran("e1", outputs=PRINTED)
    await yard.settle()
    ((run,),) = mlflow.cells(yard.experiment).values()
    assert run["status"] == "FINISHED", "the run is recorded all the same"
    assert not (tmp_path / "store").exists()
    (left,) = yard.sending.summary("notebook-1")["files"]
    assert left["reason"]["code"] == "artifacts-kept"
    assert "3 of its files stay on this machine" in left["reason"]["message"]
    assert yard.states() == {"e1": "sent"}
    # They are tried again, and a way may have opened.
    await yard.sending.drain()
    sent: list[str] = []

    async def open_way(
        self: object, tracking: object, run: object, files: list[object], why: object
    ) -> list[object]:
        sent.extend(file.path for file in files)  # type: ignore[attr-defined]
        return []

    monkeypatch.setattr(artifacts.ArtifactLadder, "_by_upload", open_way)
    assert sent == []
    assert yard.sending.resend("e1") == 1
    await yard.sending.drain()
    assert set(sent) == FILES
    assert yard.sending.summary("notebook-1")["files"] == []
    assert json.loads(json.dumps(yard.sending.summary()))["waiting"] == 0


@pytest.mark.parametrize("yard", ["oldest"], indirect=True)
async def test_a_store_that_refuses(
    yard: Yard, bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in bucket.items():
        monkeypatch.setenv(name, value)
    make_experiment(yard, "s3://no-such-bucket/x")
    yard.ran("e1", outputs=PRINTED)
    await yard.settle()
    (left,) = yard.sending.summary()["files"]
    assert "uploading to s3 failed" in left["reason"]["message"]
    assert "NoSuchBucket" in left["reason"]["log"]
