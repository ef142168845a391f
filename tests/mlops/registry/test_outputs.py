"""The outputs that a champion is asked by, on their way through its release."""

import gzip
import hashlib
import io
import shutil
import tarfile
from pathlib import Path

import pytest

from mlops import dvc
from mlops.registry import outputs
from mlops.registry.errors import RegistryError

CONTENTS = {
    "artifacts/predictions.parquet": b"predictions" * 100,
    "artifacts/model.joblib": b"a model",
    "artifacts/baselines.joblib": b"two baselines",
    "artifacts/train.parquet": b"rows" * 1000,
    "artifacts/features.parquet": b"not needed for it",
}
NEEDED = list(CONTENTS)[:4]


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def place(content: bytes) -> Path:
    """Where the cache has it."""
    return dvc.CACHE / md5(content)[:2] / md5(content)[2:]


def lock(contents: dict[str, bytes]) -> str:
    outs = [f"{{path: {p}, md5: {md5(c)}, size: {len(c)}}}" for p, c in contents.items()]
    return f"stages:\n  all:\n    outs: [{', '.join(outs)}]\n"


@pytest.fixture(autouse=True)
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A pipeline that ran in the current directory; the text of its dvc.lock."""
    monkeypatch.chdir(tmp_path)
    for content in CONTENTS.values():
        place(content).parent.mkdir(parents=True, exist_ok=True)
        place(content).write_bytes(content)
    Path("dvc.lock").write_text(lock(CONTENTS))
    return lock(CONTENTS)


def cached() -> list[Path]:
    return sorted(path for path in dvc.CACHE.rglob("*") if path.is_file())


def archive(*entries: tuple[str, bytes], **changes: object) -> Path:
    """An archive of these entries; `changes` are those to each header."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as bundle:
        for name, content in entries:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            for key, value in changes.items():
                setattr(entry, key, value)
            bundle.addfile(entry, io.BytesIO(content))
    path = Path("given.tar.gz")
    path.write_bytes(gzip.compress(packed.getvalue()))
    return path


def as_packed(content: bytes) -> tuple[str, bytes]:
    return f"files/md5/{md5(content)[:2]}/{md5(content)[2:]}", content


def test_what_is_packed_comes_back_on_another_machine(ran: str) -> None:
    packed = outputs.pack(Path("assets"))
    assert packed == Path("assets/pipeline-outputs.tar.gz")
    shutil.rmtree(dvc.CACHE)

    assert outputs.restore(packed, ran) == NEEDED

    assert {path: place(CONTENTS[path]).read_bytes() for path in NEEDED} == {
        path: CONTENTS[path] for path in NEEDED
    }
    assert len(cached()) == len(NEEDED)
    assert list(Path(".mlops").iterdir()) == []


def test_the_same_outputs_give_the_same_bytes(ran: str) -> None:
    first = outputs.pack(Path("first")).read_bytes()
    for path in cached():
        path.write_bytes(path.read_bytes())  # now of another time

    assert outputs.pack(Path("second")).read_bytes() == first


def test_only_what_fits_is_packed_the_predictions_before_the_rows(
    ran: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(outputs, "LARGEST", 1500)

    packed = outputs.pack(Path())

    assert outputs.restore(packed, ran) == NEEDED[:3]
    assert "artifacts/train.parquet is too large" in capsys.readouterr().out


def test_what_the_cache_lacks_cannot_be_packed(ran: str) -> None:
    place(CONTENTS["artifacts/model.joblib"]).unlink()

    with pytest.raises(RegistryError, match=r"artifacts/model.joblib is not in the DVC cache"):
        outputs.pack(Path())

    assert not Path(outputs.NAME).exists()


def test_a_damaged_object_is_not_packed(ran: str) -> None:
    place(CONTENTS["artifacts/model.joblib"]).write_bytes(b"another")

    with pytest.raises(RegistryError, match="is not what its name says"):
        outputs.pack(Path())


def test_without_a_lock_there_is_nothing_to_pack() -> None:
    Path("dvc.lock").unlink()

    with pytest.raises(RegistryError, match=r"dvc.lock names no artifacts/predictions.parquet"):
        outputs.pack(Path())


MODEL = CONTENTS["artifacts/model.joblib"]
BAD = {
    "another object": [as_packed(b"anything")],
    "an output that is not needed": [as_packed(CONTENTS["artifacts/features.parquet"])],
    "a path elsewhere": [("../../../etc/passwd", MODEL)],
    "an absolute path": [("/etc/passwd", MODEL)],
    "a good one and a bad one": [as_packed(MODEL), ("README.md", b"words")],
    "the same twice": [as_packed(MODEL), as_packed(MODEL)],
    "another size": [(as_packed(MODEL)[0], b"another model")],
    "another content": [(as_packed(MODEL)[0], b"A MODEL")],
}


@pytest.mark.parametrize("entries", BAD.values(), ids=BAD)
def test_anything_else_in_it_is_refused_with_all_the_rest(
    ran: str, entries: list[tuple[str, bytes]]
) -> None:
    shutil.rmtree(dvc.CACHE)

    with pytest.raises(RegistryError, match="nothing of it is used"):
        outputs.restore(archive(*entries), ran)

    assert cached() == []


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE]
)
def test_only_plain_files_are_taken(ran: str, kind: bytes) -> None:
    given = archive((as_packed(MODEL)[0], b""), type=kind, linkname="/etc/passwd")

    with pytest.raises(RegistryError, match="nothing of it is used"):
        outputs.restore(given, ran)


def test_what_unpacks_to_more_than_the_lock_allows_is_not_unpacked(ran: str) -> None:
    given = Path("given.tar.gz")
    given.write_bytes(gzip.compress(bytes(10_000_000)))

    with pytest.raises(RegistryError, match="unpacks to more"):
        outputs.restore(given, ran)

    assert list(Path(".mlops").iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", gzip.compress(b"no tar" * 100), gzip.compress(bytes(9999))[:-9]],
    ids=["nothing", "no gzip", "no tar", "cut off"],
)
def test_what_is_no_archive_is_told(ran: str, content: bytes) -> None:
    given = Path("given.tar.gz")
    given.write_bytes(content)

    with pytest.raises(RegistryError, match=r"given.tar.gz is not a sound archive"):
        outputs.restore(given, ran)


@pytest.mark.parametrize("text", ["", "[broken", "stages: 1", "stages: {a: {outs: [{path: x}]}}"])
def test_a_lock_that_names_nothing_lets_nothing_in(text: str) -> None:
    with pytest.raises(RegistryError, match=r"unpacks to more|nothing of it is used"):
        outputs.restore(archive(as_packed(MODEL)), text)
