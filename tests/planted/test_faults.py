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
    meant = {fault.gate}
    assert judged.gates("fail") == (meant if fault.outcome == "fail" else set()) | fault.also
    assert judged.gates("inconclusive") == (meant - judged.gates("fail")) | fault.open
    refused = bool(judged.gates("fail"))
    assert judged.verdict.decision == ("refused" if refused else "inconclusive")
    assert judged.code == (REFUSED if refused else UNDECIDED)
    assert "Traceback" not in judged.said

    assert f"{fault.gate}: {gate.reason}" in judged.said
    rows = [line for line in judged.report.splitlines() if line.startswith(f"| `{fault.gate}` |")]
    assert fault.cause in rows[0].replace("`", "")
    assert gate.remedy.split()[0] in rows[0]
