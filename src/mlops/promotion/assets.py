"""What a release page holds: all that is needed to serve, to judge and to trace a version."""

import gzip
import io
import shutil
import tarfile
from pathlib import Path

from mlops.files import read_json, replacing, write_json, write_text
from mlops.package import exported, sbom
from mlops.promotion.candidate import ASSETS, SMOKE, VERDICT, Candidate
from mlops.registry.record import Image, Version
from mlops.report.release import stamped
from mlops.stages import METRICS, REPORTS

CARD = REPORTS / "model_card.md"


def of_the_run() -> None:
    """Gather what the judged run left; with it, another job can release it.

    The exported model as an archive and its manifest, all metrics in one file, and the verdict.
    """
    ASSETS.mkdir(parents=True, exist_ok=True)
    archive(exported.FOLDER, ASSETS / "export.tar.gz")
    shutil.copyfile(exported.FOLDER / "manifest.json", ASSETS / "manifest.json")
    metrics = {path.stem: read_json(path) for path in sorted(METRICS.glob("*.json"))}
    write_json(ASSETS / "metrics.json", metrics)
    shutil.copyfile(VERDICT, ASSETS / "verdict.json")


def of_the_image(judged: Candidate, made: Image) -> None:
    """Add the image's bill of materials, which is attested as well."""
    sbom.write(ASSETS / "sbom.cdx.json", made, judged.facts, judged.version)


def of_the_version(version: Version) -> list[Path]:
    """Add lineage, the stamped card and the smoke test's result; every asset, by name."""
    write_text(ASSETS / "lineage.json", version.model_dump_json(indent=2))
    write_text(ASSETS / "model_card.md", stamped(CARD.read_text("utf-8"), version))
    shutil.copyfile(SMOKE, ASSETS / "smoke.json")
    return sorted(path for path in ASSETS.iterdir() if path.is_file())


def archive(folder: Path, target: Path) -> None:
    """A .tar.gz of a folder's files: the same bytes for the same files, whoever packs them."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as bundle:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = tarfile.TarInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}")
            entry.size, entry.mode = path.stat().st_size, 0o644
            with path.open("rb") as content:
                bundle.addfile(entry, content)
    with replacing(target) as scratch:
        scratch.write_bytes(gzip.compress(packed.getvalue(), mtime=0))
