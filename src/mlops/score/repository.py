"""What the tests are asked of: this repository, as it is when somebody asks."""

from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from mlops import git, params
from mlops.contract import Features, Model, Schemas, Slices, Source, load
from mlops.data.pin import md5_of
from mlops.errors import DeclarationError
from mlops.files import read_json
from mlops.history import ledger
from mlops.history.ledger import Ledger
from mlops.judge import verdict
from mlops.judge.gates import GATES
from mlops.judge.verdict import Verdict
from mlops.params import Params, document
from mlops.registry import state
from mlops.registry.state import State
from mlops.score import collected, workflows
from mlops.score.collected import Collected
from mlops.score.workflows import Workflow
from mlops.stages import METRICS
from mlops.template import origin

LOCK = Path("dvc.lock")
PIPELINE = Path("dvc.yaml")
PROBLEM = "src/problem"
MACHINERY = ("src/mlops", "src/serving")


class Repository:
    """Every fact is read once, from the current directory, when it is first asked for.

    Raises DeclarationError where params.yaml, src/problem/ or a workflow cannot be read.
    """

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    @cached_property
    def knobs(self) -> Params:
        """params.yaml."""
        return params.load()

    @cached_property
    def schemas(self) -> Schemas:
        """`schema.py` of the problem."""
        return load(Schemas)

    @cached_property
    def features(self) -> Features:
        """`features.py` of the problem."""
        return load(Features)

    @cached_property
    def model(self) -> Model:
        """`model.py` of the problem."""
        return load(Model)

    @cached_property
    def slices(self) -> Slices:
        """`slices.py` of the problem."""
        return load(Slices)

    @cached_property
    def periods(self) -> list[str]:
        """Which periods the source holds; none when the data does not arrive in parts."""
        return load(Source).PERIODS

    @cached_property
    def workflows(self) -> list[Workflow]:
        """The workflows of GitHub Actions."""
        return workflows.read()

    def workflow(self, command: str, trigger: str) -> Workflow | None:
        """The first one that runs `command` when `trigger` comes."""
        able = (w for w in self.workflows if w.runs_on(trigger))
        return next((w for w in able if w.step(command)), None)

    @cached_property
    def gates(self) -> list[str]:
        """The names of the gates that the judge asks."""
        return list(GATES)

    @cached_property
    def verdict(self) -> Verdict | None:
        """What `mlops pr` said last on this machine; None where it did not, or left no verdict."""
        try:
            return verdict.latest()
        except DeclarationError:
            return None

    @cached_property
    def _locked(self) -> dict[str, Any]:
        """The stages of dvc.lock, each with what it wrote; none without the file."""
        return (document(LOCK) or {}).get("stages", {}) if LOCK.is_file() else {}

    @cached_property
    def lock(self) -> dict[str, str]:
        """By path, the md5 of what the last run of the pipeline wrote, as dvc.lock has it."""
        outs = (out for stage in self._locked.values() for out in stage.get("outs", []))
        return {out["path"]: out["md5"] for out in outs}

    @cached_property
    def locked_stages(self) -> set[str]:
        """The stages that dvc.lock has a result of."""
        return set(self._locked)

    @cached_property
    def stages(self) -> set[str]:
        """The stages that dvc.yaml declares."""
        return set((document(PIPELINE) or {}).get("stages", {}))

    def metric(self, name: str) -> dict[str, Any] | None:
        """metrics/NAME.json of the last run; None when it is missing, or not what dvc.lock says."""
        path = METRICS / f"{name}.json"
        if not path.is_file() or self.lock.get(path.as_posix()) != md5_of(path):
            return None
        return dict(read_json(path))

    def tests(self, path: str) -> Collected:
        """The tests of a file that `make test` runs."""
        return collected.read(Path(path))

    @cached_property
    def template(self) -> str:
        """The version of the template that the machinery is of; empty where no file says it."""
        try:
            return origin.read().version
        except DeclarationError:
            return ""

    @cached_property
    def altered(self) -> list[str]:
        """Files of the machinery that were changed here since they came from the template."""
        came = git.changes("HEAD", origin.PATH)
        return [
            path
            for path in (git.changed_files(came[-1]) if came else [])
            if path.startswith(tuple(f"{folder}/" for folder in MACHINERY))
        ]

    @cached_property
    def tracked(self) -> set[str]:
        """What the checked-out commit holds."""
        head = git.head()
        return set(git.files(head)) if head else set()

    @cached_property
    def history(self) -> Ledger:
        """The branch `history`: verdicts, merges, looks of the monitor."""
        return ledger.read()

    @cached_property
    def registry(self) -> State:
        """The versions and champions that the tags here name; none outside a git repository."""
        if git.head() is None:
            return state.interpret(self.knobs.serving.name, [])
        return state.read(remote=False)
