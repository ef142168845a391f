"""What is to be done is read from .github/ and from GitHub, and nothing is changed by reading."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mlops.errors import DeclarationError
from mlops.github import issues, labels
from mlops.github.api import Api, GitHubError
from mlops.github.setup.plan import KINDS, Fresh, plan
from mlops.github.setup.step import Step
from mlops.promotion.preflight import ENVIRONMENT
from tests.conftest import ROOT
from tests.mlops.github.answers import person
from tests.mlops.github.server import GitHub
from tests.workflows.conftest import WORKFLOWS, load


def by_name(steps: list[Step]) -> dict[str, Step]:
    return {step.name: step for step in steps}


def planned(client: Api, *only: str, reviewers: tuple[str, ...] = ()) -> dict[str, Step]:
    return by_name(list(plan(client, only, reviewers)))


def make(client: Api, steps: dict[str, Step]) -> None:
    for step in steps.values():
        for call in step.calls:
            client.send(call.method, call.path, call.body)


def test_of_a_fresh_repository_everything_is_to_be_done(client: Api, admin: GitHub) -> None:
    steps = planned(client)

    assert {step.kind for step in steps.values()} == set(KINDS)
    assert {name: step.state for name, step in steps.items() if not step.open} == {
        "workflows run": "nothing"
    }
    assert not [call for call in admin.calls if not call.startswith("GET ")]


def test_what_is_done_is_not_to_be_done_again(client: Api, admin: GitHub) -> None:
    make(client, planned(client))

    assert not any(step.open for step in planned(client).values())


def test_without_a_token_it_is_as_for_a_fresh_public_repository(client: Api, admin: GitHub) -> None:
    def calls(steps: list[Step]) -> list[str]:
        return [call.as_gh() for step in steps for call in step.calls]

    assert calls(list(plan(Fresh()))) == calls(list(plan(client)))


class TestLabels:
    def test_are_those_that_the_code_looks_for(self, client: Api) -> None:
        assert set(planned(client, "labels")) == {*labels.LABELS, issues.LABEL}

    def test_keep_what_somebody_made_of_them(self, client: Api, admin: GitHub) -> None:
        theirs = {"name": issues.LABEL, "color": "ff00ff", "description": "ours"}
        admin.labels[issues.LABEL] = dict(theirs)

        make(client, planned(client, "labels"))

        assert admin.labels[issues.LABEL] == theirs
        assert len(admin.labels) == 3

    def test_are_written_as_the_code_compares_them(self, client: Api, admin: GitHub) -> None:
        other = {"name": "Gates-Approved", "color": "ff00ff", "description": ""}
        admin.labels["Gates-Approved"] = other

        make(client, planned(client, "labels"))

        assert admin.labels["gates-approved"]["color"] == "ff00ff"
        assert "Gates-Approved" not in admin.labels


class TestEnvironments:
    def entered(self) -> set[str]:
        found = set()
        for path in WORKFLOWS:
            for job in load(path)["jobs"].values():
                entered = job.get("environment")
                found.add(entered["name"] if isinstance(entered, dict) else entered)
        return found - {None}

    def test_are_those_that_workflows_enter(self, client: Api) -> None:
        steps = planned(client, "environments")

        assert set(steps) == self.entered()
        assert {ENVIRONMENT, "github-pages"} <= set(steps)

    def test_let_the_default_branch_in_alone(self, client: Api, admin: GitHub) -> None:
        make(client, planned(client, "environments"))

        for name in self.entered():
            policy = admin.environments[name]["deployment_branch_policy"]
            assert policy == {"protected_branches": False, "custom_branch_policies": True}
            (branch,) = admin.branch_policies[name]
            assert (branch["name"], branch["type"]) == ("main", "branch")

    def test_one_that_a_job_has_made_is_closed_and_keeps_its_reviewers(
        self, client: Api, admin: GitHub
    ) -> None:
        admin.protect(ENVIRONMENT, "maintainer")
        wait = {"type": "wait_timer", "wait_timer": 30}
        admin.environments[ENVIRONMENT]["protection_rules"].append(wait)

        steps = planned(client, "environments")
        assert steps[ENVIRONMENT].why == "every branch may enter it"
        make(client, steps)

        rules = admin.environments[ENVIRONMENT]["protection_rules"]
        assert wait in rules
        (asked,) = [rule for rule in rules if rule["type"] == "required_reviewers"]
        assert [one["reviewer"]["id"] for one in asked["reviewers"]] == [person("maintainer")["id"]]

    def test_further_branches_and_protected_ones_are_somebodys_choice(
        self, client: Api, admin: GitHub
    ) -> None:
        make(client, planned(client, "environments"))
        admin.branch_policies[ENVIRONMENT].append({"name": "release/*", "type": "branch"})
        protected = {"protected_branches": True, "custom_branch_policies": False}
        admin.environments["github-pages"]["deployment_branch_policy"] = protected

        steps = planned(client, "environments")

        assert not any(step.open for step in steps.values())
        assert steps[ENVIRONMENT].why == "for main, release/*"
        assert steps["github-pages"].why == "for protected branches"

    def test_one_for_other_branches_gets_the_default_one_as_well(
        self, client: Api, admin: GitHub
    ) -> None:
        make(client, planned(client, "environments"))
        admin.branch_policies[ENVIRONMENT] = [{"name": "trunk", "type": "branch"}]

        steps = planned(client, "environments")
        assert [call.method for call in steps[ENVIRONMENT].calls] == ["POST"]
        make(client, steps)

        assert [one["name"] for one in admin.branch_policies[ENVIRONMENT]] == ["trunk", "main"]

    def test_reviewers_are_asked_in_promotion_alone(self, client: Api, admin: GitHub) -> None:
        admin.collaborators["maintainer"] = "write"
        admin.teams = [{"slug": "owners", "id": 12}]
        wanted = ("maintainer", "owner/owners")

        make(client, planned(client, "environments", reviewers=wanted))

        (asked,) = [
            rule["reviewers"]
            for rule in admin.environments[ENVIRONMENT]["protection_rules"]
            if rule["type"] == "required_reviewers"
        ]
        assert asked == [
            {"type": "User", "reviewer": {"id": person("maintainer")["id"]}},
            {"type": "Team", "reviewer": {"id": 12}},
        ]
        assert admin.environments["github-pages"]["protection_rules"] == [{"type": "branch_policy"}]
        again = planned(client, "environments", reviewers=wanted)
        assert not any(step.open for step in again.values())

    @pytest.mark.parametrize("stranger", ["nobody", "owner/nobody"])
    def test_a_reviewer_whom_nobody_knows_is_a_mistake(self, client: Api, stranger: str) -> None:
        with pytest.raises(Exception, match=f"--reviewer {stranger}: nobody") as wrong:
            planned(client, "environments", reviewers=(stranger,))
        assert wrong.value.exit_code == 2  # type: ignore[attr-defined]

    def test_github_asks_six_at_most(self, client: Api, admin: GitHub) -> None:
        many = tuple(f"m{number}" for number in range(4))
        admin.collaborators = dict.fromkeys(many, "write")
        admin.protect(ENVIRONMENT, "a", "b", "c")

        with pytest.raises(Exception, match="more than 6 reviewers"):
            planned(client, "environments", reviewers=many)


class TestActions:
    def test_a_job_may_open_pull_requests_and_writes_only_what_it_lists(
        self, client: Api, admin: GitHub
    ) -> None:
        admin.token["default_workflow_permissions"] = "write"

        make(client, planned(client, "actions"))

        assert admin.token == {
            "default_workflow_permissions": "read",
            "can_approve_pull_request_reviews": True,
        }

    def test_are_switched_on_and_keep_which_are_allowed(self, client: Api, admin: GitHub) -> None:
        admin.actions = {"enabled": False, "allowed_actions": "selected"}

        make(client, planned(client, "actions"))

        assert admin.actions == {"enabled": True, "allowed_actions": "selected"}

    @pytest.mark.parametrize("allowed", ["selected", "local_only"])
    def test_which_are_allowed_is_somebodys_choice(
        self, client: Api, admin: GitHub, allowed: str
    ) -> None:
        admin.actions["allowed_actions"] = allowed

        assert planned(client, "actions")["workflows run"].state == "left"


class TestPages:
    def test_a_site_of_somebodys_own_stays_unless_it_is_named(
        self, client: Api, admin: GitHub
    ) -> None:
        admin.site = {"public": True, "build_type": "legacy"}
        assert planned(client)["site"].state == "left"

        make(client, planned(client, "pages"))
        assert admin.site["build_type"] == "workflow"

    @pytest.mark.parametrize("visibility", ["private", "internal"])
    def test_what_everybody_could_see_has_to_be_named(
        self, client: Api, admin: GitHub, visibility: str
    ) -> None:
        admin.visibility = visibility
        site = planned(client)["site"]
        assert (site.state, site.calls) == ("left", ())
        assert "MLOPS_PAGES" in site.why

        assert planned(client, "pages")["site"].state == "create"


class TestRulesets:
    def declared(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((ROOT / ".github/rulesets" / name).read_text())
        return found

    def rules(self, name: str) -> dict[str, Any]:
        return {r["type"]: r.get("parameters", {}) for r in self.declared(name)["rules"]}

    def test_require_the_job_that_gathers_the_others(self) -> None:
        checks = self.rules("main.json")["required_status_checks"]["required_status_checks"]
        jobs = load(ROOT / ".github/workflows/pull-request.yml")["jobs"]

        assert [check["context"] for check in checks] == [jobs["required"]["name"]]

    def test_keep_main_and_let_no_one_by(self) -> None:
        assert {"pull_request", "deletion", "non_fast_forward"} <= set(self.rules("main.json"))
        for name in ("main.json", "versions.json"):
            assert self.declared(name)["bypass_actors"] == []

    @pytest.mark.parametrize(
        "tag", ["late-arrival@v1.2.0", "late-arrival#champion#3", "team/model@v0.1.0", "a/b#c#1"]
    )
    def test_cover_the_tags_of_versions_and_stages(self, tag: str) -> None:
        """Ruby's fnmatch with FNM_PATHNAME: `*` ends at a slash, `**/` is any folders or none."""
        included = self.declared("versions.json")["conditions"]["ref_name"]["include"]

        def matches(pattern: str) -> bool:
            parts = re.split(r"(\*\*/|\*)", pattern)
            meant = {"**/": "(?:[^/]+/)*", "*": "[^/]*"}
            whole = "".join(meant.get(part, re.escape(part)) for part in parts)
            return re.fullmatch(whole, f"refs/tags/{tag}") is not None

        assert any(map(matches, included))
        assert set(self.rules("versions.json")) == {"deletion", "non_fast_forward", "update"}

    def test_are_taken_as_they_stand(self, client: Api, admin: GitHub) -> None:
        make(client, planned(client, "rulesets"))

        assert [one["name"] for one in admin.rulesets] == ["main", "versions"]
        for one in admin.rulesets:
            declared = self.declared(f"{one['name']}.json")
            assert {key: one[key] for key in declared} == declared

    @pytest.mark.parametrize(
        ("people", "approvals"),
        [
            ({"owner": "admin"}, 0),
            ({"owner": "admin", "reader": "read"}, 0),
            ({"owner": "admin", "maintainer": "write"}, 1),
        ],
    )
    def test_ask_for_an_approval_once_there_is_somebody_to_give_it(
        self, client: Api, admin: GitHub, people: dict[str, str], approvals: int
    ) -> None:
        admin.collaborators = people

        steps = planned(client, "rulesets")
        make(client, steps)

        rules = {rule["type"]: rule for rule in admin.rulesets[0]["rules"]}
        asked = rules["pull_request"]["parameters"]["required_approving_review_count"]
        assert asked == approvals
        assert ("while owner alone can write" in steps["main"].why) == (approvals == 0)
        assert "alone" not in steps["versions"].why
        assert not planned(client, "rulesets")["main"].open

    def test_of_somebody_who_was_alone_ask_when_there_are_two(
        self, client: Api, admin: GitHub
    ) -> None:
        admin.collaborators = {"owner": "admin"}
        make(client, planned(client, "rulesets"))
        admin.collaborators["maintainer"] = "write"

        main = planned(client, "rulesets")["main"]

        assert (main.state, main.why) == ("change", "another pull_request")

    def test_an_export_with_what_github_adds_is_a_declaration_as_well(
        self, client: Api, declared: Path
    ) -> None:
        added = {"id": 7, "source_type": "Repository", "source": "owner/name"}
        exported = self.declared("main.json") | added
        (declared / "rulesets/main.json").write_text(json.dumps(exported))

        make(client, planned(client, "rulesets"))

        assert not planned(client, "rulesets")["main"].open

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (lambda r: r.update(enforcement="disabled"), "another enforcement"),
            (lambda r: r["rules"].pop(), "lacks required_status_checks"),
            (lambda r: r["rules"].append({"type": "creation"}), "has creation as well"),
            (
                lambda r: r["rules"][3]["parameters"]["required_status_checks"].clear(),
                "another required_status_checks",
            ),
            (
                lambda r: r["conditions"]["ref_name"]["exclude"].append("refs/heads/x"),
                "another conditions",
            ),
            (
                lambda r: r["bypass_actors"].append(
                    {"actor_id": 5, "actor_type": "RepositoryRole"}
                ),
                "another bypass actors",
            ),
        ],
    )
    def test_what_somebody_changed_is_told_and_put_back(
        self, client: Api, admin: GitHub, change: Any, told: str
    ) -> None:
        make(client, planned(client, "rulesets"))
        change(admin.rulesets[0])

        steps = planned(client, "rulesets")
        assert (steps["main"].state, steps["main"].why) == ("change", told)
        assert not steps["versions"].open
        make(client, steps)

        assert not planned(client, "rulesets")["main"].open

    def test_the_bypass_list_is_not_shown_to_everybody(self, client: Api, admin: GitHub) -> None:
        make(client, planned(client, "rulesets"))
        admin.permissions["administration"] = "read"

        assert not any(step.open for step in planned(client, "rulesets").values())

    @pytest.mark.parametrize("content", ["{", "[]", '{"name": "x"}', '{"target": "branch"}'])
    def test_a_file_that_is_none_is_named(self, client: Api, declared: Path, content: str) -> None:
        (declared / "rulesets/odd.json").write_text(content)

        with pytest.raises(DeclarationError, match=r"rulesets/odd\.json"):
            planned(client, "rulesets")


def test_what_a_token_may_not_see_is_unknown_with_its_place(client: Api, admin: GitHub) -> None:
    admin.permissions = {"contents": "read"}

    steps = planned(client)

    assert {s.state for s in steps.values() if s.kind != "rulesets"} == {"unknown"}
    assert "this takes `administration: read`" in steps["workflows run"].why
    assert all(step.place for step in steps.values())


def test_what_a_plan_has_not_is_unknown(client: Api, admin: GitHub) -> None:
    admin.rulesets_offered = False

    (step,) = planned(client, "rulesets").values()

    assert (step.state, step.name) == ("unknown", "main, versions")
    assert "Upgrade to GitHub Pro" in step.why


def test_a_repository_that_cannot_be_seen_is_a_failure(client: Api, admin: GitHub) -> None:
    admin.faults["GET "] = 503

    with pytest.raises(GitHubError):
        planned(client)
