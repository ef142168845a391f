"""Champion and challenger side by side: what passes, what is refused, and what cannot be told."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mlops.errors import DeclarationError, Refused, Undecided
from mlops.replay import checks, result, send
from mlops.replay.rehearse import Options, ending, replay
from mlops.replay.result import Check, Replay
from mlops.replay.send import Reply
from mlops.replay.traffic import Question, Row
from tests.mlops.replay.conftest import Rehearse, limit
from tests.mlops.replay.stub import Records, Stub, binary, probability


def outcomes(found: Replay) -> dict[str, str]:
    return {check.name: check.outcome for check in found.checks}


def check(found: Replay, name: str) -> Check:
    return next(check for check in found.checks if check.name == name)


def inverted(records: Records) -> list[Any]:
    chances = [1 - probability(record) for record in records]
    return [{"repaid": int(p >= 0.5), "probability": p} for p in chances]


def free_address() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{found.getsockname()[1]}"


def test_equals_pass(rehearse: Rehearse) -> None:
    champion, challenger = Stub(), Stub()

    found = rehearse(challenger, champion)

    assert set(outcomes(found).values()) == {"pass"}, found.summary
    assert (found.mode, found.outcome) == ("shadow", "pass")
    assert found.agreement
    assert (found.agreement.equal, found.agreement.largest, found.agreement.psi) == (1, 0, 0)
    assert found.challenger.version == "v1.2.0"
    assert found.challenger.answered == found.traffic.requests == 80
    assert {len(records) for records in challenger.asked} == {1, 10}
    key = json.dumps
    assert sorted(champion.asked, key=key) == sorted(challenger.asked, key=key)
    ending(found)


def test_slower_fails(rehearse: Rehearse) -> None:
    limit(latency_slack_ms=1.0, requests=40, minimum=20, batch_share=0.0)

    found = rehearse(Stub(delay=0.04), Stub(), connections=4)

    assert check(found, "latency_p50").outcome == "fail", found.summary
    assert check(found, "errors").outcome == "pass"
    with pytest.raises(Refused, match="latency_p50") as refused:
        ending(found)
    assert refused.value.exit_code == 8


def test_errors_fail(rehearse: Rehearse) -> None:
    found = rehearse(Stub(failing=lambda records: records[0]["amount"] < 10), Stub())

    errors = check(found, "errors")
    assert errors.outcome == "fail"
    assert errors.value
    assert 0 < errors.value < 0.2
    assert errors.reason.endswith("most with status 500: cannot: [click](http://evil.example)")
    assert [failing.status for failing in found.challenger.failing] == [500]


def test_errors_that_the_champion_makes_too_are_forgiven(rehearse: Rehearse) -> None:
    def failing(records: Records) -> bool:
        return bool(records[0]["amount"] < 10)

    found = rehearse(Stub(failing=failing), Stub(failing=failing))

    assert outcomes(found)["errors"] == "pass"
    assert found.champion
    assert found.champion.failing == found.challenger.failing != []


def test_other_decisions_fail(rehearse: Rehearse) -> None:
    found = rehearse(Stub(predict=inverted), Stub())

    assert outcomes(found)["agreement"] == "fail"
    worst = found.disagreements[0]
    assert worst.row.startswith("row ")
    assert (worst.champion, worst.challenger) in {
        ("0 (0.05)", "1 (0.95)"),
        ("1 (0.95)", "0 (0.05)"),
    }
    assert worst.difference == pytest.approx(0.9)


def test_shifted_scores_fail_though_decisions_agree(rehearse: Rehearse) -> None:
    def bolder(records: Records) -> list[Any]:
        return [answer | {"probability": answer["repaid"] * 1.0} for answer in binary(records)]

    found = rehearse(Stub(predict=bolder), Stub())

    assert outcomes(found)["agreement"] == "pass"
    assert outcomes(found)["psi"] == "fail"


def test_another_form_of_answers_fails(rehearse: Rehearse) -> None:
    found = rehearse(Stub(predict=lambda records: [0.5] * len(records)), Stub())

    assert "different forms" in check(found, "agreement").reason
    assert found.outcome == "fail"


@pytest.mark.parametrize(
    "said",
    [
        lambda _: [],
        lambda records: [0.5] * (len(records) + 1),
        lambda records: [float("nan")] * len(records),
        lambda _: {"a": 1},
        lambda records: [None] * len(records),
        lambda records: [{"repaid": [1], "probability": 0.5}] * len(records),
    ],
    ids=["none", "too many", "nan", "no list", "null", "label is a list"],
)
def test_answers_that_are_no_predictions_are_errors(
    rehearse: Rehearse, said: Callable[[Records], Any]
) -> None:
    found = rehearse(Stub(predict=said), Stub(), requests=10)

    assert check(found, "errors").value == 1
    assert found.outcome == "fail"


def test_too_few_requests_are_inconclusive(rehearse: Rehearse) -> None:
    found = rehearse(Stub(), Stub(), requests=20)

    assert found.outcome == "inconclusive"
    assert check(found, "agreement").reason == "20 requests both answered, and it takes 40 to tell"
    with pytest.raises(Undecided) as undecided:
        ending(found)
    assert undecided.value.exit_code == 9


def test_a_challenger_that_is_not_there_fails(here: Path, serve: Callable[[Stub], str]) -> None:
    found = replay(Options(free_address(), serve(Stub()), Path("seen.jsonl")))

    assert found.outcome == "fail"
    assert outcomes(found)["endpoints"] == outcomes(found)["errors"] == "fail"
    assert found.challenger.failing[0].status is None
    assert found.challenger.answered == 0


def test_a_champion_that_is_not_there_leaves_it_open(
    here: Path, serve: Callable[[Stub], str]
) -> None:
    found = replay(Options(serve(Stub()), free_address(), Path("seen.jsonl")))

    assert found.outcome == "inconclusive"


def test_a_challenger_that_dies_in_the_middle_fails(rehearse: Rehearse) -> None:
    warm = send.WARM  # on one connection, so that what is asked is known exactly
    challenger = Stub(broken_after=warm + 30)

    found = rehearse(challenger, Stub(), connections=1)

    assert found.outcome == "fail"
    assert found.challenger.answered == 30
    asked = len(challenger.asked) - warm - 30
    assert asked == send.HOPELESS  # then it is left alone
    assert "RemoteProtocolError" in check(found, "errors").reason


def test_health_must_answer_as_it_does_at_the_champion(rehearse: Rehearse) -> None:
    found = rehearse(Stub(beside={"/v2": 404, "/v2/health/ready": 503}), Stub(beside={"/v2": 404}))

    assert check(found, "endpoints").reason == "not so: /v2/health/ready 503"
    assert found.outcome == "fail"


def test_redirects_are_not_followed(rehearse: Rehearse) -> None:
    elsewhere = Stub()
    found = rehearse(Stub(status=307, location="http://127.0.0.1:1/"), elsewhere, requests=10)

    assert [failing.status for failing in found.challenger.failing] == [307]


def test_the_key_is_sent_and_shown_nowhere(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SERVING_API_KEY", "k-secret-1,k-secret-2")
    challenger = Stub()

    found = rehearse(challenger, requests=5)

    assert challenger.keys == {"Bearer k-secret-1"}
    assert "k-secret" not in found.model_dump_json() + capsys.readouterr().out


def test_a_server_that_repeats_the_key_does_not_get_it_into_the_report(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVING_API_KEY", "k-secret-1")

    found = rehearse(Stub(predict=lambda _: "Authorization: Bearer k-secret-1"), requests=5)

    assert "Bearer [key]" in found.challenger.failing[0].said


@pytest.mark.parametrize(
    ("bound", "stub", "why"),
    [
        ("PATIENCE", Stub(delay=0.3), "ReadTimeout"),
        ("WHOLE", Stub(), "the answer took more than 0 s"),
        ("LARGEST", Stub(), "the answer is larger than 0 MB"),
    ],
    ids=["late", "slow", "large"],
)
def test_no_answer_is_waited_for_or_read_without_end(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch, bound: str, stub: Stub, why: str
) -> None:
    monkeypatch.setattr(send, bound, 0.05 if bound == "PATIENCE" else 0)

    found = rehearse(stub, requests=4)

    assert why in check(found, "errors").reason


def test_smoke_passes_when_the_record_comes_out_again(rehearse: Rehearse) -> None:
    found = rehearse(Stub())

    assert (found.mode, found.champion) == ("smoke", None)
    assert outcomes(found) == {"endpoints": "pass", "errors": "pass", "recorded": "pass"}


def test_smoke_fails_when_it_does_not(rehearse: Rehearse) -> None:
    found = rehearse(Stub(predict=inverted))

    assert outcomes(found)["recorded"] == "fail"
    assert found.disagreements[0].champion in {"0.05", "0.95"}


def test_values_of_a_regression_agree_within_a_part_of_their_deviation(
    rehearse: Rehearse,
) -> None:
    def value(shift: float) -> Callable[[Records], list[Any]]:
        return lambda records: [float(record["amount"]) + shift for record in records]

    near = rehearse(Stub(predict=value(2)), Stub(predict=value(0)))  # the deviation is about 29
    far = rehearse(Stub(predict=value(4)), Stub(predict=value(0)))

    assert (near.agreement and near.agreement.equal) == 1
    assert (far.agreement and far.agreement.equal) == 0


def test_classes_are_compared_by_their_probabilities(rehearse: Rehearse) -> None:
    def three(shift: float) -> Callable[[Records], list[Any]]:
        def predict(records: Records) -> list[Any]:
            found = []
            for record in records:
                p = 0.6 * probability(record) + shift
                likely = "a" if p >= 0.3 else "c"
                scores = {"probability_a": p, "probability_b": 0.2, "probability_c": 0.8 - p}
                found.append({"kind": likely} | scores)
            return found

        return predict

    found = rehearse(Stub(predict=three(0.01)), Stub(predict=three(0)))

    assert found.agreement
    assert found.agreement.mean == pytest.approx(0.01)
    assert 0.9 < found.agreement.equal <= 1


def test_a_canary_goes_up_in_steps_and_stays_with_its_requests(rehearse: Rehearse) -> None:
    limit(requests=120, minimum=20, batch_share=0.25)
    champion, challenger = Stub(), Stub()

    found = rehearse(challenger, champion, canary=True)

    assert found.mode == "canary"
    assert [step.share for step in found.steps] == [0.01, 0.1, 0.5, 1.0]
    shares = [step.requests for step in found.steps]
    assert shares == sorted(shares)
    assert shares[-1] == 120
    assert found.steps[-1].outcome == found.outcome == "pass", found.summary


def test_a_canary_stops_at_the_first_step_that_fails(rehearse: Rehearse) -> None:
    limit(requests=120, minimum=20)
    challenger = Stub(failing=lambda records: records[0]["amount"] > 50)

    found = rehearse(challenger, Stub(), canary=True)

    assert [step.outcome for step in found.steps] in (["fail"], ["inconclusive", "fail"])
    assert found.outcome == "fail"
    assert found.summary.endswith(f"; stopped at {found.steps[-1].share:.0%} of the requests")
    assert found.steps[-1].share < 0.5


def test_a_message_about_a_sensitive_column_is_not_kept() -> None:
    body = b'{"message": "row 0, column \'income\': expected at most 9, found 91234"}'
    question = Question(b"", (Row({"income": 91234}, "row 1"),))

    heard = checks.hear([question], [Reply(0, "challenger", 1.0, 400, body)], frozenset(["income"]))

    [failing] = heard.failing["challenger"]
    assert failing.said == "something about income, which is sensitive"


def test_a_rate_is_kept(rehearse: Rehearse) -> None:
    import time

    started = time.monotonic()
    rehearse(Stub(), requests=20, rate=100.0)

    assert time.monotonic() - started >= 19 / 100


def test_what_is_written_keeps_the_schema(rehearse: Rehearse) -> None:
    found = rehearse(Stub(predict=inverted), Stub(), requests=10)
    path = result.FOLDER / "replay.json"

    result.write(found, path)

    jsonschema.validate(json.loads(path.read_text()), result.schema())
    assert result.read(path.read_bytes(), "replay.json").outcome == found.outcome


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (Options("http://127.0.0.1:1", canary=True), "--canary needs a champion"),
        (Options("ftp://127.0.0.1"), "expected an address such as"),
        (Options("http://127.0.0.1:99999"), "expected an address such as"),
        (Options("http://me:secret@127.0.0.1"), "set SERVING_API_KEY instead"),
        (Options("nowhere"), "nowhere: expected the address of a server"),
        (Options("http://127.0.0.1:1", requests=0), "--requests: expected 1 to 100,000, found 0"),
        (Options("http://127.0.0.1:1", connections=0), "must be above 0"),
        (Options("http://127.0.0.1:1"), "artifacts/export is missing"),
    ],
    ids=lambda value: value.challenger if isinstance(value, Options) else "",
)
def test_mistakes_are_told(here: Path, options: Options, said: str) -> None:
    with pytest.raises(DeclarationError, match=said) as told:
        replay(options)
    assert "secret" not in str(told.value)
