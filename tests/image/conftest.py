"""The image, really built, pushed and run: with podman, which is installed where that is possible.

Nothing is skipped: where there is neither podman nor a way to get it, the tests fail and say so.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from filelock import FileLock

from mlops.package import base
from tests.conftest import ROOT, execute, once

TAG = "late-arrival:1.2.0"  # as docs/image.md calls it
KEY = "a-key-of-this-test-alone"
PAGE = ROOT / "docs" / "image.md"
DEBIAN = "bookworm"  # its Python is 3.11, as in the Dockerfile's base
PROGRAMS = ("podman", "buildah", "docker-registry")
TOOLS = [*PROGRAMS, "runc", "fuse-overlayfs", "containernetworking-plugins", "mmdebstrap"]
CERTIFICATES = Path("/etc/ssl/certs")
APT = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]


@dataclass
class Engine:
    """podman with a storage of its own."""

    environment: dict[str, str]

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["podman", *arguments],
            env=os.environ | self.environment | more,
            capture_output=True,
            text=True,
            check=False,
        )

    def podman(self, *arguments: str, **environment: str) -> str:
        """What it printed, when it went well."""
        done = self.run(*arguments, **environment)
        assert done.returncode == 0, f"podman {arguments}: {done.stderr}"
        return done.stdout


@dataclass
class Container:
    """A running server, and where it listens."""

    engine: Engine
    id: str
    client: httpx.Client

    def inspect(self) -> Any:
        return json.loads(self.engine.podman("inspect", self.id))[0]


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Shared by the tests' workers: the first one makes it, the last one removes it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder, lock = folder / "containers", FileLock(folder / "containers.lock")
    users = folder / "users"
    with lock:
        if not users.exists():
            folder.mkdir(exist_ok=True)
            _install()
        made = Engine(_configuration(folder))
        if not users.exists():
            _base(made, folder)
        users.write_text(f"{users.read_text() if users.exists() else ''}x")
    yield made
    with lock:
        left = users.read_text()[1:]
        users.write_text(left)
        if not left:
            users.unlink()
            made.run("system", "reset", "--force")


def _install() -> None:
    if all(map(shutil.which, PROGRAMS)):
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        pytest.fail(f"the image is tested with {', '.join(PROGRAMS)}; install them and try again")
    subprocess.run([*APT, "update"], check=True)
    subprocess.run(
        [*APT, "install", "--yes", "--no-install-recommends", *TOOLS],
        check=True,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
    )


def _configuration(folder: Path) -> dict[str, str]:
    """What podman is told: a storage that goes with the test, and, without systemd, to do alone."""
    (folder / "storage.conf").write_text(
        f'[storage]\ndriver = "overlay"\ngraphroot = "{folder}/root"\nrunroot = "{folder}/run"\n'
    )
    environment = {"CONTAINERS_STORAGE_CONF": f"{folder}/storage.conf"}
    if not Path("/run/systemd/system").exists():
        (folder / "containers.conf").write_text(
            '[containers]\ndefault_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]\n'
            '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
            f'tmp_dir = "{folder}/libpod"\n'
        )
        environment["CONTAINERS_CONF"] = f"{folder}/containers.conf"
    return environment


def _base(engine: Engine, folder: Path) -> None:
    """The Dockerfile's base image from its registry; without one, its like from Debian's packages.

    Like it, that has pip, setuptools, wheel and ensurepip, and no bytecode.
    """
    line = base.LINE.search((ROOT / "Dockerfile").read_text())
    assert line
    name = line[1]
    if engine.run("pull", "--quiet", name).returncode == 0:
        return
    rootfs = folder / "rootfs.tar"
    without_bytecode = 'find "$1/usr" -name "*.pyc" -delete'
    packages = "ca-certificates,python3,python3-pip,python3-venv"
    made = ["mmdebstrap", "--mode=root", "--variant=minbase", f"--include={packages}"]
    made += [f"--customize-hook={without_bytecode}", DEBIAN, str(rootfs)]
    subprocess.run(made, check=True, capture_output=True)
    path = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    engine.podman("import", "--quiet", "--change", path, str(rootfs), name.partition("@")[0])
    rootfs.unlink()


@pytest.fixture(scope="session")
def repository(ran: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A commit with its model, released as 1.2.0."""

    def make(folder: Path) -> None:
        shutil.copytree(ran, folder, dirs_exist_ok=True)
        subprocess.run(["git", "tag", "late-arrival@v1.2.0"], cwd=folder, check=True)

    return once(tmp_path_factory, "released", make)


@pytest.fixture(scope="session")
def built(engine: Engine, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The image, as `podman image inspect` has it; built by podman."""
    once(tmp_path_factory, "built", lambda _: build(engine, repository, "podman", TAG))
    return json.loads(engine.podman("image", "inspect", TAG))[0]


def build(engine: Engine, repository: Path, builder: str, tag: str, *further: str) -> None:
    """`mlops image`, with this machine's certificates, should packages come through a proxy."""
    certificates = f"--volume={CERTIFICATES}:{CERTIFICATES}:ro"
    command = ["mlops", "image", "--tag", tag, "--builder", builder, certificates, *further]
    done = execute(repository, *command, **engine.environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "beyond the base" in done.stdout


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a registry on loopback, which is empty at first."""
    folder = tmp_path_factory.mktemp("registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    (folder / "config.yml").write_text(
        f"version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {folder}/images\n"
        f"http:\n  addr: {address}\n"
    )
    with (folder / "log").open("w") as log:
        command = ["docker-registry", "serve", str(folder / "config.yml")]
        started = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        with httpx.Client(base_url=f"http://{address}", trust_env=False) as client:
            _wait(client, "/v2/")
        yield address
    finally:
        started.terminate()
        started.wait()


@pytest.fixture(scope="session")
def container(engine: Engine, built: Any) -> Iterator[Container]:
    """The server as docs/image.md starts it, with podman, in the background, on a free port."""
    (command,) = documented("docker run")
    options = command.replace("127.0.0.1:8080:", "127.0.0.1::").split()[2:]
    started = engine.podman("run", "--detach", *options, SERVING_API_KEY=KEY).strip()
    address = engine.podman("port", started, "8080").strip()
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=f"http://{address}", headers=headers, trust_env=False) as client:
        try:
            _wait(client)
            yield Container(engine, started, client)
        finally:
            engine.podman("rm", "--force", "--time=0", started)


def documented(beginning: str) -> list[str]:
    """The commands of docs/image.md that need an image and begin like this, a line each."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", "").splitlines()
    return [line for line in lines if line.startswith(beginning)]


def _wait(client: httpx.Client, path: str = "/v2/health/ready") -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            client.get(path).raise_for_status()
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
