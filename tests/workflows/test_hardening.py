"""What stands beside the workflows: installs, updates, linters, owners. A lapse is noticed."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mlops.github.labels import LABELS
from mlops.judge import changes
from tests.conftest import ROOT
from tests.test_links import anchors
from tests.workflows.conftest import ACTIONS, WORKFLOWS, git, load
from tests.workflows.test_rules import jobs

A_WEEK = 7
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def logical_lines(text: str) -> Iterator[str]:
    """The lines of a Makefile or Dockerfile, continued ones in one piece, comments left out."""
    kept = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    yield from "\n".join(kept).replace("\\\n", " ").splitlines()


# --- S1: what is installed is what was locked ----------------------------------------------------


def installs_without_hashes(text: str) -> list[str]:
    """All but that of this project itself, which brings no dependency along."""
    return [
        line.strip()
        for line in logical_lines(text)
        if re.search(r"pip3? (install|sync)\b", line)
        and "--require-hashes" not in line
        and not re.search(r"--no-deps -e \.$", line.strip())
    ]


def bases_that_may_be_anything(text: str) -> list[str]:
    """Images that are not the one ARG BASE, a stage, or fixed by digest."""
    lines = list(logical_lines(text))
    stages = [found[1] for line in lines if (found := re.search(r"^FROM .+ AS (\S+)$", line))]
    digest = r"@sha256:[0-9a-f]{64}"
    used = [line.split()[1] for line in lines if line.startswith("FROM ")]
    named = [found[1] for line in lines if (found := re.match(r"ARG BASE=(\S+)$", line))]
    return [
        image
        for image in [*used, *named]
        if image not in ("${BASE}", *stages)
        and not re.search(rf"{digest}$", image)
        # a tag, until `mlops pin` has asked a registry which image that is
        and not (image in named and re.fullmatch(r"[\w./-]+/[\w.-]+:[\w.-]+", image))
    ]


def pins_without_hash(text: str) -> list[str]:
    pins = [line for line in logical_lines(text) if line.strip()]
    exact = re.compile(r"^[\w.\[\]-]+==\S+( ; .+?)?( +--hash=sha256:[0-9a-f]{64})+$")
    return [line for line in pins if not exact.match(line.strip())]


def test_everything_is_installed_by_hash() -> None:
    for name in ("Makefile", "Dockerfile"):
        assert installs_without_hashes((ROOT / name).read_text()) == [], name
    for lock in LOCKS:
        assert pins_without_hash(lock.read_text()) == [], lock.name
    assert {lock.name for lock in LOCKS} == {"dev.txt", "run.txt", "serve.txt", "uv.txt"}


def test_the_image_is_built_on_one_base_and_from_wheels_alone() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()

    assert bases_that_may_be_anything(dockerfile) == []
    (installed,) = [line for line in logical_lines(dockerfile) if "pip install" in line]
    assert {"--only-binary=:all:", "--no-deps"} <= set(installed.split())


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (installs_without_hashes, "RUN python3 -m pip install \\\n  --quiet starlette"),
        (installs_without_hashes, "\t@$(UV) pip sync requirements/dev.txt"),
        (installs_without_hashes, "\t@uv pip install -e ."),
        (bases_that_may_be_anything, "FROM python:3.11"),
        (bases_that_may_be_anything, "ARG BASE=python\nFROM ${BASE}"),
        (bases_that_may_be_anything, "FROM ${OTHER} AS one\nFROM one"),
        (pins_without_hash, "jinja2==3.1.6"),
        (pins_without_hash, f"jinja2>=3 --hash=sha256:{'a' * 64}"),
        (pins_without_hash, "--index-url https://example.org/simple"),
        (pins_without_hash, f"jinja2 @ https://example.org/j.whl --hash=sha256:{'a' * 64}"),
    ],
)
def test_what_is_not_fixed_is_noticed(rule: Callable[[str], list[str]], text: str) -> None:
    assert rule(text)


# --- S9: linters, and updates that are not the newest --------------------------------------------


def hooks() -> dict[str, dict[str, Any]]:
    (local,) = YAML(typ="safe").load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    return {hook["id"]: hook for hook in local["hooks"]}


def test_a_pull_request_with_a_finding_of_a_linter_is_red() -> None:
    """The hooks are what `make check` runs, which the required job waits for."""
    document = load(ROOT / ".github" / "workflows" / "pull-request.yml")
    ran = [step.get("run") for step in document["jobs"]["checks"]["steps"]]
    makefile = (ROOT / "Makefile").read_text()

    assert "make check" in ran
    assert "checks" in document["jobs"]["required"]["needs"]
    assert re.search(r"^check:.*\n\t@pre-commit run --all-files$", makefile, re.MULTILINE)
    zizmor = hooks()["workflow-security"]
    assert zizmor["entry"].startswith(".venv/bin/zizmor ")
    assert zizmor["entry"].endswith(" .github")
    assert not zizmor["pass_filenames"]
    assert "--no-exit-codes" not in zizmor["entry"]
    assert hooks()["workflows"]["entry"].startswith(".venv/bin/actionlint ")


def hasty(updates: dict[str, Any]) -> list[str]:
    """The kinds of which a version may be proposed that is younger than a week."""
    return [
        entry["package-ecosystem"]
        for entry in updates["updates"]
        if min(entry.get("cooldown", {"default-days": 0}).values()) < A_WEEK
    ]


def test_an_update_is_a_week_old_grouped_and_looks_everywhere() -> None:
    document = load(ROOT / ".github" / "dependabot.yml")
    entries = {entry["package-ecosystem"]: entry for entry in document["updates"]}

    assert hasty(document) == []
    assert set(entries) == {"github-actions", "pip"}
    assert entries["github-actions"]["directories"] == ["/", "/.github/actions/*"]
    assert {path.parents[1] for path in ACTIONS} == {ROOT / ".github" / "actions"}
    assert entries["pip"]["directory"] == f"/{LOCKS[0].parent.name}"
    for entry in entries.values():
        groups = entry["groups"].values()
        assert any(group["patterns"] == ["*"] for group in groups)
        assert entry["schedule"]["interval"] == "weekly"
        assert int(entry["schedule"]["time"].split(":")[1]) % 15


@pytest.mark.parametrize(
    "cooldown", [{}, {"default-days": 3}, {"default-days": 7, "semver-patch-days": 1}]
)
def test_an_update_without_a_cool_down_is_noticed(cooldown: dict[str, int]) -> None:
    entry = {"package-ecosystem": "pip"} | ({"cooldown": cooldown} if cooldown else {})

    assert hasty({"updates": [entry]}) == ["pip"]


def test_a_lock_takes_nothing_that_is_younger_than_a_week() -> None:
    makefile = (ROOT / "Makefile").read_text()
    waits = re.search(r"^COOLDOWN \?= (\d+) days\b", makefile, re.MULTILINE)

    assert waits is not None
    assert int(waits[1]) >= A_WEEK
    assert "\nlock: export UV_EXCLUDE_NEWER = $(strip $(COOLDOWN))\n" in makefile


def test_what_github_offers_is_used_and_asked_for_first() -> None:
    document = load(ROOT / ".github" / "workflows" / "security.yml")
    used = {
        name: [s["uses"].split("@")[0] for s in job["steps"] if "uses" in s]
        for name, job in document["jobs"].items()
    }
    conditions = {name: job.get("if") for name, job in document["jobs"].items()}

    assert "actions/dependency-review-action" in used["dependencies"]
    assert "github/codeql-action/analyze" in used["codeql"]
    assert "ossf/scorecard-action" in used["scorecard"]
    begun = next(s for s in document["jobs"]["codeql"]["steps"] if "init@" in s["uses"])
    assert set(begun["with"]["languages"].split(", ")) == {"actions", "python"}
    weekly = [entry["cron"].split() for entry in document["on"]["schedule"]]
    assert [(day, month) for _, _, day, month, _ in weekly] == [("*", "*")]
    assert weekly[0][4] != "*"
    asked = {"dependencies": "review", "codeql": "codeql", "scorecard": "scorecard"}
    for job, output in asked.items():
        assert conditions[job] == f"needs.plan.outputs.{output} == 'true'"
    assert set(document["jobs"]["plan"]["outputs"]) == set(asked.values())


# --- S10: what is released stays as it is --------------------------------------------------------

DELETED = {
    "post.py": "a comment beside the one of a pull request",
    "releases.py": "an upload that broke off, of a draft",
}


def deletions(source: str) -> list[str]:
    """Calls that delete something on GitHub, or push over what is there."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    said = [ast.unparse(call) for call in calls]
    deleting = re.compile(r"\.send\('DELETE'|'force': True|'tag', '(-d|-f|--delete|--force)")
    plain = re.compile(r"'push'.*'(-f|--force|--delete|--mirror)'")
    return [text for text in said if deleting.search(text) or plain.search(text)]


