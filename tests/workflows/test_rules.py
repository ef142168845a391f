"""What every workflow keeps to, read from its file; each rule also catches what breaks it."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mlops.github import record, trigger
from tests.conftest import ROOT
from tests.workflows.conftest import ACTIONS, WORKFLOWS, load

Document = dict[str, Any]
PRIVILEGED = {
    "comment",
    "count",
    "record",
    "promote --release-hold",
    "promote package",
    "promote verify",
    "promote release",
    "promote champion",
    "promote outcome",
    "push",
    "rollback",
    "reconcile",
    "alert",
    "heartbeat",
    "retrain propose",
    "template propose",
    "tune propose",
}
"""The commands for tokens that can write: test_privileged.py looks at the code of each."""
UNTRUSTED = ("head_ref", ".title", ".body", "head.ref", "head_branch", "label.name", "message")
APP_KEY = "MLOPS_APP_KEY"
"""The one secret there may be; nothing waits for it."""
IDENTIFIED = {"promote package": "who signs an attestation is what it says, on any branch"}
"""Jobs that show who they are outside an environment, and why that opens nothing."""
CACHING = ("astral-sh/setup-uv", "actions/setup-node", "actions/setup-go", "actions/setup-java")
"""Actions that restore a cache unless they are told not to."""
DELIVERING = {"attestations", "contents", "id-token", "packages", "pages", "statuses"}
"""Writing these, half of it is worse than none: such a job is not cancelled."""


def jobs(document: Document) -> Iterator[tuple[str, Document]]:
    """All but those that call another workflow, whose own jobs are looked at there."""
    found = document.get("jobs", {})
    yield from ((name, job) for name, job in found.items() if "uses" not in job)


def steps(document: Document) -> Iterator[Document]:
    if "runs" in document:
        yield from document["runs"].get("steps", [])
    else:
        for _, job in jobs(document):
            yield from job.get("steps", [])


def events(document: Document) -> set[str]:
    """What starts a workflow: written as one name, a list, or a mapping."""
    on = document["on"]
    return {on} if isinstance(on, str) else set(on)


def written(job: Document) -> set[str]:
    """What a job may write."""
    permissions = job.get("permissions")
    if not isinstance(permissions, dict):
        return {"everything"}
    return {name for name, level in permissions.items() if level == "write"}


def pinned(document: Document, text: str) -> list[str]:
    """S1: a 40-hex SHA and the version it is, or an action or a workflow of this repository."""

    def good(used: str) -> bool:
        sha = re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", used)
        version = re.search(rf"{re.escape(used)} +# v\d+\.\d+\.\d+$", text, re.MULTILINE)
        return used.startswith("./") or bool(sha and version)

    users = [*steps(document), *document.get("jobs", {}).values()]
    return [one["uses"] for one in users if "uses" in one and not good(one["uses"])]


def images_by_digest(document: Document, _: str) -> list[str]:
    """S1: what a job runs in, or beside; a tag may mean another image tomorrow."""
    found = [document.get("runs", {}).get("image", "")]
    for _, job in jobs(document):
        beside = [job.get("container", ""), *job.get("services", {}).values()]
        found += [one.get("image", "") if isinstance(one, dict) else one for one in beside]
    found += [s["uses"] for s in steps(document) if s.get("uses", "").startswith("docker:")]
    return [image for image in found if image and not re.search(r"@sha256:[0-9a-f]{64}$", image)]


def nothing_installed_ad_hoc(document: Document, _: str) -> list[str]:
    """S1: packages come from requirements/, by hash."""
    banned = r"\b(pip|uv|uvx|pipx|npm|npx|apt|apt-get|brew|curl|wget|conda)\b"
    return [s["run"] for s in steps(document) if re.search(banned, s.get("run", ""))]


def nothing_by_default(document: Document, _: str) -> list[str]:
    """S2: no permission at the top, so that each job lists its own."""
    bad = [] if document.get("permissions") == {} else ["top level"]
    listed = {name: job.get("permissions") for name, job in document["jobs"].items()}
    return bad + [name for name, found in listed.items() if not isinstance(found, dict)]


def every_permission_has_a_reason(_: Document, text: str) -> list[str]:
    """S2: a comment on the line of each."""
    lines = re.findall(r"^ +(?:permission-)?[a-z-]+: (?:read|write)\b.*$", text, re.MULTILINE)
    return [line for line in lines if not re.search(r"# \w+ \w+", line)]


def never_pull_request_target(document: Document, _: str) -> list[str]:
    """S3."""
    return sorted(events(document) & {"pull_request_target"})


def credentials_do_not_stay(document: Document, _: str) -> list[str]:
    """S3: a checkout leaves no token in .git/config."""
    checkouts = [s for s in steps(document) if s.get("uses", "").startswith("actions/checkout@")]
    return [
        s["uses"] for s in checkouts if s.get("with", {}).get("persist-credentials") is not False
    ]


def no_expression_in_shell(document: Document, _: str) -> list[str]:
    """S4: values reach a command through its environment."""
    code = [(s.get("run", ""), s.get("with", {}).get("script", "")) for s in steps(document)]
    return [text for pair in code for text in pair if "${{" in text]


def nothing_untrusted_in_the_environment(document: Document, _: str) -> list[str]:
    """S4: neither in an `env` or `with`, nor written to the files that later steps read."""
    files = re.compile(r"GITHUB_(ENV|PATH|OUTPUT|STATE)")
    bad = [s["run"] for s in steps(document) if files.search(s.get("run", ""))]
    places = [document, *(job for _, job in jobs(document)), *steps(document)]
    values = [
        str(v) for place in places for key in ("env", "with") for v in place.get(key, {}).values()
    ]
    return bad + [v for v in values if any(part in v for part in UNTRUSTED)]


def every_job_ends(document: Document, _: str) -> list[str]:
    """S5."""
    return [name for name, job in jobs(document) if not 0 < job.get("timeout-minutes", 0) <= 60]


def a_pull_request_cancels_what_it_makes_obsolete(document: Document, _: str) -> list[str]:
    """S5: a push to it does, and a merge cancels nothing."""
    if "pull_request" not in events(document):
        return []
    found = document.get("concurrency", {})
    good = (
        found.get("cancel-in-progress") == "${{ github.event_name == 'pull_request' }}"
        and "${{ github.event.pull_request.number || github.sha }}" in found["group"]
    )
    return [] if good else ["concurrency"]


def each_job_has_its_turn(document: Document, _: str) -> list[str]:
    """S5: nothing runs beside itself, and what delivers is never cancelled."""
    whole = document.get("concurrency")
    cancels = {True, "true"}
    return [
        name
        for name, job in jobs(document)
        if not (turn := job.get("concurrency", whole))
        or (turn.get("cancel-in-progress") in cancels and written(job) & DELIVERING)
    ]


def one_secret_which_nothing_waits_for(document: Document, text: str) -> list[str]:
    """S6: an App's key, in a step that is skipped where there is no App, or handed on to one."""
    bad = [f for f in re.findall(r"secrets(?:\.\w+|\[)", text) if f != f"secrets.{APP_KEY}"]
    bad += re.findall(r"secrets: inherit", text)
    users = [s for s in steps(document) if "secrets." in str(s)]
    return bad + [str(s) for s in users if s.get("if") != "vars.MLOPS_APP_ID != ''"]


