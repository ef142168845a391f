"""A stand-in for docker, podman or buildah, as it is called: builds, pushes, pulls and runs images.

It lies in bin/ of a folder that holds what it has (images.json, by name; blobs/), what its registry
has (remote.json), what runs (containers/), and what it was asked (calls). An image that it builds
has one layer, the model and the server, and goes to registries on loopback by HTTP and back; a
container is that server, in a process of this machine. What it prints has the form of podman 4.3,
buildah 1.28 and docker 28.
"""

import base64
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from http.client import HTTPResponse  # imported where it is needed: most calls are short

NAME, STATE = Path(sys.argv[0]).name, Path(sys.argv[0]).parents[1]
TAG, LABEL, NOTE, VARIABLE = "--tag=", "--label=", "--digestfile=", "--env="
PLAINLY = "--tls-verify=false"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
LAYER = ("artifacts/export", "src/serving")
Images = dict[str, dict[str, Any]]
LOCAL = re.compile(r"(127\.0\.0\.1:\d+)/([^:@]+)[:@](.+)")


def main(arguments: list[str]) -> None:
    with (STATE / "calls").open("a") as calls:
        calls.write(json.dumps([NAME, *arguments]) + "\n")
    if (STATE / f"{NAME}.broken").exists():
        sys.exit("Cannot connect to the daemon")
    if arguments[0] in CONTAINERS:
        CONTAINERS[arguments[0]](arguments)
        return
    images = json.loads((STATE / "images.json").read_text())
    IMAGES.get(arguments[0], told)(arguments, images)
    (STATE / "images.json").write_text(json.dumps(images))


def told(arguments: list[str], images: Images) -> None:
    last = arguments[-1]
    if "inspect" in arguments:
        sys.stdout.write(json.dumps(about(images.get(last) or sys.exit(1))))
    elif arguments[:2] == ["images", "--json"]:
        found = [image for image in images.values() if image["id"] == last]
        sys.stdout.write(json.dumps([{"size": f"{image['size'] / 1e6:.0f} MB"} for image in found]))


def value(arguments: list[str], option: str) -> Iterator[str]:
    return (a.removeprefix(option) for a in arguments if a.startswith(option))


def about(image: dict[str, Any]) -> Any:
    if NAME == "buildah":
        return {"FromImageID": image["id"], "FromImageDigest": image["digest"]}
    if NAME == "podman":
        return [{"Id": image["id"], "Digest": image["digest"], "Size": image["size"]}]
    name = image.get("pushed", "any")
    pushed = [f"{name}@{image['digest']}"] if image["digest"] else []
    return [{"Id": f"sha256:{image['id']}", "RepoDigests": pushed, "Size": image["size"]}]


def tag(arguments: list[str], images: Images) -> None:
    images[arguments[-1]] = dict(images.get(arguments[1]) or sys.exit("no such image"))


def build(arguments: list[str], images: Images) -> None:
    context = Path(arguments[-1])
    if (STATE / "failing").exists():
        sys.exit(7)
    found = sorted(p.relative_to(context).as_posix() for p in context.rglob("*") if p.is_file())
    (STATE / "context.json").write_text(json.dumps(found))
    stamped = context / "artifacts/export/build.json"
    if stamped.exists():
        (STATE / "build.json").write_bytes(stamped.read_bytes())
    layer = kept(packed(context, [name for name in found if name.startswith(LAYER)]))
    said = {"Labels": dict(label.split("=", 1) for label in value(arguments, LABEL))}
    rootfs = {"type": "layers", "diff_ids": [layer["digest"]]}
    config = kept(json.dumps({"config": said, "rootfs": rootfs}, sort_keys=True).encode())
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]}
    digest = kept(json.dumps(manifest, sort_keys=True).encode())["digest"]
    if not (STATE / "keeping").exists():
        made = known(config["digest"], digest) | ({"digest": ""} if NAME == "docker" else {})
        images[next(value(arguments, TAG))] = made


def known(config: str, manifest: str) -> dict[str, Any]:
    name = config.removeprefix("sha256:")
    return {"id": name, "digest": manifest, "manifest": manifest, "size": 338_000_000}


def packed(context: Path, names: list[str]) -> bytes:
    """The same bytes for the same files."""
    import gzip
    import tarfile

    plain = BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size = (context / name).stat().st_size
            with (context / name).open("rb") as file:
                archive.addfile(entry, file)
    return gzip.compress(plain.getvalue(), mtime=0)


def kept(content: bytes) -> dict[str, Any]:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    (STATE / "blobs").mkdir(exist_ok=True)
    (STATE / "blobs" / digest).write_bytes(content)
    return {"digest": digest, "size": len(content)}


def blob(digest: str) -> bytes:
    return (STATE / "blobs" / digest).read_bytes()


