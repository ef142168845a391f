"""GitHub's settings, as far as the token sees them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mlops import params
from mlops.doctor.check import Seen, error, note, ok, warning
from mlops.doctor.finding import Level
from mlops.github import workflows
from mlops.github.api import Api, GitHubError, needing
from mlops.github.setup import actions, pages
from mlops.github.setup.step import Step
from mlops.monitor.heartbeat import beats_of
from mlops.promotion.preflight import preflight

CACHES = 10 * 10**9  # bytes, after which GitHub drops the oldest caches
FULL = 0.9

LEVELS: dict[str, Level] = {pages.KIND: "note"}  # nothing waits for it


def unasked(lacking: GitHubError) -> Iterator[Seen]:
    """Why GitHub was not asked, and how it can be."""
    yield note(
        f"GitHub's settings were not looked at: {lacking}",
        "gh auth login; or set GITHUB_TOKEN or GH_TOKEN: docs/doctor.md says what it should see",
    )


def set_up(steps: Callable[[], Iterable[Step]]) -> Iterator[Seen]:
    """What `mlops github setup` would do about one kind of setting."""
    found = list(steps())
    kind = found[0].kind if found else ""
    todo = [step for step in found if step.open]
    off = [step for step in todo if step.name == actions.RUN]
    if off:
        yield error(f"{off[0].why}: no workflow runs", f"mlops github setup --only {kind}")
    told = [f"{step.name} ({step.why})" for step in todo if step not in off]
    if told:
        text = f"not as it is meant to be: {', '.join(told)}"
        yield Seen(LEVELS.get(kind, "warning"), text, f"mlops github setup --only {kind}")
    for step in found:
        if step.state == "left":
            yield note(f"{step.name}: {step.why}", step.place)
        elif step.state == "unknown":
            yield note(f"{step.name} cannot be seen: {step.why}", step.place)
    right = [step.name for step in found if step.state == "nothing"]
    if right:
        yield ok(f"as it is meant to be: {', '.join(right)}")


def promotion(api: Api) -> Iterator[Seen]:
    """What a promotion is offered, as `mlops preflight` says."""
    found = preflight(api)
    yield ok("images are attested") if found.attest else note("images are not attested")
    for notice in found.notices:
        yield note(notice)


def schedules(api: Api) -> Iterator[Seen]:
    """Whether the scheduled workflows still run."""
    beats = beats_of(api, params.load())
    for beat in beats:
        if beat.stopped:
            yield warning(
                f"{beat.workflow.file}: {beat.state}; it last ran well: {beat.last}",
                f"gh workflow enable {beat.workflow.file}",
            )
    asleep = [b.workflow.file for b in beats if b.known and b.known.state == "disabled_manually"]
    if asleep:
        yield note(f"switched off by somebody: {', '.join(asleep)}")
    if not any(beat.stopped for beat in beats):
        yield ok(f"{len(beats)} schedules, none has stopped")


def variables(api: Api) -> Iterator[Seen]:
    """Repository variables and secrets, beside those that workflows read."""
    for kind, read in (("variables", workflows.variables()), ("secrets", workflows.secrets())):
        try:
            with needing(f"{kind}: read"):
                there = {str(one["name"]) for one in api.pages(f"actions/{kind}", kind)}
        except GitHubError as refused:
            yield note(f"{kind} cannot be seen: {refused}")
            continue
        known = sorted(there & read)
        stray = sorted(name for name in there - read if name.startswith("MLOPS_"))
        if stray:
            yield warning(
                f"{kind} that no workflow reads: {', '.join(stray)}; it reads "
                f"{', '.join(sorted(read))}",
                "gh variable delete NAME, and set the right one: docs/promote.md",
            )
        yield ok(f"{kind}: {', '.join(known) or 'none is set'}; all are optional")


def caches(api: Api) -> Iterator[Seen]:
    """How full the caches of Actions are."""
    with needing("actions: read"):
        used = int(api.get("actions/cache/usage")["active_caches_size_in_bytes"])
    told = f"caches take {used / 10**9:.1f} of {CACHES / 10**9:g} GB"
    if used > FULL * CACHES:
        yield note(f"{told}: GitHub drops the oldest", "gh cache list --sort size_in_bytes")
    else:
        yield ok(told)


def alerts(api: Api) -> Iterator[Seen]:
    """Packages and actions with known vulnerabilities, where Dependabot looks for them."""
    try:
        listed: list[Any] = api.get("dependabot/alerts", state="open", per_page=100)
    except GitHubError as refused:
        yield note(f"Dependabot's alerts cannot be seen: {refused}", "Settings, Advanced Security")
        return
    if not listed:
        yield ok("Dependabot knows of no vulnerability")
        return
    names = sorted({str(one["dependency"]["package"]["name"]) for one in listed})
    more = " or more" if len(listed) == 100 else ""
    yield warning(f"{len(listed)}{more} open alerts: {', '.join(names)}", "make lock environment")
