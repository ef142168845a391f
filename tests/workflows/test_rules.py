"""What every workflow keeps to, read from its file; each rule also catches what breaks it."""

import re
from collections.abc import Callable, Iterator
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
}
"""The commands for tokens that can write: test_privileged.py looks at the code of each."""
UNTRUSTED = ("head_ref", ".title", ".body", "head.ref", "head_branch", "label.name", "message")


def jobs(workflow: Document) -> Iterator[tuple[str, Document]]:
    """All but those that call another workflow, whose own jobs are looked at there."""
    yield from ((name, job) for name, job in workflow["jobs"].items() if "uses" not in job)


def steps(document: Document) -> Iterator[Document]:
    if "runs" in document:
        yield from document["runs"]["steps"]
    else:
        for _, job in jobs(document):
            yield from job.get("steps", [])


def pinned(document: Document, text: str) -> list[str]:
    """S1: a 40-hex SHA and the version it is, or an action of this repository."""

    def good(used: str) -> bool:
        sha = re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", used)
        version = re.search(rf"{re.escape(used)} +# v\d+\.\d+\.\d+$", text, re.MULTILINE)
        return used.startswith("./") or bool(sha and version)

    return [step["uses"] for step in steps(document) if "uses" in step and not good(step["uses"])]


def nothing_installed_ad_hoc(document: Document, _: str) -> list[str]:
    """S1: packages come from requirements/, by hash."""
    banned = r"\b(pip|uv|uvx|pipx|npm|npx|apt|apt-get|brew|curl|wget|conda)\b"
    return [s["run"] for s in steps(document) if re.search(banned, s.get("run", ""))]


def nothing_by_default(document: Document, _: str) -> list[str]:
    """S2: no permission at the top, so that each job lists its own."""
    bad = [] if document.get("permissions") == {} else ["top level"]
    return bad + [name for name, job in document["jobs"].items() if "permissions" not in job]


def every_permission_has_a_reason(_: Document, text: str) -> list[str]:
    """S2: a comment on the line of each."""
    lines = re.findall(r"^ +[a-z-]+: (?:read|write)\b.*$", text, re.MULTILINE)
    return [line for line in lines if not re.search(r"# \w+ \w+", line)]


def never_pull_request_target(document: Document, _: str) -> list[str]:
    """S3."""
    return [name for name in document["on"] if name == "pull_request_target"]


def credentials_do_not_stay(document: Document, _: str) -> list[str]:
    """S3: a checkout leaves no token in .git/config."""
    checkouts = [s for s in steps(document) if s.get("uses", "").startswith("actions/checkout@")]
    return [
        s["uses"] for s in checkouts if s.get("with", {}).get("persist-credentials") is not False
    ]


def no_expression_in_shell(document: Document, _: str) -> list[str]:
    """S4: values reach a command through its environment."""
    return [s["run"] for s in steps(document) if "${{" in s.get("run", "")]


def nothing_untrusted_in_the_environment(document: Document, _: str) -> list[str]:
    """S4: neither in an `env`, nor written to the files that later steps read."""
    bad = [s["run"] for s in steps(document) if re.search(r"GITHUB_(ENV|PATH)", s.get("run", ""))]
    places = [document, *(job for _, job in jobs(document)), *steps(document)]
    values = [str(v) for place in places for v in place.get("env", {}).values()]
    return bad + [v for v in values if any(part in v for part in UNTRUSTED)]


def every_job_ends(document: Document, _: str) -> list[str]:
    """S5."""
    return [name for name, job in jobs(document) if not 0 < job.get("timeout-minutes", 0) <= 60]


def caches_are_not_for_jobs_that_write(document: Document, _: str) -> list[str]:
    """S7: what another run has saved is not executed with a token that can write."""
    return [
        name
        for name, job in jobs(document)
        if "write" in job["permissions"].values()
        and any("cache" in s.get("uses", "") or "cache" in s.get("with", {}) for s in job["steps"])
    ]


def no_checkout_of_another_commit(document: Document, _: str) -> list[str]:
    """S11: a job has the code of the event that started it; none asks for a pull request's."""
    checkouts = [s for s in steps(document) if s.get("uses", "").startswith("actions/checkout@")]
    return [s["uses"] for s in checkouts if {"ref", "repository"} & set(s.get("with", {}))]


