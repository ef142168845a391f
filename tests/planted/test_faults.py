"""Each bad pull request is refused, by the gate that is meant for it, and told with its cause."""

from pathlib import Path

import pytest

from tests.conftest import execute
from tests.planted.conftest import commit, submit
from tests.planted.faults import FAULTS, Fault

pytestmark = pytest.mark.slow

REFUSED, UNDECIDED = 8, 9


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_it_is_refused_by_the_gate_that_is_meant_for_it(repository: Path, fault: Fault) -> None:
    fault.change(repository)
    if fault.commits == "its results, too":
        done = execute(repository, "mlops", "run")
        assert done.returncode == 0, done.stdout + done.stderr
    if fault.commits != "nothing":
        commit(repository, fault.what)

    judged = submit(repository)

    gate = judged.gate(fault.gate)
    assert gate.outcome == fault.outcome, judged.said
    assert fault.cause in gate.reason
    failing, undecided = set(fault.also), set(fault.open)
    (failing if fault.outcome == "fail" else undecided).add(fault.gate)
    assert judged.gates("fail") == failing
    assert judged.gates("inconclusive") == undecided
    assert judged.verdict.decision == ("refused" if failing else "inconclusive")
    assert judged.code == (REFUSED if failing else UNDECIDED)
    assert "Traceback" not in judged.said

    assert f"{fault.gate}: {gate.reason}" in judged.said
    lines = judged.report.replace("`", "").splitlines()
    (row,) = [line for line in lines if line.startswith(f"| {fault.gate} | ")]
    assert f" {fault.outcome} | " in row
    assert fault.cause in row
    assert gate.remedy.replace("`", "")[:40] in row
