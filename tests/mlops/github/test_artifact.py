"""What a run left is unpacked by a list of names, or not at all."""

import io
import random
import stat
import zipfile
from pathlib import Path

import pytest

from mlops.github import artifact
from mlops.github.api import Api
from mlops.github.artifact import MIB, RejectedError
from tests.mlops.github.conftest import RUN, without_bytes
from tests.mlops.github.server import GitHub, zipped

GOOD = {"verdict.json": b"{}"}


def of_entry(entry: zipfile.ZipInfo | str, content: bytes = b"{}", method: int = 0) -> bytes:
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w", method) as archive:
        archive.writestr(entry, content)
    return bundle.getvalue()


def link(name: str, target: bytes) -> bytes:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return of_entry(entry, target)


def encrypted() -> bytes:
    content = bytearray(of_entry("verdict.json"))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + place] |= 1
    return bytes(content)


def understated(content: bytes, says: int) -> bytes:
    """An archive whose directory states another size than its entry unpacks to."""
    packed = bytearray(of_entry("verdict.json", content, zipfile.ZIP_DEFLATED))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = packed.index(signature) + place
        packed[at : at + 4] = says.to_bytes(4, "little")
    return bytes(packed)


def twice() -> bytes:
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("dvc.lock", b"one")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("dvc.lock", b"two")
    return bundle.getvalue()


def test_the_expected_file_is_unpacked() -> None:
    assert artifact.unpack(zipped(GOOD), "verdict") == GOOD


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (of_entry("../verdict.json"), "a path that is not expected"),
        (of_entry("/verdict.json"), "a path that is not expected"),
        (of_entry("..\\verdict.json"), "a path that is not expected"),
        (of_entry("C:verdict.json"), "a path that is not expected"),
        (of_entry("verdict.json/../../.bashrc"), "a path that is not expected"),
        (of_entry("Verdict.JSON"), "a path that is not expected"),
        (of_entry("verdict.json\n"), "a path that is not expected"),
        (link("verdict.json", b"/etc/passwd"), "no plain file"),
        (zipped(GOOD | {"more.json": b"{}"}), "has 2 files, expected 1 to 1"),
        (zipped({}), "has 0 files"),
        (encrypted(), "encrypted"),
        (of_entry("verdict.json", b"x" * 100, zipfile.ZIP_BZIP2), "size cannot be bounded"),
        (of_entry("verdict.json", b"x" * 100, zipfile.ZIP_LZMA), "size cannot be bounded"),
        (zipped({"verdict.json": b" " * (3 * MIB)}), "larger than 2,097,152 bytes"),
        (understated(b" " * (60 * MIB), says=0xFFFFFFF0), "larger than 2,097,152 bytes"),
        (b"<html>not a zip</html>", "not a sound zip archive"),
        (zipped(GOOD)[:-30], "not a sound zip archive"),
        (b"", "not a sound zip archive"),
    ],
    ids=without_bytes,
)
def test_anything_else_is_rejected(archive: bytes, reason: str) -> None:
    with pytest.raises(RejectedError, match=reason):
        artifact.unpack(archive, "verdict")


def test_a_bomb_that_states_a_small_size_gives_no_more_than_that() -> None:
    """zipfile stops at the stated size, and then finds that the checksum is of something else."""
    bomb = understated(b" " * (60 * MIB), says=10)
    assert len(bomb) < MIB

    with pytest.raises(RejectedError, match="not a sound zip archive"):
        artifact.unpack(bomb, "verdict")


def test_many_files_are_bounded_together() -> None:
    half = b" " * (11 * MIB)

    with pytest.raises(RejectedError, match="unpacks to more than 20,971,520 bytes"):
        artifact.unpack(zipped({"metrics/a.json": half, "metrics/b.json": half}), "run")


def test_a_name_that_stands_twice_is_rejected() -> None:
    with pytest.raises(RejectedError, match=r"dvc\.lock twice"):
        artifact.unpack(twice(), "run")