def privileged_jobs_run_what_is_listed(document: Document, _: str) -> list[str]:
    """S11: with a token that can write, no command that runs a pipeline or loads a pickle."""
    return [
        step["run"]
        for _, job in jobs(document)
        if "write" in job["permissions"].values()
        for step in job["steps"]
        if "run" in step and step["run"].removeprefix(".venv/bin/mlops ") not in PRIVILEGED
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
    if "pull_request" in document["on"]:
        wanted.add("merge_group")
    return sorted(wanted - set(document["on"]))


def steps_are_commands_a_person_can_type(document: Document, _: str) -> list[str]:
    """One line, no shell logic."""
    logic = re.compile(r"\n.|[|;&<>`]|\$\(|^(if|for|while|test|\[)\b")
    return [s["run"] for s in steps(document) if logic.search(s.get("run", ""))]


Rule = Callable[[Document, str], list[str]]
OF_ALL: list[Rule] = [
    pinned,
    nothing_installed_ad_hoc,
    no_expression_in_shell,
    steps_are_commands_a_person_can_type,
]
OF_WORKFLOWS: list[Rule] = [
    nothing_by_default,
    every_permission_has_a_reason,
    never_pull_request_target,
    credentials_do_not_stay,
    nothing_untrusted_in_the_environment,
    every_job_ends,
    caches_are_not_for_jobs_that_write,
    no_checkout_of_another_commit,
    privileged_jobs_run_what_is_listed,
    the_token_is_for_single_steps,
    what_may_be_skipped_skips_nothing_else,
    only_main_saves_a_cache,
    runs_in_a_merge_queue_and_by_hand,
]


def name_of(value: Any) -> str:
    return value.__name__ if callable(value) else f"{value.parent.name}/{value.name}"


@pytest.mark.parametrize("rule", OF_ALL, ids=name_of)
@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=name_of)
def test_it_is_kept(rule: Rule, path: Path) -> None:
    assert rule(load(path), path.read_text()) == []


@pytest.mark.parametrize("rule", OF_WORKFLOWS, ids=name_of)
@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_it_is_kept_by_workflows(rule: Rule, path: Path) -> None:
    assert rule(load(path), path.read_text()) == []


BAD = """
on: {pull_request: {}, pull_request_target: {}}
permissions: {contents: read}
env:
  TITLE: ${{ github.event.pull_request.title }}
  TOKEN: ${{ github.token }}
jobs:
  one:
    permissions:
      contents: write
    steps:
      - uses: actions/checkout@v7
        with: {ref: "${{ github.event.pull_request.head.sha }}"}
      - uses: actions/cache@55cc8345863c7cc4c66a329aec7e433d2d1c52a9 # v6.1.0
      - run: pip install pyyaml
      - run: .venv/bin/mlops pr
      - run: echo ${{ github.head_ref }} >> $GITHUB_ENV
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


# --- what single workflows promise ----------------------------------------------------------------


def workflow(name: str) -> Document:
    return load(ROOT / ".github" / "workflows" / f"{name}.yml")


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


def test_a_push_to_a_pull_request_cancels_what_it_makes_obsolete_and_nothing_else() -> None:
    concurrency = workflow("pull-request")["concurrency"]

    assert concurrency["cancel-in-progress"] == "${{ github.event_name == 'pull_request' }}"
    assert "pull_request.number || github.sha" in concurrency["group"]


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


def test_the_only_secret_is_an_apps_key_which_nothing_waits_for() -> None:
    used = {
        path.name: set(re.findall(r"secrets\.(\w+)", path.read_text()))
        for path in [*WORKFLOWS, *ACTIONS]
    }

    assert {name: names for name, names in used.items() if names} == {
        "monitor.yml": {"MLOPS_APP_KEY"},
        "retrain.yml": {"MLOPS_APP_KEY"},
    }
    (app,) = [s for s in steps(workflow("retrain")) if "secrets." in str(s)]
    assert app["if"] == "vars.MLOPS_APP_ID != ''"


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
        for name in ("monitor", "retrain", "heartbeat")
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

    assert len(crons) == len(set(crons)) == 4
    assert all(int(cron.split()[0]) % 15 for cron in crons), crons


def test_monitoring_started_by_hand_on_a_branch_writes_nothing() -> None:
    for name in ("monitor", "retrain", "heartbeat"):
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
