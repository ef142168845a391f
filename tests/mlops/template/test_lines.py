"""Changes of lines that stand for themselves, side by side."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.template.lines import merge

BASE = "a: 1\nb: 2\nc: 3\n"


@pytest.mark.parametrize(
    ("ours", "theirs", "merged"),
    [
        ("a: 1\nb: 9\nc: 3\n", "a: 1\nb: 2\nnew: 0\nc: 3\n", "a: 1\nb: 9\nnew: 0\nc: 3\n"),
        ("a: 1\nb: 9\nc: 3\n", "a: 1\nnew: 0\nb: 2\nc: 3\n", "a: 1\nnew: 0\nb: 9\nc: 3\n"),
        ("a: 9\nb: 2\nc: 3\n", "a: 1\nb: 8\nc: 3\n", "a: 9\nb: 8\nc: 3\n"),
        ("a: 9\nb: 2\nc: 3\n", "a: 1\nc: 3\n", "a: 9\nc: 3\n"),
        ("a: 1\nb: 9\nc: 3\n", "a: 1\nb: 9\nc: 4\n", "a: 1\nb: 9\nc: 4\n"),
        (BASE, "", ""),
    ],
    ids=["added below", "added above", "next to it", "removed beside", "both the same", "emptied"],
)
def test_both_are_kept(ours: str, theirs: str, merged: str) -> None:
    assert merge(BASE, ours, theirs) == merged
    assert merge(BASE, theirs, ours) == merged


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("a: 1\nb: 9\nc: 3\n", "a: 1\nb: 8\nc: 3\n"),
        ("a: 1\nb: 9\nc: 3\n", "a: 1\nc: 3\n"),
        ("a: 1\nmine: 0\nb: 2\nc: 3\n", "a: 1\nnew: 0\nb: 2\nc: 3\n"),
        ("c: 3\n", "a: 1\nnew: 0\nb: 2\nc: 3\n"),
    ],
    ids=["changed twice", "changed and removed", "added in one place", "added into what is gone"],
)
def test_the_same_place_is_for_a_person(ours: str, theirs: str) -> None:
    assert merge(BASE, ours, theirs) is None
    assert merge(BASE, theirs, ours) is None


TEXTS = st.lists(st.sampled_from("abcdef"), max_size=6).map(
    lambda lines: "".join(f"{line}\n" for line in lines)
)


@given(TEXTS, TEXTS)
def test_what_one_side_alone_changed_is_taken(base: str, ours: str) -> None:
    assert merge(base, ours, base) == ours == merge(base, base, ours)


@pytest.mark.parametrize("seed", range(12))
def test_it_is_what_git_makes_wherever_git_has_no_conflict(tmp_path: Path, seed: int) -> None:
    """Far apart, changes of either side are merged as `git merge-file` does."""
    base = [f"{n}: 0\n" for n in range(30)]
    ours, theirs = base.copy(), base.copy()
    ours[seed] = "ours\n"
    theirs[seed + 10 : seed + 12] = ["theirs\n"] * (seed % 4)
    texts = ["".join(lines) for lines in (ours, base, theirs)]
    paths = [tmp_path / name for name in ("ours", "base", "theirs")]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    done = subprocess.run(
        ["git", "merge-file", "-p", *map(str, paths)], capture_output=True, text=True, check=True
    )

    assert merge(texts[1], texts[0], texts[2]) == done.stdout
