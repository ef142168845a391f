"""Upload what PATHS match, as the action of that name does."""

import io
import os
import zipfile
from pathlib import Path
from urllib.request import Request, urlopen

found: list[Path] = []
places: list[Path] = []
for line in os.environ["PATHS"].split():
    for path in sorted(Path().glob(line)):
        places.append(path if path.is_dir() else path.parent)
        found += [p for p in sorted(path.rglob("*")) if p.is_file()] if path.is_dir() else [path]
if os.environ["HIDDEN"] != "true":
    found = [path for path in found if not any(part.startswith(".") for part in path.parts)]
if not found:
    raise SystemExit(0)  # the action warns, and goes on
if os.environ["ARCHIVE"] == "false":
    (only,) = found
    name, content = only.name, only.read_bytes()
else:
    bundle = io.BytesIO()
    root = Path(os.path.commonpath(places))  # as the action roots them
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in found:
            archive.write(path, path.relative_to(root))
    name, content = os.environ["NAME"], bundle.getvalue()
address = f"{os.environ['LOOPBACK']}/upload/{os.environ['LOOPBACK_RUN']}/{name}"
urlopen(Request(address, content, method="POST")).close()