def identity_is_limited_to_an_environment(document: Document, _: str) -> list[str]:
    """S6: who can start a job on any branch does not get what a cloud gives to this repository."""
    return [
        name
        for name, job in jobs(document)
        if "id-token" in written(job)
        and "environment" not in job
        and f"{document['name']} {name}" not in IDENTIFIED
    ]


def caches_are_not_for_jobs_that_write(document: Document, _: str) -> list[str]:
    """S7: what another run has saved is not executed with a token that can write."""
    return [name for name, job in jobs(document) if written(job) and caches(job)]


def caches(job: Document) -> bool:
    """Whether a job restores or saves one, by an action or by an input of one."""
    return any(
        "cache" in s.get("uses", "")
        or s.get("uses", "").startswith(CACHING)
        or any("cache" in name for name in s.get("with", {}))
        for s in job.get("steps", [])
    )


def no_checkout_of_another_commit(document: Document, _: str) -> list[str]:
    """S11: a job has the code of the event that started it; none asks for a pull request's."""
    checkouts = [s for s in steps(document) if s.get("uses", "").startswith("actions/checkout@")]
    return [s["uses"] for s in checkouts if {"ref", "repository"} & set(s.get("with", {}))]


def privileged_jobs_run_what_is_listed(document: Document, _: str) -> list[str]:
    """S11: with a token that can write, no command that runs a pipeline or loads a pickle."""
    return [
        step["run"]
        for _, job in jobs(document)
        if written(job)
        for step in job.get("steps", [])
        if "run" in step and step["run"].removeprefix(".venv/bin/mlops ") not in PRIVILEGED
    ]


