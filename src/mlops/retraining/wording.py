"""What a proposal is called, and what its pull request and its issue say."""

import os
import re

from mlops.github import issues
from mlops.report import untrusted
from mlops.retraining.commit import TRAILER
from mlops.retraining.retrained import Metric, Retrained

KIND = "mlops-retrain"
PAGE = "docs/retrain.md"
EXPLAINED = (
    "The rows held out are the newest ones, so they are not the same before and after: the two "
    "columns do not compare models. What does is the comment that the checks of this pull request "
    "make: old and new model on the same rows, through the gates that every change faces. Merge it "
    "when they pass; close it to refuse. Newer data will update it, unless somebody commits to its "
    "branch."
)


def branch(model: str) -> str:
    """The branch that proposals for a model stand on."""
    return f"retrain/{model}"


def mark(model: str) -> str:
    """What the text of a proposal begins with."""
    return issues.mark(KIND, model)


def title(found: Retrained) -> str:
    """Of the pull request, and of the commit."""
    through = untrusted.clean(found.through, 60)
    return f"Retrain with data through {through}" if through else "Retrain with the newest data"


def message(found: Retrained, md5: str) -> str:
    """Of the commit; `md5` is what data.dvc pins."""
    return f"{title(found)}\n\n{TRAILER}: {untrusted.clean(found.through, 60) or md5[:12]}\n"


def body(model: str, found: Retrained, reason: str, *, moved: bool, waits: bool) -> str:
    """Of the pull request.

    `moved` says that main has moved since the pipeline ran, `waits` that GitHub holds the runs of
    this pull request back until somebody approves.
    """
    parts = [
        f"{mark(model)}\n{_why(reason)} {_data(found)}",
        _table(found.metrics),
        EXPLAINED,
    ]
    if moved:
        parts.append(
            f"Main has moved since the pipeline ran at {found.base[:12]}. The checks run it again: "
            f"if they call dvc.lock stale, start `retrain` once more."
        )
    if waits:
        parts.append(
            "> [!IMPORTANT]\n"
            "> **One click is needed.** GitHub's own token opened this pull request, so its checks "
            "wait: press *Approve workflows to run* below, again after each update. With an "
            f"App's token they start by themselves: {PAGE}#app-token."
        )
    return "\n\n".join(parts) + "\n"


def fallback(model: str, found: Retrained, reason: str, link: str) -> str:
    """Of the issue that stands in for a pull request, with a link that opens one."""
    return (
        f"{mark(model)}\n{_why(reason)} {_data(found)}\n\n"
        f"The branch `{branch(model)}` has the new results. GitHub does not let this workflow open "
        f"pull requests, so somebody has to:\n\n"
        f"**[Open the pull request]({link})**\n\n"
        f"{_table(found.metrics)}\n\n"
        f"To have it opened next time: Settings, Actions, General, *Allow GitHub Actions to create "
        f"and approve pull requests*; or use an App's token ({PAGE}#app-token). Close this issue "
        f"to refuse the proposal. Leave the label `{issues.LABEL}` on.\n"
    )


def _why(reason: str) -> str:
    """The reason, else what started this; MLOPS_ISSUE gives the number of the monitor's issue."""
    issue = os.environ.get("MLOPS_ISSUE", "")
    alarm = re.fullmatch(r"[1-9]\d{0,9}", issue)
    scheduled = os.environ.get("GITHUB_EVENT_NAME") == "schedule"
    cause = "the monitor raised an alarm" if alarm else "on schedule" if scheduled else "by hand"
    told = f"Retrained: {untrusted.prose(reason or cause, 300)}"
    told += "" if told.endswith((".", "!", "?")) else "."
    return f"{told} See #{issue}." if alarm else told


def _data(found: Retrained) -> str:
    if not found.through:
        return "The data are what the source has now."
    before = f" (it was {untrusted.prose(found.before, 60)})" if found.before else ""
    return f"The data now go through {untrusted.prose(found.through, 60)}{before}."


def _table(metrics: list[Metric]) -> str:
    if not metrics:
        return "The run left no metrics."
    rows = [
        f"| {untrusted.code(m.name, 60)} | {m.better} | {_number(m.before)} | {_number(m.after)} "
        f"| {_difference(m)} |"
        for m in metrics
    ]
    heading = "| on its own held-out rows | better | before | after | difference |"
    return "\n".join([heading, "|---|---|--:|--:|--:|", *rows])


def _difference(metric: Metric) -> str:
    if metric.before is None or metric.after is None:
        return _number(None)
    return _number(metric.after - metric.before, "+")


def _number(value: float | None, sign: str = "") -> str:
    if value is None:
        return "–"
    return format(value, f"{sign}.4f" if abs(value) < 1000 else f"{sign}.6g").replace("-", "−")
