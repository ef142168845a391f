"""gh is asked the right question, and its answer is believed."""

import json
import sys
from pathlib import Path

import pytest

from mlops.promotion.attestation import check
from mlops.registry.errors import RegistryError
from mlops.registry.record import Image

IMAGE = Image(
    name="ghcr.io/owner/name", digest=f"sha256:{'d' * 64}", base="python:3.11-slim", attested=False
)
COMMIT = "c" * 40
GH = """\
import json, os, sys
from pathlib import Path
place = Path(sys.argv[0]).parent
with (place / "calls").open("a") as calls:
    calls.write(json.dumps([os.environ["GH_TOKEN"], *sys.argv[1:]]) + "\\n")
refused = (place / "refused").read_text() if (place / "refused").exists() else ""
if refused and refused in sys.argv:
    sys.exit("Loaded digest\\nError: no attestations found")
"""


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "gh"
    program.write_text(f"#!{sys.executable}\n{GH}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/name")
    monkeypatch.setenv("GITHUB_TOKEN", "a-token")
    return tmp_path


def test_who_built_it_and_what_is_in_it_are_verified_for_this_workflow_and_commit(
    gh: Path,
) -> None:
    check(IMAGE, COMMIT)

    calls = [json.loads(line) for line in (gh / "calls").read_text().splitlines()]
    assert {call[-1] for call in calls} == {
        "https://slsa.dev/provenance/v1",
        "https://cyclonedx.org/bom",
    }
    for token, *asked in calls:
        assert token == "a-token"
        assert asked[:3] == ["attestation", "verify", f"oci://ghcr.io/owner/name@{IMAGE.digest}"]
        pairs = dict(zip(asked[3::2], asked[4::2], strict=True))
        assert pairs["--repo"] == "owner/name"
        assert pairs["--signer-workflow"] == "owner/name/.github/workflows/promote.yml"
        assert pairs["--source-digest"] == COMMIT


@pytest.mark.parametrize(
    ("predicate", "named"),
    [
        ("https://slsa.dev/provenance/v1", "the provenance of"),
        ("https://cyclonedx.org/bom", "the SBOM of"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_ghs_words(gh: Path, predicate: str, named: str) -> None:
    (gh / "refused").write_text(predicate)

    with pytest.raises(RegistryError, match=f"{named}.*no attestations found"):
        check(IMAGE, COMMIT)


def test_without_gh_it_says_where_to_get_it(gh: Path) -> None:
    (gh / "gh").unlink()

    with pytest.raises(RegistryError, match=r"https://cli\.github\.com"):
        check(IMAGE, COMMIT)
