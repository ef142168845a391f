"""All checks, side by side: most of them wait for a program or for GitHub."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from mlops.doctor import hosted, machine, place, problem, security, storage, versions
from mlops.doctor.check import Check, Seen, error, findings
from mlops.doctor.finding import Finding, Report, report
from mlops.doctor.show import looking, show
from mlops.errors import Failure
from mlops.github import settings
from mlops.github.api import Api, GitHubError
from mlops.github.setup import actions, environments, labels, pages, rulesets

AT_A_TIME = 4


class DoctorError(Failure):
    """Something stops the work; what it is has been shown."""

    exit_code = 17


def main(*, as_json: bool) -> None:
    """Look at everything and show it.

    Raises DoctorError, after that, when something stops the work.
    """
    found = examine(quiet=as_json)
    show(found, as_json=as_json)
    broken = [finding for finding in found.findings if finding.level == "error"]
    if broken:
        names = ", ".join(dict.fromkeys(finding.check for finding in broken))
        raise DoctorError(f"what stops the work: {names}; each has its remedy above")


def examine(*, quiet: bool = False) -> Report:
    """Look at the machine, the repository and, with a token, GitHub; nothing is changed."""
    found: list[Finding] = []
    api: Api | None
    try:
        api = Api.from_environment()
        on_github = _github(api)
    except GitHubError as lacking:
        api, on_github = None, [Check("GitHub", "token", partial(hosted.unasked, lacking))]
    checks = [*_machine(), *_repository(api), *on_github]
    with looking(len(checks), quiet=quiet) as ahead, ThreadPoolExecutor(AT_A_TIME) as pool:
        for check, seen in zip(checks, pool.map(findings, checks), strict=True):
            found += seen
            ahead(f"{check.group}: {check.name}")
    return report(found)


def _machine() -> Sequence[Check]:
    return [
        Check("machine", "python", machine.python),
        Check("machine", "git", machine.git),
        Check("machine", "make", machine.make),
        Check("machine", "uv", machine.uv),
        Check("machine", "packages", machine.packages),
        Check("machine", "disk", machine.disk),
        Check("machine", "memory", machine.memory),
        Check("machine", "containers", machine.containers),
    ]


def _repository(api: Api | None) -> Sequence[Check]:
    return [
        Check("repository", "parameters", problem.parameters),
        Check("repository", "problem", problem.declarations),
        Check("repository", "pipeline", problem.data_and_pipeline),
        Check("repository", "remote", storage.remote),
        Check("repository", "cache", storage.cache),
        Check("repository", "origin", place.origin),
        Check("repository", "hooks", place.hooks),
        Check("repository", "workflows", place.workflow_files),
        Check("repository", "init", place.initialised),
        Check("repository", "owners", place.owners),
        Check("repository", "lock", versions.packages),
        Check("repository", "template", partial(place.behind, api)),
    ]


def _github(api: Api) -> Sequence[Check]:
    try:
        about = api.get("")
        branch, seen_by = str(about["default_branch"]), settings.visibility_of(about)
    except GitHubError as refused:
        return [Check("GitHub", "token", partial(_unreachable, refused))]
    setup = {
        actions.KIND: partial(actions.steps, api),
        labels.KIND: partial(labels.steps, api),
        environments.KIND: partial(environments.steps, api, branch),
        pages.KIND: partial(pages.steps, api, seen_by),
        rulesets.KIND: partial(rulesets.steps, api),
    }
    return [
        Check("GitHub", "default branch", partial(place.default_branch, branch)),
        *(Check("GitHub", kind, partial(hosted.set_up, steps)) for kind, steps in setup.items()),
        Check("GitHub", "promotion", partial(hosted.promotion, api)),
        Check("GitHub", "schedules", partial(hosted.schedules, api)),
        Check("GitHub", "variables", partial(hosted.variables, api)),
        Check("GitHub", "caches", partial(hosted.caches, api)),
        Check("GitHub", "security", partial(security.switches, api, about)),
        Check("GitHub", "alerts", partial(hosted.alerts, api)),
        Check("GitHub", "actions pinned", partial(versions.actions, api)),
    ]


def _unreachable(refused: GitHubError) -> Iterator[Seen]:
    remedy = "check the token, and that origin is the repository that you mean"
    yield error(f"GitHub does not show this repository: {refused}", remedy)
