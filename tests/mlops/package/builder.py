"""A stand-in for docker, podman or buildah, as it is called: tells of its images, and builds.

It lies in bin/ of a folder that holds what it has (images.json, by name), what its registry has
(remote.json), and what it was asked (calls). What it prints has the form of podman 4.3, buildah
1.28 and docker 28.
"""

import json
import sys
from pathlib import Path
from typing import Any

NAME, STATE = Path(sys.argv[0]).name, Path(sys.argv[0]).parents[1]
TAG = "--tag="


def main(arguments: list[str]) -> None:
    with (STATE / "calls").open("a") as calls:
        calls.write(json.dumps([NAME, *arguments]) + "\n")
    if (STATE / f"{NAME}.broken").exists():
        sys.exit("Cannot connect to the daemon")
    images = json.loads((STATE / "images.json").read_text())
    last = arguments[-1]
    if arguments[0] == "pull":
        images[last] = json.loads((STATE / "remote.json").read_text()).get(last) or sys.exit(125)
    elif arguments[0] == "build":
        tag = next(a.removeprefix(TAG) for a in arguments if a.startswith(TAG))
        build(Path(last))
        if not (STATE / "keeping").exists():
            images[tag] = {"id": "b" * 64, "digest": f"sha256:{'d' * 64}", "size": 338_000_000}
    elif "inspect" in arguments:
        sys.stdout.write(json.dumps(about(images.get(last) or sys.exit(1))))
    elif arguments[:2] == ["images", "--json"]:
        found = [image for image in images.values() if image["id"] == last]
        sys.stdout.write(json.dumps([{"size": f"{image['size'] / 1e6:.0f} MB"} for image in found]))
    (STATE / "images.json").write_text(json.dumps(images))


def build(context: Path) -> None:
    if (STATE / "failing").exists():
        sys.exit(7)
    found = sorted(p.relative_to(context).as_posix() for p in context.rglob("*") if p.is_file())
    (STATE / "context.json").write_text(json.dumps(found))
    stamped = context / "artifacts/export/build.json"
    if stamped.exists():
        (STATE / "build.json").write_bytes(stamped.read_bytes())


def about(image: dict[str, Any]) -> Any:
    if NAME == "buildah":
        return {"FromImageID": image["id"], "FromImageDigest": image["digest"]}
    if NAME == "podman":
        return [{"Id": image["id"], "Digest": image["digest"], "Size": image["size"]}]
    pushed = [f"any@{image['digest']}"] if image["digest"] else []
    return [{"Id": f"sha256:{image['id']}", "RepoDigests": pushed, "Size": image["size"]}]


if __name__ == "__main__":
    main(sys.argv[1:])
