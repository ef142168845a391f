"""The API on loopback, as far as an administrator's settings go: Actions, environments, labels,
Pages, rulesets.

As on GitHub, a payload that lacks something or says something wrong is refused with 422, what an
organisation decides with 409, what a plan has not with 403; a PUT of an environment resets what it
does not say; an environment limits its branches by patterns only if it says so; and a ruleset is
told with the defaults of what was not said, its bypass list to administrators alone.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.mlops.github.answers import Asking, Json, RefusedError, found, page, person

UPGRADE = "Upgrade to GitHub Pro or make this repository public to enable this feature."
ALONE: Json = {}
RULES: dict[str, Json] = {
    "creation": ALONE,
    "update": ALONE,
    "deletion": ALONE,
    "non_fast_forward": ALONE,
    "required_linear_history": ALONE,
    "pull_request": {
        "required_approving_review_count": int,
        "dismiss_stale_reviews_on_push": bool,
        "require_code_owner_review": bool,
        "require_last_push_approval": bool,
        "required_review_thread_resolution": bool,
    },
    "required_status_checks": {
        "strict_required_status_checks_policy": bool,
        "required_status_checks": list,
    },
}
"""The parameters that a rule must have, and their types."""
DEFAULTS: dict[str, Json] = {
    "pull_request": {"allowed_merge_methods": ["merge", "squash", "rebase"]},
    "required_status_checks": {"do_not_enforce_on_create": False},
}


@dataclass
class Configuration:
    """The part of a repository's state that an administrator sets."""

    actions: Json = field(default_factory=lambda: {"enabled": True, "allowed_actions": "all"})
    token: Json = field(
        default_factory=lambda: {
            "default_workflow_permissions": "read",
            "can_approve_pull_request_reviews": False,
        }
    )
    """What the built-in token may."""
    decided_above: bool = False
    """Whether an organisation decides on Actions."""
    rulesets: list[Json] = field(default_factory=list)
    rulesets_offered: bool = True
    """Private repositories have them on some plans."""
    branch_policies: dict[str, list[Json]] = field(default_factory=dict)
    """By environment."""
    teams: list[Json] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    cached: int = 0
    """Bytes of the caches of Actions."""
    security: Json = field(default_factory=dict)
    """By name the status of each part of `security_and_analysis`."""
    private_reports: bool = False
    approval: str = "first_time_contributors"
    """Whose first run from a fork waits for a maintainer."""
    alerts: list[Json] | None = field(default_factory=list)
    """Of Dependabot; None where that is switched off."""

    def administered(self: Any) -> None:
        """Let TOKEN be an administrator's."""
        self.permissions |= {"administration": "write", "pages": "write", "vulnerability": "read"}
        self.permissions |= {"variables": "read", "secrets": "read"}


def invalid(why: str) -> RefusedError:
    return RefusedError(422, f"Validation Failed: {why}")


def only(body: Json, *keys: str) -> None:
    if set(body) - set(keys):
        raise invalid(f"{sorted(set(body) - set(keys))} is not permitted")


def above(g: Any) -> None:
    if g.decided_above:
        raise RefusedError(409, "Conflict: the organization decides")


def actions(h: Asking, g: Any, _q: Json, _b: Json) -> Json:
    h.may("administration", "read")
    return g.actions


def put_actions(h: Asking, g: Any, _q: Json, body: Json) -> Json:
    h.may("administration", "write")
    above(g)
    only(body, "enabled", "allowed_actions")
    if not isinstance(body.get("enabled"), bool):
        raise invalid("enabled must be a boolean")
    if body.get("allowed_actions", "all") not in ("all", "local_only", "selected"):
        raise invalid("allowed_actions")
    g.actions = {"allowed_actions": "all"} | body


def approval(h: Asking, g: Any, _q: Json, _b: Json) -> Json:
    h.may("administration", "read")
    return {"approval_policy": g.approval}


def private_reports(h: Asking, g: Any, _q: Json, _b: Json) -> Json:
    h.may("administration", "read")
    return {"enabled": g.private_reports}


def token(h: Asking, g: Any, _q: Json, _b: Json) -> Json:
    h.may("administration", "read")
    return g.token


def put_token(h: Asking, g: Any, _q: Json, body: Json) -> Json:
    h.may("administration", "write")
    above(g)
    only(body, "default_workflow_permissions", "can_approve_pull_request_reviews")
    if body.get("default_workflow_permissions", "read") not in ("read", "write"):
        raise invalid("default_workflow_permissions")
    if not isinstance(body.get("can_approve_pull_request_reviews", True), bool):
        raise invalid("can_approve_pull_request_reviews")
    g.token |= body


