"""One issue for each model: opened by an alarm, kept up to date, closed when all is steady."""

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mlops import params
from mlops.errors import DeclarationError
from mlops.github import issues
from mlops.github.api import Api, DisabledError
from mlops.github.issues import Issue
from mlops.github.job import output, say
from mlops.monitor import result as results
from mlops.monitor.result import FOLDER, MonitorFailed, Outcome, Reason, Result
from mlops.report import untrusted
from mlops.report.monitor import markdown as report

KIND = "mlops-monitor"
LARGEST = 20_000_000  # bytes of monitor.json
REASONS = 20  # that are remembered, at most
REMEMBERED = 200  # characters of each
_STATE = re.compile(r"\A.*\r?\n<!-- state: (\{.*\}) -->")
_NUMBER = re.compile(r"(?<![\w.])[-+\N{MINUS SIGN}]?\d[\d.,]*(?: ?%)?(?!\w)")

Text = Annotated[str, Field(max_length=2000)]


class State(BaseModel):
    """What the issue's text says to programs, in a comment that is drawn as nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Text
    """When the alarm was first raised: UTC, ISO 8601."""
    last: Text
    """When it was last looked."""
    looks: Annotated[int, Field(ge=1)]
    """How often it was looked since."""
    outcome: Outcome
    """Of the last look."""
    reasons: Annotated[list[Reason], Field(max_length=REASONS)] = []
    """Of the last alarm, shortened."""


def main(api: Api, folder: Path = FOLDER) -> None:
    """Alert to what `mlops monitor` left in `folder`, rendered here from monitor.json.

    Raises MonitorFailed when that is missing or too large, DeclarationError when it is no result or
    is another model's, GitHubError when GitHub refuses.
    """
    path = folder / "monitor.json"
    if not path.is_file() or path.stat().st_size > LARGEST:
        raise MonitorFailed(
            f"{path}: expected a result of at most {LARGEST:,} bytes; it comes from `mlops monitor`"
        )
    result = results.read(path.read_bytes(), str(path))
    model = params.load().serving.name
    if result.model != model:
        raise DeclarationError(
            f"{path} is of the model {result.model!r}, and params.yaml calls it {model!r} "
            f"(serving.name); run `mlops monitor` again"
        )
    alert(api, result, report.render(result))


def alert(api: Api, result: Result, markdown: str) -> None:
    """Bring the issue of the result's model to what was found, and say whether to retrain.

    An alarm opens the issue, the newest closed one again if there is one. While it lasts, the text
    follows, and a comment is made only when there are other reasons. A steady look closes it.
    Without data, or when the monitor failed, only the line on the last look changes: nothing was
    learned. Where a repository has no issues, or its token may open none, that is told, and that
    is all.

    `markdown` is the report, already safe to show. Sets the step's outputs `retrain` (true or
    false) and `issue` (its number, empty without one). Raises GitHubError when GitHub refuses.
    """
    output("retrain", "true" if result.outcome == "alarm" and result.retrain else "false")
    try:
        number = _kept(api, result, markdown)
    except DisabledError as disabled:
        say(f"{result.outcome}: {result.summary}; nobody gets an issue: {disabled}")
        number = None
    output("issue", str(number or ""))


def state(body: str) -> State | None:
    """What the text of an issue says to programs; None where that is missing or damaged."""
    found = _STATE.search(body)
    try:
        return State.model_validate_json(found[1]) if found else None
    except ValidationError:
        return None


def _kept(api: Api, result: Result, markdown: str) -> int | None:
    """The number of the issue that is open afterwards, or was closed by this look."""
    found = issues.find(api, issues.mark(KIND, result.model))
    issue = issues.sole(api, found)
    if result.outcome == "alarm":
        return _alarm(api, issue, found, result, markdown)
    if issue is None:
        say(f"{result.outcome}: {result.summary}; no issue is open")
        return None
    before = state(issue.body)
    if result.outcome == "steady":
        now = _next(before, result)
        issues.comment(api, issue, f"✅ Steady again. {untrusted.prose(result.summary)}")
        issues.change(api, issue, body=_body(result.model, now, markdown), state="closed")
        say(f"steady again: {issue.address} is closed")
    else:
        body = _body(result.model, _next(before, result), _report(issue.body))
        issues.change(api, issue, body=body)
        say(f"{result.outcome}: {issue.address} stays open")
    return issue.number


def _alarm(api: Api, issue: Issue | None, found: list[Issue], result: Result, markdown: str) -> int:
    title = f"{result.model}: the monitor raises an alarm"
    if issue is None and not found:
        made = issues.make(api, title, _body(result.model, _next(None, result), markdown))
        say(f"alarm: {made.address} is opened", "warning")
        return made.number
    again = issue is None
    issue = issue or found[0]
    before = None if again else state(issue.body)
    if again:
        issues.comment(api, issue, f"🔔 A new alarm.\n\n{_list(_short(result.reasons))}")
    elif before is None or _kinds(before.reasons) != _kinds(_short(result.reasons)):
        had = before.reasons if before else []
        issues.comment(api, issue, _changed(had, _short(result.reasons)))
    body = _body(result.model, _next(before, result), markdown)
    issues.change(api, issue, title=title, body=body, state="open")
    say(f"alarm: {issue.address} is {'open again' if again else 'up to date'}", "warning")
    return issue.number


def _next(before: State | None, result: Result) -> State:
    """The state after one more look; reasons are those of the last alarm."""
    alarm = result.outcome == "alarm"
    return State(
        since=before.since if before else result.made,
        last=result.made,
        looks=before.looks + 1 if before else 1,
        outcome=result.outcome,
        reasons=_short(result.reasons) if alarm or before is None else before.reasons,
    )


def _short(reasons: list[Reason]) -> list[Reason]:
    kept = reasons[:REASONS]
    return [Reason(section=one.section, what=one.what[:REMEMBERED]) for one in kept]


def _body(model: str, now: State, report: str) -> str:
    hidden = now.model_dump_json()
    for sign, escaped in (("<", r"\u003c"), (">", r"\u003e"), ("--", r"-\u002d")):
        hidden = hidden.replace(sign, escaped)  # or a reason could end the comment
    head = f"{issues.mark(KIND, model)}\n<!-- state: {hidden} -->\n"
    times = "once" if now.looks == 1 else f"{now.looks} times"
    since = (
        f"Last look {_time(now.last)}: {now.outcome}. First alarm {_time(now.since)}; looked at "
        f"{times} since. The monitor keeps this text up to date and closes the issue when all is "
        f"steady. Leave the label `{issues.LABEL}` on."
    )
    room = issues.LONGEST - len(head) - len(since) - 3
    return f"{head}{since}\n\n{issues.cut(report.strip(), room)}\n"


def _time(stated: str) -> str:
    try:
        return f"{datetime.fromisoformat(stated):%Y-%m-%d %H:%M}"
    except ValueError:
        return untrusted.prose(stated, 60)


def _report(body: str) -> str:
    """The report that stands in the text of an issue: what follows its second paragraph."""
    _, _, rest = body.replace("\r\n", "\n").partition("\n\n")
    return rest


def _kinds(reasons: list[Reason]) -> set[tuple[str, str]]:
    """What a reason says but for its numbers, which differ at every look."""
    return {(reason.section, _NUMBER.sub("#", reason.what)) for reason in reasons}


def _changed(before: list[Reason], now: list[Reason]) -> str:
    had, have = _kinds(before), _kinds(now)
    new = [reason for reason in now if _kinds([reason]) - had]
    gone = [reason for reason in before if _kinds([reason]) - have]
    told = "🔔 The reasons have changed."
    if new:
        told += f"\n\nNew:\n\n{_list(new)}"
    if gone:
        told += f"\n\nNo more:\n\n{_list(gone)}"
    return told


def _list(reasons: list[Reason]) -> str:
    lines = (
        f"- {reason.section}: {untrusted.prose(reason.what, REMEMBERED)}" for reason in reasons
    )
    return "\n".join(lines)