def a_pull_requests_code_cannot_write(document: Document, _: str) -> list[str]:
    """S11: beside it, a job that starts no program of the repository may upload what it read."""
    if "pull_request" not in events(document):
        return []
    return [
        name
        for name, job in jobs(document)
        if written(job) - {"security-events"}
        or (
            written(job)
            and any("run" in s or s.get("uses", "").startswith("./") for s in job["steps"])
        )
    ]


def the_token_is_for_single_steps(document: Document, _: str) -> list[str]:
    """S11: neither a workflow nor a job hands it to every program that runs there."""
    places = [document, *(job for _, job in jobs(document))]
    values = [str(v) for place in places for v in place.get("env", {}).values()]
    return [value for value in values if "github.token" in value or "secrets." in value]


def what_may_be_skipped_skips_nothing_else(document: Document, _: str) -> list[str]:
    """R1: a job without a word on the state of the run is skipped with any job before it."""
    found = document["jobs"]

    def before(name: str) -> set[str]:
        needs = found[name].get("needs", [])
        direct = {needs} if isinstance(needs, str) else set(needs)
        return direct.union(*(before(other) for other in direct))

    return [
        name
        for name, job in found.items()
        if any("if" in found[other] for other in before(name))
        and not re.search(r"!cancelled\(\)|always\(\)", str(job.get("if", "")))
    ]


def only_main_saves_a_cache(document: Document, _: str) -> list[str]:
    """S7: restoring and saving are two actions, and the second one is for pushes to main."""
    used = [(s.get("uses", ""), s.get("if")) for s in steps(document)]
    both = [u for u, _ in used if u.startswith("actions/cache@")]
    saved = [(u, c) for u, c in used if u.startswith("actions/cache/save@")]
    wanted = "${{ !cancelled() && github.event_name == 'push' }}"
    return both + [u for u, c in saved if c != wanted]


def runs_in_a_merge_queue_and_by_hand(document: Document, _: str) -> list[str]:
    """G7."""
    wanted = {"workflow_dispatch"}
    if "pull_request" in events(document):
        wanted.add("merge_group")
    return sorted(wanted - events(document))


def steps_are_commands_a_person_can_type(document: Document, _: str) -> list[str]:
    """One line, no shell logic, no script."""
    logic = re.compile(r"\n.|[|;&<>`]|\$\(|^(if|for|while|test|\[)\b")
    scripts = [s["uses"] for s in steps(document) if "script" in s.get("with", {})]
    return scripts + [s["run"] for s in steps(document) if logic.search(s.get("run", ""))]


Rule = Callable[[Document, str], list[str]]
OF_ALL: list[Rule] = [
    pinned,
    images_by_digest,
    nothing_installed_ad_hoc,
    credentials_do_not_stay,
    no_expression_in_shell,
    nothing_untrusted_in_the_environment,
    one_secret_which_nothing_waits_for,
    steps_are_commands_a_person_can_type,
]
OF_WORKFLOWS: list[Rule] = [
    nothing_by_default,
    every_permission_has_a_reason,
    never_pull_request_target,
    every_job_ends,
    a_pull_request_cancels_what_it_makes_obsolete,
    each_job_has_its_turn,
    identity_is_limited_to_an_environment,
    caches_are_not_for_jobs_that_write,
    no_checkout_of_another_commit,
    privileged_jobs_run_what_is_listed,
    a_pull_requests_code_cannot_write,
    the_token_is_for_single_steps,
    what_may_be_skipped_skips_nothing_else,
    only_main_saves_a_cache,
    runs_in_a_merge_queue_and_by_hand,
]


read = cache(load)


def name_of(value: Any) -> str:
    return value.__name__ if callable(value) else f"{value.parent.name}/{value.name}"


@pytest.mark.parametrize("rule", OF_ALL, ids=name_of)
@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=name_of)
def test_it_is_kept(rule: Rule, path: Path) -> None:
    assert rule(read(path), path.read_text()) == []


@pytest.mark.parametrize("rule", OF_WORKFLOWS, ids=name_of)
@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_it_is_kept_by_workflows(rule: Rule, path: Path) -> None:
    assert rule(read(path), path.read_text()) == []