def test_noise_is_never_more_than_rejected() -> None:
    """Whatever bytes are flipped, nothing but RejectedError comes out, or allowed files."""
    whole = zipped({"verdict.json": b'{"a": 1}' * 50})
    dice = random.Random(7)
    for _ in range(400):
        broken = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        try:
            files = artifact.unpack(bytes(broken), "verdict")
        except RejectedError:
            continue
        assert list(files) == ["verdict.json"]


def test_the_artifact_of_that_very_run_is_fetched(client: Api, github: GitHub) -> None:
    github.upload(RUN, "verdict", zipped({"verdict.json": b"first attempt"}))
    github.upload(RUN, "verdict", zipped({"verdict.json": b"second attempt"}))
    github.upload(RUN, "verdict2", zipped({"verdict.json": b"another name"}))
    github.upload(RUN + 1, "verdict", zipped({"verdict.json": b"another run"}))

    assert artifact.fetch(client, RUN, "verdict") == {"verdict.json": b"second attempt"}


def test_a_missing_or_expired_artifact_is_told_apart(client: Api, github: GitHub) -> None:
    with pytest.raises(RejectedError, match="is missing: the run stopped"):
        artifact.fetch(client, RUN, "verdict")

    github.upload(RUN, "verdict", zipped(GOOD)).expired = True
    with pytest.raises(RejectedError, match="has expired"):
        artifact.fetch(client, RUN, "verdict")


def test_50_megabytes_are_not_even_downloaded(client: Api, github: GitHub) -> None:
    stored = github.upload(RUN, "verdict", b"x" * (50 * MIB))

    with pytest.raises(RejectedError, match="has 52,428,800 bytes, 2,097,152 are allowed"):
        artifact.fetch(client, RUN, "verdict")

    assert f"GET actions/artifacts/{stored.id}/zip" not in github.calls


def test_50_megabytes_that_are_listed_as_few_are_stopped_on_the_way(
    client: Api, github: GitHub
) -> None:
    github.upload(RUN, "verdict", b"x" * (50 * MIB), size=100)

    with pytest.raises(RejectedError, match="larger than 2,097,152 bytes"):
        artifact.fetch(client, RUN, "verdict")


RESULTS = {
    "dvc.lock": b"schema: '2.0'\n",
    "metrics/test.json": b"{}",
    "reports/model_card.md": b"# Card",
    "reports/plots/roc.csv": b"x,y",
}


def test_the_results_of_a_run_are_laid_where_they_belong(
    client: Api, github: GitHub, tmp_path: Path
) -> None:
    github.upload(RUN, "run", zipped(RESULTS))
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "test.json").write_text("old")

    written = artifact.download("run", RUN, tmp_path, client)

    assert {p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in written} == RESULTS


@pytest.mark.parametrize(
    "path",
    [
        "src/mlops/errors.py",
        ".github/workflows/pull-request.yml",
        "dvc.yaml",
        "metrics/../.git/config",
        "reports/page.html",
        "artifacts/model.joblib",
        "metrics/deep/test.json",
    ],
)
def test_nothing_is_written_when_one_path_is_not_a_result(
    client: Api, github: GitHub, tmp_path: Path, path: str
) -> None:
    github.upload(RUN, "run", zipped(RESULTS | {path: b"x"}))
    into = tmp_path / "into"
    into.mkdir()

    with pytest.raises(RejectedError, match="not expected"):
        artifact.download("run", RUN, into, client)

    assert list(into.iterdir()) == []


def test_a_link_in_the_work_tree_is_not_followed_out_of_it(
    client: Api, github: GitHub, tmp_path: Path
) -> None:
    github.upload(RUN, "run", zipped(RESULTS))
    (tmp_path / "outside").mkdir()
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "metrics").symlink_to(tmp_path / "outside")

    with pytest.raises(RejectedError, match="leads out of"):
        artifact.download("run", RUN, tmp_path / "into", client)

    assert list((tmp_path / "outside").iterdir()) == []