def labels(h: Asking, g: Any, query: dict[str, str], _: Json) -> Json:
    h.may("issues", "read")
    return page(list(g.labels.values()), query)


def patch_label(h: Asking, g: Any, _q: Json, body: Json, name: str) -> Json:
    h.may("issues", "write")
    only(body, "new_name", "color", "description")
    label = found(g.labels, unquote(name))
    del g.labels[unquote(name)]
    g.labels[body["new_name"]] = label | {"name": body["new_name"]}
    return g.labels[body["new_name"]]


def put_environment(h: Asking, g: Any, _q: Json, body: Json, name: str) -> Json:
    h.may("administration", "write")
    only(body, "wait_timer", "prevent_self_review", "reviewers", "deployment_branch_policy")
    if not 0 <= body.get("wait_timer", 0) <= 43_200:
        raise invalid("wait_timer")
    policy = body.get("deployment_branch_policy")
    if policy is not None and (
        set(policy) != {"protected_branches", "custom_branch_policies"}
        or policy["protected_branches"] == policy["custom_branch_policies"]
    ):
        raise invalid("protected_branches and custom_branch_policies cannot have the same value")
    reviewers = body.get("reviewers") or []
    if len(reviewers) > 6:
        raise invalid("reviewers: too many")
    for one in reviewers:
        if set(one) != {"type", "id"} or one["type"] not in ("User", "Team"):
            raise invalid("reviewers")
    asked = [{"type": one["type"], "reviewer": {"id": one["id"]}} for one in reviewers]
    self_review = body.get("prevent_self_review", False)
    rules = [{"type": "branch_policy"}] if policy else []
    if body.get("wait_timer"):
        rules.append({"type": "wait_timer", "wait_timer": body["wait_timer"]})
    if asked:
        rule = {"type": "required_reviewers", "prevent_self_review": self_review}
        rules.append(rule | {"reviewers": asked})
    g.environments[unquote(name)] = {
        "name": unquote(name),
        "protection_rules": rules,
        "deployment_branch_policy": policy,
    }
    return g.environments[unquote(name)]


def custom(g: Any, name: str) -> list[Json]:
    """The patterns of an environment that has some."""
    policy = found(g.environments, name).get("deployment_branch_policy") or {}
    if not policy.get("custom_branch_policies"):
        raise RefusedError(404, "Not Found")
    patterns: list[Json] = g.branch_policies.setdefault(name, [])
    return patterns


def policies(h: Asking, g: Any, query: dict[str, str], _: Json, name: str) -> Json:
    h.may("actions", "read")
    listed = custom(g, unquote(name))
    return {"total_count": len(listed), "branch_policies": page(listed, query)}


def post_policy(h: Asking, g: Any, _q: Json, body: Json, name: str) -> Json:
    h.may("administration", "write")
    only(body, "name", "type")
    if body.get("type", "branch") not in ("branch", "tag"):
        raise invalid("type")
    listed = custom(g, unquote(name))
    if any(one["name"] == body["name"] for one in listed):
        raise invalid("the same branch name pattern already exists")
    listed.append({"id": g.number(), "type": "branch"} | body)
    return listed[-1]


def post_pages(h: Asking, g: Any, _q: Json, body: Json) -> Json:
    h.may("pages", "write")
    h.may("administration", "write")
    if g.site is not None:
        raise RefusedError(409, "GitHub Pages is already enabled.")
    g.site = {"public": True} | build_type(body)
    return g.site


def put_pages(h: Asking, g: Any, _q: Json, body: Json) -> Json:
    h.may("pages", "write")
    h.may("administration", "write")
    if g.site is None:
        raise RefusedError(404, "Not Found")
    g.site |= build_type(body)


def build_type(body: Json) -> Json:
    only(body, "build_type", "source")
    if body.get("build_type") != "workflow" and "source" not in body:
        raise invalid("source is required")
    return body


def collaborators(h: Asking, g: Any, query: dict[str, str], _: Json) -> Json:
    """With `permission=push`, those who may at least write."""
    enough = ("write", "maintain", "admin") if query.get("permission") == "push" else None
    people = [n for n, may in g.collaborators.items() if enough is None or may in enough]
    return page([person(name) for name in people], query)


def rulesets(h: Asking, g: Any, query: dict[str, str], _: Json) -> Json:
    offered(g)
    h.may("contents", "read")
    listed = [{k: one[k] for k in ("id", "name", "target", "enforcement")} for one in g.rulesets]
    return page(listed, query)