BAD = """
name: bad
on: {pull_request: {}, pull_request_target: {}}
permissions: {contents: read}
env:
  TITLE: ${{ github.event.pull_request.title }}
  TOKEN: ${{ github.token }}
jobs:
  one:
    container: python:3.11
    permissions:
      contents: write
      id-token: write
    steps:
      - uses: actions/checkout@v7
        with: {ref: "${{ github.event.pull_request.head.sha }}"}
      - uses: actions/cache@55cc8345863c7cc4c66a329aec7e433d2d1c52a9 # v6.1.0
      - run: pip install pyyaml
      - run: .venv/bin/mlops pr
      - run: echo ${{ github.head_ref }} >> $GITHUB_ENV
        env: {KEY: "${{ secrets.AWS_SECRET_ACCESS_KEY }}"}
  two:
    if: github.event_name == 'push'
    permissions: {}
  three:
    needs: [one, two]
    permissions: {}
"""


@pytest.mark.parametrize("rule", [*OF_ALL, *OF_WORKFLOWS], ids=name_of)
def test_a_workflow_that_breaks_every_rule_is_caught_by_each(rule: Rule) -> None:
    assert rule(YAML(typ="safe").load(BAD), BAD)


HEX = "0123456789abcdef" * 4
GOOD = f"""
name: good
on:
  pull_request:
  merge_group:
  workflow_dispatch:
permissions: {{}}
concurrency:
  group: good-${{{{ github.event.pull_request.number || github.sha }}}}
  cancel-in-progress: ${{{{ github.event_name == 'pull_request' }}}}
jobs:
  one:
    container: python@sha256:{HEX}
    timeout-minutes: 5
    permissions:
      contents: read # to look around
    steps:
      - uses: an/action@{HEX[:40]} # v1.2.3
      - run: make check
"""
WORSE: list[tuple[Rule, str, str]] = [
    (pinned, f"@{HEX[:40]} # v1.2.3", "@v1"),
    (pinned, f"@{HEX[:40]} # v1.2.3", f"@{HEX[:40]}"),
    (pinned, f"@{HEX[:40]} # v1.2.3", f"@{HEX[:40]} # v1"),
    (pinned, "jobs:", "jobs:\n  call: {uses: an/other/.github/workflows/w.yml@main}"),
    (images_by_digest, f"@sha256:{HEX}", ":3.11"),
    (images_by_digest, "    steps:", "    services: {db: {image: postgres}}\n    steps:"),
    (images_by_digest, f"an/action@{HEX[:40]} # v1.2.3", "docker://alpine:3"),
    (nothing_installed_ad_hoc, "make check", "python -m pip install ruff"),
    (nothing_installed_ad_hoc, "make check", "uv sync"),
    (nothing_by_default, "permissions: {}", "env: {}"),
    (nothing_by_default, "permissions: {}", "permissions: read-all"),
    (nothing_by_default, "permissions:\n      contents: read", "permissions: write-all"),
    (every_permission_has_a_reason, " # to look around", ""),
    (never_pull_request_target, "on:\n  pull_request:", "on:\n  pull_request_target:"),
    (credentials_do_not_stay, "an/action@", "actions/checkout@"),
    (no_expression_in_shell, "make check", "make ${{ inputs.target }}"),
    (no_expression_in_shell, "# v1.2.3", "# v1.2.3\n        with: {script: '${{ inputs.x }}'}"),
    (nothing_untrusted_in_the_environment, "make check", "tee $GITHUB_OUTPUT"),
    (
        nothing_untrusted_in_the_environment,
        "make check",
        "make check\n        env: {BRANCH: '${{ github.head_ref }}'}",
    ),
    (
        nothing_untrusted_in_the_environment,
        "# v1.2.3",
        "# v1.2.3\n        with: {message: '${{ github.event.issue.title }}'}",
    ),
    (every_job_ends, "    timeout-minutes: 5\n", ""),
    (every_job_ends, "timeout-minutes: 5", "timeout-minutes: 360"),
    (
        a_pull_request_cancels_what_it_makes_obsolete,
        "${{ github.event_name == 'pull_request' }}",
        "true",
    ),
    (a_pull_request_cancels_what_it_makes_obsolete, "github.event.pull_request.number ||", ""),
    (each_job_has_its_turn, "concurrency:", "x-concurrency:"),
    (
        each_job_has_its_turn,
        "contents: read",
        "pages: write\n    concurrency: {group: a, cancel-in-progress: true}\n    env:\n      a: b",
    ),
    (one_secret_which_nothing_waits_for, "make check", f"make ${{{{ secrets.{APP_KEY} }}}}"),
    (one_secret_which_nothing_waits_for, "jobs:", "jobs:\n  call: {secrets: inherit}"),
    (identity_is_limited_to_an_environment, "contents: read", "id-token: write"),
    (
        caches_are_not_for_jobs_that_write,
        "read # to look around\n    steps:\n      - uses: an/action",
        "write # to look around\n    steps:\n      - uses: astral-sh/setup-uv",
    ),
    (a_pull_requests_code_cannot_write, "contents: read", "contents: write"),
    (a_pull_requests_code_cannot_write, "contents: read", "security-events: write"),
    (
        no_checkout_of_another_commit,
        f"an/action@{HEX[:40]} # v1.2.3",
        "actions/checkout@v7\n        with: {repository: somebody/else}",
    ),
    (privileged_jobs_run_what_is_listed, "contents: read", "issues: write"),
    (the_token_is_for_single_steps, "jobs:", "env: {T: '${{ github.token }}'}\njobs:"),
    (only_main_saves_a_cache, f"an/action@{HEX[:40]}", f"actions/cache/save@{HEX[:40]}"),
    (runs_in_a_merge_queue_and_by_hand, "  merge_group:\n", ""),
    (runs_in_a_merge_queue_and_by_hand, "  workflow_dispatch:\n", ""),
    (steps_are_commands_a_person_can_type, "make check", "make check || true"),
    (steps_are_commands_a_person_can_type, "make check", "echo $(id)"),
]
"""What is replaced in the good one, and by what, so that one rule is broken."""


