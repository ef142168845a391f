"""The delivered image, built and run for real: what it answers, holds, may do, and weighs."""

import json
import os
import subprocess
import tarfile
import time
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest

from mlops.package import image
from tests.image.conftest import KEY, TAG, Container, Engine, build, documented

pytestmark = pytest.mark.slow

BEYOND_THE_BASE = 150  # MB, unpacked
MODULES = {
    "joblib",
    "skops",
    "pandas",
    "sklearn",
    "scipy",
    "mlflow",
    "pyarrow",
    "mlops",
    "problem",
    "tests",
}
INSTALLERS = {"pip", "setuptools", "wheel", "ensurepip", "pkg_resources"}
COMPILERS = {"gcc", "cc", "c++", "g++", "clang", "ld", "as", "make", "pip", "pip3"}
DATA = {".joblib", ".pkl", ".pickle", ".skops", ".whl", ".parquet", ".csv", ".h", ".pyi"}


@pytest.fixture(scope="module")
def files(container: Container, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Every path in the container's file system."""
    tarball = tmp_path_factory.mktemp("export") / "files.tar"
    container.engine.podman("export", "--output", str(tarball), container.id)
    with tarfile.open(tarball) as archive:
        return archive.getnames()


def test_it_answers_as_the_trained_model_does(container: Container, repository: Path) -> None:
    rows = pd.read_parquet(repository / "artifacts/test.parquet").head(200)
    columns = [i["name"] for i in exported(repository)["inputs"]]
    body = rows[columns].to_json(orient="split", date_format="iso")

    answer = container.client.post("/invocations", json={"dataframe_split": json.loads(body)})

    assert answer.status_code == 200, answer.text
    found = [row["probability"] for row in answer.json()["predictions"]]
    trained = joblib.load(repository / "artifacts/model.joblib")
    expected = trained.predict_proba(rows[columns])[:, 1]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def exported(repository: Path) -> Any:
    return json.loads((repository / "artifacts/export/manifest.json").read_text())


def test_it_is_asked_as_the_page_says(container: Container) -> None:
    commands = documented("curl")
    address = str(container.client.base_url).rstrip("/")

    assert commands
    for command in commands:
        asked = command.replace("http://127.0.0.1:8080", address).replace("curl", "curl -fsS", 1)
        subprocess.run(["bash", "-c", asked], check=True, env=os.environ | {"SERVING_API_KEY": KEY})


def test_it_says_which_version_it_is(container: Container) -> None:
    assert container.client.get("/version").text.strip() == "1.2.0"


def test_its_labels_say_what_it_is_made_of(built: Any, repository: Path) -> None:
    commit = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=repository, text=True)
    labels = built["Labels"]

    assert labels["org.opencontainers.image.version"] == "1.2.0"
    assert labels["org.opencontainers.image.revision"] == commit.strip()
    assert labels["org.opencontainers.image.title"] == "late-arrival"
    assert labels["org.opencontainers.image.base.digest"].startswith("sha256:")
    assert labels["data.md5"] in (repository / "data.dvc").read_text()


def test_nothing_in_it_unpickles_installs_compiles_or_tests(files: list[str]) -> None:
    paths = [Path(f) for f in files]
    places = {"site-packages", "dist-packages", "python3", "python3.11"}
    importable = {
        path.name.partition("-")[0].removesuffix(".py")
        for path in paths
        if path.parent == Path("opt/serving") or path.parent.name in places
    }
    programs = {path.name for path in paths if path.parent.name in {"bin", "sbin"}}

    assert {"onnxruntime", "serving", "asyncio"} <= importable
    assert {"python3", "sh"} <= programs
    assert importable & (MODULES | INSTALLERS) == set()
    assert programs & COMPILERS == set()
    ours = [path for path in paths if path.parts[0] in {"opt", "model"}]
    assert [path for path in ours if path.suffix in DATA or path.name == "tests"] == []
    assert [path for path in paths if path.suffix == ".whl"] == []


def test_the_model_folder_is_the_exported_one(files: list[str], repository: Path) -> None:
    folder = repository / "artifacts/export"
    expected = {p.relative_to(folder).as_posix() for p in folder.rglob("*")} | {"build.json"}

    assert {f.removeprefix("model/") for f in files if f.startswith("model/")} == expected


def test_nobody_special_runs_it(container: Container, built: Any) -> None:
    assert built["Config"]["User"] == "10001:10001"
    status = container.engine.podman("exec", container.id, "cat", "/proc/1/status")
    facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)

    assert set(facts["Uid"].split()) == {"10001"}
    assert int(facts["CapEff"], 16) == int(facts["CapBnd"], 16) == 0
    assert container.engine.podman("exec", container.id, "cat", "/proc/1/comm").strip() != "sh"


def test_its_file_system_cannot_be_written(container: Container) -> None:
    done = container.engine.run("exec", container.id, "touch", "/model/x")

    assert "Read-only file system" in done.stderr


def test_it_is_healthy_and_says_so(container: Container) -> None:
    container.engine.podman("healthcheck", "run", container.id)  # fails unless it exits with 0


def test_it_weighs_no_more_than_was_promised(engine: Engine, built: Any) -> None:
    on = built["Labels"]["org.opencontainers.image.base.name"]
    (beneath,) = json.loads(engine.podman("image", "inspect", on))

    assert (built["Size"] - beneath["Size"]) / image.MEGABYTE < BEYOND_THE_BASE


def test_without_a_key_it_serves_nobody(engine: Engine, built: Any) -> None:
    done = engine.run("run", "--rm", TAG)

    assert done.returncode == 3
    assert "SERVING_API_KEY" in done.stderr


def test_it_stops_when_it_is_told_to(engine: Engine, built: Any) -> None:
    """Started as SageMaker does, with the argument `serve`; SIGTERM ends it with 0."""
    started = engine.podman("run", "--detach", "--env=SERVING_AUTH=off", TAG, "serve").strip()
    try:
        deadline = time.monotonic() + 20
        while "started" not in engine.podman("logs", started):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        begun = time.monotonic()
        engine.podman("stop", "--time=10", started)

        assert time.monotonic() - begun < 5
        assert json.loads(engine.podman("inspect", started))[0]["State"]["ExitCode"] == 0
    finally:
        engine.podman("rm", "--force", "--time=0", started)


def test_buildah_builds_the_same_layers_from_nothing(
    engine: Engine, built: Any, repository: Path
) -> None:
    """Every file of the image is the same, bit for bit, when it is built again."""
    build(engine, repository, "buildah", "localhost/again:test", "--no-cache")

    (again,) = json.loads(engine.podman("image", "inspect", "localhost/again:test"))
    assert again["RootFS"]["Layers"] == built["RootFS"]["Layers"]
