"""The steps of a promotion as commands: each reads what the one before left, acts, and tells.

A step that ends the promotion says so in the output `ending`; what is refused ends with a code.
Some run with a token that can write: nothing that is imported here loads a model or runs the
problem's code. The two steps that do are accept.py and smoke.py.
"""

import os
from collections.abc import Callable

from mlops import git
from mlops.errors import Denied
from mlops.github import job, settings
from mlops.github.api import Api
from mlops.progress import console
from mlops.promotion import assets, attestation, candidate, packaging
from mlops.promotion import outcome as outcomes
from mlops.promotion import plan as planning
from mlops.promotion import release as releasing
from mlops.promotion.champion import promote
from mlops.promotion.ending import Ending, ended
from mlops.promotion.preflight import Preflight, preflight
from mlops.promotion.version import settle
from mlops.registry import state as registry
from mlops.registry.record import Approval


def plan() -> Ending | None:
    """Is there something to promote, and may it be?"""
    found = planning.plan(registry.read(remote=True))
    if isinstance(found, Ending):
        return ended(found)
    offered = show(Api.from_environment())
    job.output("go", "true")
    job.output("attest", str(offered.attest).lower())
    against = f"the champion {found.champion}" if found.champion else "no champion yet"
    console.print(f"to be judged: {found.commit[:12]}, against {against}")
    return None


def show(api: Api) -> Preflight:
    """Tell what the repository offers, and what it does not."""
    offered = preflight(api)
    for notice in offered.notices:
        job.say(notice)
    job.summarise("".join(f"- {notice}\n" for notice in offered.notices))
    return offered


def package() -> Ending | None:
    """The image, by digest, in the repository's registry."""
    return _if_permitted(_package, "packages: write")


def _if_permitted(step: Callable[[], Ending | None], permission: str) -> Ending | None:
    """A step's ending, or that a copy that nobody has set up yet lacks the permission.

    Where a version was delivered before, or a person asks from their machine, it is a failure.
    """
    try:
        return step()
    except Denied as denied:
        on_github = os.environ.get("GITHUB_ACTIONS") == "true"
        if not on_github or registry.read(remote=True).versions:
            raise
        console.print(str(denied), markup=False)
        why = f"and so not promoted, since {settings.lacking(permission)}"
        return ended(Ending("undelivered", why))


def _package() -> None:
    judged = candidate.read()
    made = packaging.package(judged)
    candidate.write_image(made)
    assets.of_the_image(judged, made)
    job.output("image", made.name)
    job.output("digest", made.digest)
    console.print(f"{judged.model} {judged.version} is {made.reference}")


def verify() -> None:
    """Who built it, and from what: shown by its attestation before anything points at it."""
    judged, made = candidate.read(), candidate.read_image()
    packaging.check(made.name, made.digest, judged)
    on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    if on_github and preflight(Api.from_environment()).attest:
        attestation.check(made, judged.commit)
        candidate.write_image(made.model_copy(update={"attested": True}))
        console.print(f"{made.reference} is what the registry has, and its attestation holds")
    else:
        where = "this repository's plan" if on_github else "this machine: GitHub's runners do"
        job.say(f"{made.reference} is what the registry has; it is not attested on {where}")


def release() -> Ending | None:
    """The version: its tag, then its page, which is what commits it."""
    return _if_permitted(_release, "contents: write")


def _release() -> Ending | None:
    judged, made = candidate.read(), candidate.read_image()
    packaging.check(made.name, made.digest, judged)
    api = Api.from_environment()
    version = settle(registry.read(remote=True), judged, made, _environment_approvals(api))
    if isinstance(version, Ending):
        return ended(version)
    page = releasing.release(api, version)
    console.print(f"released: {page.url}")
    return None


def _environment_approvals(api: Api) -> list[Approval]:
    run = os.environ.get("GITHUB_RUN_ID", "")
    given = settings.approvals(api, int(run)) if run else []
    return [Approval(by=who, on=f"environment {name}") for who, name in given]


def champion() -> Ending | None:
    """The champion: the stage tag, then its mirrors."""
    return ended(promote(Api.from_environment(), candidate.read()))


def outcome() -> None:
    """What became of the merge, as a commit status."""
    outcomes.outcome(Api.from_environment(), os.environ.get("GITHUB_SHA") or git.head() or "")