@pytest.mark.parametrize("rule", [*OF_ALL, *OF_WORKFLOWS], ids=name_of)
def test_a_good_workflow_is_let_pass(rule: Rule) -> None:
    assert rule(YAML(typ="safe").load(GOOD), GOOD) == []


@pytest.mark.parametrize(("rule", "part", "instead"), WORSE)
def test_each_way_to_break_a_rule_is_caught(rule: Rule, part: str, instead: str) -> None:
    assert part in GOOD
    worse = GOOD.replace(part, instead, 1)

    assert rule(YAML(typ="safe").load(worse), worse)


def test_every_rule_is_broken_by_something_that_is_one_change_away_from_good() -> None:
    conditional = {what_may_be_skipped_skips_nothing_else}  # takes three jobs: BAD

    assert {rule for rule, _, _ in WORSE} | conditional == {*OF_ALL, *OF_WORKFLOWS}


# --- what single workflows promise ----------------------------------------------------------------


def workflow(name: str) -> Document:
    return read(ROOT / ".github" / "workflows" / f"{name}.yml")


def test_what_runs_a_pull_requests_code_cannot_write() -> None:
    for name, job in jobs(workflow("pull-request")):
        assert set(job["permissions"].values()) <= {"read"}, name


def test_the_commenting_job_may_do_that_and_no_more() -> None:
    permissions = {name: job["permissions"] for name, job in jobs(workflow("comment"))}

    assert permissions == {
        "comment": {"actions": "read", "pull-requests": "write"},
        "count": {"contents": "write"},
    }


def test_jobs_that_write_check_out_main_and_run_the_machinery_alone() -> None:
    document = workflow("comment")
    for step in steps(document):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"] == {"persist-credentials": False}
    assert [s["run"] for s in steps(document) if "run" in s] == [
        ".venv/bin/mlops comment",
        ".venv/bin/mlops count",
    ]


@pytest.mark.parametrize(
    ("name", "followed"),
    [("comment", [trigger.PULL_REQUEST]), ("history", list(record.LINES))],
    ids=["comment", "history"],
)
def test_a_workflow_follows_others_by_their_names(
    name: str, followed: list[trigger.Workflow]
) -> None:
    names = [load(ROOT / other.path)["name"] for other in followed]

    assert workflow(name)["on"]["workflow_run"]["workflows"] == names
    for other in followed:
        assert set(other.events) <= set(load(ROOT / other.path)["on"])


def test_the_required_job_waits_for_every_other_and_is_never_skipped() -> None:
    document = workflow("pull-request")
    required = document["jobs"]["required"]

    assert set(required["needs"]) == set(document["jobs"]) - {"required"}
    assert required["if"] == "always()"