def test_nothing_moves_or_deletes_a_tag_or_a_release() -> None:
    found = {
        path.name: found
        for path in sorted((ROOT / "src" / "mlops").rglob("*.py"))
        if (found := deletions(path.read_text()))
    }

    assert found.keys() == DELETED.keys()
    assert [len(calls) for calls in found.values()] == [1, 1]
    assert "issues/comments/" in found["post.py"][0]
    assert "releases/assets/" in found["releases.py"][0]


@pytest.mark.parametrize(
    "source",
    [
        "api.send('DELETE', f'releases/{number}')",
        "api.send('PATCH', 'git/refs/tags/v1', {'sha': sha, 'force': True})",
        "run(['git', 'push', '--force', 'origin', tag])",
        "run(['git', 'tag', '-d', tag])",
    ],
)
def test_what_does_is_noticed(source: str) -> None:
    assert deletions(source)


# --- S11: who looks at a change of what judges ---------------------------------------------------


def owned() -> list[str]:
    """The patterns of CODEOWNERS, whether an owner is known yet or not."""
    lines = (ROOT / ".github" / "CODEOWNERS").read_text().splitlines()
    return [found[1] for line in lines if (found := RULE.match(line))]


RULE = re.compile(r"^(?:# )?(/\S+) +@[\w-]+(?:/[\w.-]+)?$")