def ruleset(h: Asking, g: Any, _q: Json, _b: Json, number: str) -> Json:
    offered(g)
    one = deepcopy(found({one["id"]: one for one in g.rulesets}, int(number)))
    for rule in one["rules"]:
        if rule["type"] in DEFAULTS:
            rule["parameters"] = DEFAULTS[rule["type"]] | rule["parameters"]
    if not h.can("administration", "write"):
        del one["bypass_actors"]
    return one | {"source_type": "Repository", "current_user_can_bypass": "never"}


def post_ruleset(h: Asking, g: Any, _q: Json, body: Json) -> Json:
    h.may("administration", "write")
    offered(g)
    if any(one["name"] == body.get("name") for one in g.rulesets):
        raise invalid("Name must be unique")
    g.rulesets.append({"id": g.number()} | checked(body))
    return g.rulesets[-1]


def put_ruleset(h: Asking, g: Any, _q: Json, body: Json, number: str) -> Json:
    h.may("administration", "write")
    offered(g)
    one = found({one["id"]: one for one in g.rulesets}, int(number))
    one |= checked(body)
    return one


def offered(g: Any) -> None:
    if not g.rulesets_offered:
        raise RefusedError(403, UPGRADE)


def checked(body: Json) -> Json:
    """A ruleset that GitHub takes."""
    only(body, "name", "target", "enforcement", "bypass_actors", "conditions", "rules")
    if not body.get("name") or body.get("enforcement") not in ("active", "disabled"):
        raise invalid("name and enforcement are required")
    if set(body["conditions"]["ref_name"]) != {"include", "exclude"}:
        raise invalid("conditions")
    for pattern in body["conditions"]["ref_name"]["include"]:
        kind = {"branch": "refs/heads/", "tag": "refs/tags/"}[body["target"]]
        if not pattern.startswith(("~", kind)):
            raise invalid(f"conditions: {pattern}")
    for rule in body["rules"]:
        wanted = RULES.get(rule["type"])
        given = rule.get("parameters", {})
        if wanted is None or (rule["type"] == "pull_request" and body["target"] == "tag"):
            raise invalid(f"rules: {rule['type']}")
        if any(not isinstance(given.get(key), kind) for key, kind in wanted.items()):
            raise invalid(f"rules: {rule['type']}: parameters")
    return {"bypass_actors": []} | deepcopy(body)


def teams(h: Asking, g: Any, query: dict[str, str], _: Json) -> Json:
    h.may("administration", "read")
    return page(g.teams, query)


def variables(h: Asking, g: Any, query: dict[str, str], _: Json) -> Json:
    h.may("variables", "read")
    listed = [{"name": name, "value": value} for name, value in g.variables.items()]
    shorter = query | {"per_page": str(min(30, int(query.get("per_page", 10))))}
    return {"total_count": len(listed), "variables": page(listed, shorter)}


def secrets(h: Asking, g: Any, query: dict[str, str], _: Json) -> Json:
    h.may("secrets", "read")
    listed = [{"name": name} for name in g.secrets]
    return {"total_count": len(listed), "secrets": page(listed, query)}


def usage(h: Asking, g: Any, _q: Json, _b: Json) -> Json:
    h.may("actions", "read")
    return {"active_caches_size_in_bytes": g.cached, "active_caches_count": 1}


def alerts(h: Asking, g: Any, query: dict[str, str], _: Json) -> Json:
    h.may("vulnerability", "read")
    if g.alerts is None:
        raise RefusedError(403, "Dependabot alerts are disabled for this repository.")
    return page(g.alerts, query)


ROUTES: dict[str, Callable[..., Json]] = {
    r"GET actions/permissions": actions,
    r"PUT actions/permissions": put_actions,
    r"GET actions/permissions/fork-pr-contributor-approval": approval,
    r"GET private-vulnerability-reporting": private_reports,
    r"GET actions/permissions/workflow": token,
    r"PUT actions/permissions/workflow": put_token,
    r"GET actions/variables": variables,
    r"GET actions/secrets": secrets,
    r"GET actions/cache/usage": usage,
    r"GET dependabot/alerts": alerts,
    r"GET labels": labels,
    r"PATCH labels/([^/]+)": patch_label,
    r"PUT environments/([^/]+)": put_environment,
    r"GET environments/([^/]+)/deployment-branch-policies": policies,
    r"POST environments/([^/]+)/deployment-branch-policies": post_policy,
    r"POST pages": post_pages,
    r"PUT pages": put_pages,
    r"GET collaborators": collaborators,
    r"GET rulesets": rulesets,
    r"GET rulesets/(\d+)": ruleset,
    r"POST rulesets": post_ruleset,
    r"PUT rulesets/(\d+)": put_ruleset,
    r"GET teams": teams,
}