def test_labels_are_asked_again_when_they_change() -> None:
    types = workflow("pull-request")["on"]["pull_request"]["types"]

    assert set(types) == {"opened", "synchronize", "reopened", "labeled", "unlabeled"}


def test_a_push_is_one_to_main() -> None:
    assert workflow("pull-request")["on"]["push"] == {"branches": ["main"]}


# --- promotion ------------------------------------------------------------------------------------

REGISTRY = ("promote", "rollback", "reconcile")
"""The workflows that change who the champion is."""


@pytest.mark.parametrize("name", REGISTRY)
def test_each_has_its_turn_and_none_is_dropped_or_cancelled(name: str) -> None:
    """A rollback waits for no promotion, which may be waiting for somebody's approval for days."""
    assert workflow(name)["concurrency"] == {
        "group": "rollback" if name == "rollback" else "promotion",
        "cancel-in-progress": False,
        "queue": "max",
    }


@pytest.mark.parametrize("name", REGISTRY)
def test_none_of_its_jobs_takes_what_another_run_has_saved(name: str) -> None:
    """S7: also where a job can only read, since what it hands on is released."""
    assert [job for job, content in jobs(workflow(name)) if caches(content)] == []


def test_what_the_jobs_of_a_promotion_may_do() -> None:
    permissions = {
        name: {key for key, value in job["permissions"].items() if value == "write"}
        for name, job in jobs(workflow("promote"))
    }

    assert permissions == {
        "hold": {"contents"},
        "judge": set(),
        "push": {"id-token"},
        "package": {"attestations", "id-token", "packages"},
        "smoke": set(),
        "release": {"contents", "packages"},
        "outcome": {"statuses"},
    }


def test_tags_are_made_where_a_protected_environment_asks_first() -> None:
    """All but the reconciler, which finishes what was approved, and would wait for ever."""
    for name in ("promote", "rollback"):
        for job, content in jobs(workflow(name)):
            asks = content.get("environment") == "promotion"
            assert asks == (content["permissions"].get("contents") == "write"), job


@pytest.mark.parametrize("name", REGISTRY)
def test_started_by_hand_on_a_branch_nothing_is_written(name: str) -> None:
    """`promote plan` refuses what is not on main; what does not wait for it asks for the branch."""
    for job, content in jobs(workflow(name)):
        if "write" in content["permissions"].values():
            asked = str(content["if"])
            waits = any(f"needs.{before}." in asked for before in ("judge", "package", "smoke"))
            assert waits or "github.ref_name == github.event.repository.default_branch" in asked, (
                job
            )


def test_the_outcome_waits_for_every_other_job_and_is_never_skipped() -> None:
    document = workflow("promote")
    outcome = document["jobs"]["outcome"]

    assert set(outcome["needs"]) == set(document["jobs"]) - {"outcome"}
    assert outcome["if"].startswith("always()")


def test_the_order_of_a_promotion() -> None:
    needs = {name: job.get("needs") for name, job in jobs(workflow("promote"))}

    assert [needs[name] for name in ("judge", "push", "package", "smoke", "release")] == [
        "hold",
        "judge",
        ["judge", "push"],
        "package",
        "smoke",
    ]
    ran = [
        s["run"].removeprefix(".venv/bin/mlops promote ")
        for s in steps(workflow("promote"))
        if s.get("run", "").startswith(".venv/bin/mlops promote ")
    ]
    assert ran == [
        *("--release-hold", "plan", "judge", "package", "verify"),
        *("smoke", "release", "champion", "outcome"),
    ]


def test_an_image_is_verified_after_it_is_attested_and_before_it_is_handed_on() -> None:
    package = workflow("promote")["jobs"]["package"]["steps"]
    kinds = [s.get("run", s.get("uses", "")).split("@")[0] for s in package]

    assert kinds[-5:] == [
        ".venv/bin/mlops promote package",
        "actions/attest",
        "actions/attest",
        ".venv/bin/mlops promote verify",
        "actions/upload-artifact",
    ]
    assert [s["with"].get("sbom-path") for s in package if "attest@" in s.get("uses", "")] == [
        None,
        ".mlops/promotion/assets/sbom.cdx.json",
    ]