def push(arguments: list[str], images: Images) -> None:
    remote = arguments[-1]
    image = images.get(remote) or sys.exit("no such image")
    host, repository, name = local(remote, arguments)
    content = blob(image["manifest"])
    manifest = json.loads(content)
    for part in (manifest["config"], *manifest["layers"]):
        if asked(host, f"HEAD /v2/{repository}/blobs/{part['digest']}").status == 200:
            continue
        begun = wanted(202, host, f"POST /v2/{repository}/blobs/uploads/")
        place = f"{begun.getheader('Location')}?digest={part['digest']}"
        wanted(201, host, f"PUT {place}", blob(part["digest"]))
    wanted(201, host, f"PUT /v2/{repository}/manifests/{name}", content)
    images[remote] = image | {"digest": image["manifest"], "pushed": f"{host}/{repository}"}
    if NAME == "docker":
        sys.stdout.write(f"{name}: digest: {image['manifest']} size: {len(content)}\n")
    for note in value(arguments, NOTE):
        Path(note).write_text(image["manifest"])


def pull(arguments: list[str], images: Images) -> None:
    name = arguments[-1]
    if not LOCAL.fullmatch(name):
        remote = json.loads((STATE / "remote.json").read_text())
        images[name] = remote.get(name) or sys.exit(125)
        return
    host, repository, reference = local(name, arguments)
    content = wanted(200, host, f"GET /v2/{repository}/manifests/{reference}").read()
    manifest = json.loads(content)
    for part in (manifest["config"], *manifest["layers"]):
        found = wanted(200, host, f"GET /v2/{repository}/blobs/{part['digest']}").read()
        if kept(found)["digest"] != part["digest"]:
            sys.exit("the blob is not what its digest says")
    digest = kept(content)["digest"]
    if reference.startswith("sha256:") and reference != digest:
        sys.exit("the manifest is not what its digest says")
    images[name] = known(manifest["config"]["digest"], digest) | {"pushed": f"{host}/{repository}"}


def local(name: str, arguments: list[str]) -> tuple[str, str, str]:
    found = LOCAL.fullmatch(name)
    if found is None:
        sys.exit(f"{name}: no route to this registry")
    if NAME != "docker" and PLAINLY not in arguments:
        sys.exit("http: server gave HTTP response to HTTPS client")
    return found[1], found[2], found[3]


def asked(host: str, call: str, content: bytes | None = None) -> "HTTPResponse":
    from http.client import HTTPConnection, HTTPException

    method, path = call.split(" ")
    headers = {"Accept": MANIFEST, "Content-Type": MANIFEST}
    if (STATE / "login.json").exists():
        login = ":".join(json.loads((STATE / "login.json").read_text()))
        headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
    connection = HTTPConnection(host, timeout=10)
    try:
        connection.request(method, path, content, headers)
        return connection.getresponse()
    except (OSError, HTTPException) as broken:
        sys.exit(f"{call}: {broken}")


def wanted(status: int, host: str, call: str, content: bytes | None = None) -> "HTTPResponse":
    answer = asked(host, call, content)
    if answer.status != status:
        sys.exit(f"{call}: {answer.status} {answer.read().decode()}")
    return answer


def run(arguments: list[str]) -> None:
    """Start the server of an image; `crashing` makes one that ends at once."""
    import socket
    import subprocess
    import tarfile

    images = json.loads((STATE / "images.json").read_text())
    image = images.get(arguments[-1]) or sys.exit("no such image")
    folder = STATE / "containers" / hashlib.sha256(os.urandom(8)).hexdigest()
    folder.mkdir(parents=True)
    for layer in json.loads(blob(image["manifest"]))["layers"]:
        with tarfile.open(fileobj=BytesIO(blob(layer["digest"]))) as archive:
            archive.extractall(folder, filter="data")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "port").write_text(str(port))
    model = folder / "artifacts/export"
    command = [sys.executable, "-m", "serving", f"--model={model}", f"--port={port}"]
    if (STATE / "crashing").exists():
        command = [sys.executable, "-c", "raise SystemExit('error: it crashes')"]
    noted = '"$@" > log 2>&1; echo $? > exit'
    own = dict(v.split("=", 1) for v in value(arguments, VARIABLE))
    started = subprocess.Popen(
        ["/bin/sh", "-c", noted, "sh", *command],
        cwd=folder,
        env=os.environ | own | {"PYTHONPATH": str(folder / "src")},
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    (folder / "process").write_text(str(started.pid))
    sys.stdout.write(folder.name)


def port(arguments: list[str]) -> None:
    sys.stdout.write(f"127.0.0.1:{container(arguments[1], 'port')}")


def state(arguments: list[str]) -> None:
    folder = STATE / "containers" / arguments[-1]
    if not folder.exists():
        images = json.loads((STATE / "images.json").read_text())
        sys.stdout.write(json.dumps(about(images.get(arguments[-1]) or sys.exit(1))))
    else:
        sys.stdout.write("false" if (folder / "exit").exists() else "true")


def logs(arguments: list[str]) -> None:
    sys.stdout.write(container(arguments[-1], "log"))


def rm(arguments: list[str]) -> None:
    import signal

    process = int(container(arguments[-1], "process"))
    (STATE / "containers" / arguments[-1] / "process").unlink()
    try:
        os.killpg(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def container(name: str, what: str) -> str:
    path = STATE / "containers" / name / what
    return path.read_text() if path.exists() else sys.exit(f"no such container: {name}")


IMAGES = {"build": build, "tag": tag, "push": push, "pull": pull}
CONTAINERS = {"run": run, "port": port, "inspect": state, "logs": logs, "rm": rm}

if __name__ == "__main__":
    main(sys.argv[1:])