def covered(path: str, patterns: list[str]) -> bool:
    """As GitHub reads it: from the root, a folder with all that is in it, a file by its name."""
    return any(
        f"/{path}".startswith(pattern) if pattern.endswith("/") else f"/{path}" == pattern
        for pattern in patterns
    )


def test_owners_are_asked_about_all_that_judges_and_is_installed() -> None:
    patterns = owned()
    listed = tracked()

    judging = [path for path in listed if changes.judges(path)]
    assert len(judging) > 100
    also = ["dvc.yaml", "params.yaml", changes.SCHEMA, "Dockerfile", "pyproject.toml"]
    also += [path for path in listed if path.startswith(("requirements/", "src/serving/"))]
    assert [path for path in [*judging, *also] if not covered(path, patterns)] == []
    assert not covered("README.md", patterns)
    assert not covered("src/problem/model.py", patterns)


def test_each_pattern_of_codeowners_is_one_that_github_reads_and_that_means_something() -> None:
    lines = (ROOT / ".github" / "CODEOWNERS").read_text().splitlines()
    rules = [line for line in lines if "@" in line]

    assert [line for line in rules if not RULE.match(line)] == []
    assert not [pattern for pattern in owned() if re.search(r"[!\[\]\\*?]", pattern)]
    assert len(owned()) == len(set(owned())) == len(rules)
    for pattern in owned():
        path = ROOT / pattern.removeprefix("/")
        assert path.is_dir() if pattern.endswith("/") else path.is_file(), pattern


def test_owners_are_comments_until_there_is_one() -> None:
    text = (ROOT / ".github" / "CODEOWNERS").read_text()
    if "@OWNER" in text:
        assert all(line.startswith("#") for line in text.splitlines() if line)


def tracked() -> list[str]:
    """The files of the repository, but for what a machine makes for itself."""
    return git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()


# --- what people are told -------------------------------------------------------------------------

TEMPLATES = [
    ROOT / "SECURITY.md",
    ROOT / ".github" / "pull_request_template.md",
    *sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")),
]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_what_a_form_names_is_there(path: Path) -> None:
    text = path.read_text()
    for page in re.findall(r"\b(?:docs/[\w-]+\.md|SECURITY\.md)", text):
        assert (ROOT / page).is_file(), page
    for label in re.findall(r"`([\w-]+-approved)`|/reason ([\w-]+):", text):
        assert "".join(label) in LABELS
    if path.name == "pull_request_template.md":
        assert all(label in text for label in LABELS)


def test_a_form_sets_only_labels_that_a_new_repository_has() -> None:
    forms = [load(path) for path in TEMPLATES if path.suffix == ".yml" and path.stem != "config"]

    assert len(forms) == 3
    assert {label for form in forms for label in form["labels"]} <= {"bug", "enhancement"}


def test_links_of_security_md_lead_somewhere() -> None:
    for target, _, section in re.findall(r"\]\(([^)#]+)(#([^)]+))?\)", TEMPLATES[0].read_text()):
        assert (ROOT / target).is_file(), target
        assert not section or section in anchors(ROOT / target), section


def test_the_page_says_what_each_job_may_do() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    rows = re.findall(r"^\| `([\w-]+)` \| `([\w-]+)` \| (.+) \| (.+) \|$", text, re.MULTILINE)
    told = [(file, job, names(reads), names(writes)) for file, job, reads, writes in rows]

    assert told == [
        (path.stem, name, having(job, "read"), having(job, "write"))
        for path in WORKFLOWS
        for name, job in jobs(load(path))
    ]


def names(cell: str) -> set[str]:
    return set(re.findall(r"`([\w-]+)`", cell))


def having(job: dict[str, Any], level: str) -> set[str]:
    return {name for name, given in job["permissions"].items() if given == level}