def test_a_reason_reaches_a_command_through_its_environment() -> None:
    """What somebody types into a form is never part of a command line."""
    given = {
        s["run"]: {k: v for k, v in s["env"].items() if "inputs." in v}
        for name in REGISTRY
        for s in steps(workflow(name))
        if "inputs." in str(s.get("env", ""))
    }

    assert given == {
        ".venv/bin/mlops promote --release-hold": {"MLOPS_REASON": "${{ inputs.release-hold }}"},
        ".venv/bin/mlops rollback": {
            "MLOPS_REASON": "${{ inputs.reason }}",
            "MLOPS_VERSION": "${{ inputs.version }}",
        },
    }


# --- monitoring and retraining --------------------------------------------------------------------


def test_what_the_jobs_of_monitoring_and_retraining_may_do() -> None:
    """What loads a model or runs a pipeline can write nothing."""
    written = {
        (name, job): {key for key, value in content["permissions"].items() if value == "write"}
        for name in ("monitor", "retrain", "heartbeat", "update")
        for job, content in workflow(name)["jobs"].items()
    }

    proposing = {"contents", "issues", "pull-requests"}
    assert written == {
        ("monitor", "look"): set(),
        ("monitor", "alert"): {"issues"},
        ("monitor", "retrain"): proposing,  # of which the called workflow gives `run` nothing
        ("retrain", "run"): set(),
        ("retrain", "propose"): proposing,
        ("heartbeat", "heartbeat"): {"issues"},
        ("update", "propose"): {"issues"},
    }


def test_a_called_workflow_is_one_of_this_repository() -> None:
    called = {
        path.stem: job["uses"]
        for path in WORKFLOWS
        for job in load(path)["jobs"].values()
        if "uses" in job
    }

    assert called == {"monitor": "./.github/workflows/retrain.yml"}


def test_schedules_keep_off_the_hour() -> None:
    """D1: on the hour GitHub is asked for so much that it drops some."""
    crons = [entry["cron"] for path in WORKFLOWS for entry in load(path)["on"].get("schedule", [])]

    assert len(crons) == len(set(crons))
    assert all(int(cron.split()[0]) % 15 for cron in crons), crons


def test_monitoring_started_by_hand_on_a_branch_writes_nothing() -> None:
    for name in ("monitor", "retrain", "heartbeat", "update"):
        for job, content in jobs(workflow(name)):
            if "write" in content["permissions"].values():
                asked = "github.ref_name == github.event.repository.default_branch"
                assert asked in content["if"], job


# --- history --------------------------------------------------------------------------------------


def test_what_the_jobs_of_the_history_may_do() -> None:
    permissions = {name: job["permissions"] for name, job in jobs(workflow("history"))}

    assert permissions == {
        "record": {
            "actions": "read",
            "contents": "write",
            "pull-requests": "read",
            "statuses": "read",
        },
        "dashboard": {"contents": "read", "pages": "read"},
        "pages": {"id-token": "write", "pages": "write"},
    }


def test_the_history_is_written_by_main_alone_and_line_by_line() -> None:
    document = workflow("history")
    asked = "github.ref_name == github.event.repository.default_branch"

    assert document["jobs"]["record"]["if"].startswith(f"{asked} && ")
    assert document["concurrency"] == {
        "group": "history",
        "cancel-in-progress": False,
        "queue": "max",
    }


def test_the_dashboard_is_deployed_as_it_was_uploaded() -> None:
    """One plain tar called artifact.tar, in the artifact that the action looks for."""
    document = workflow("history")
    packed, uploaded = document["jobs"]["dashboard"]["steps"][-2:]
    (deployed,) = document["jobs"]["pages"]["steps"]

    assert "--file artifact.tar " in packed["run"]
    assert (uploaded["with"]["name"], uploaded["with"]["path"]) == ("github-pages", "artifact.tar")
    assert packed["if"] == uploaded["if"] == "steps.pages.outputs.pages == 'true'"
    assert deployed["uses"].startswith("actions/deploy-pages@")
    assert "with" not in deployed


def test_what_the_gates_said_on_main_is_kept_also_when_they_refuse() -> None:
    kept = [s for s in steps(workflow("promote")) if s.get("with", {}).get("name") == "judged"]

    assert [(s["if"], s["with"]["path"]) for s in kept] == [
        (
            "${{ !cancelled() && steps.judge.outputs.judged == 'true' }}",
            ".mlops/promotion/verdict.json",
        )
    ]
