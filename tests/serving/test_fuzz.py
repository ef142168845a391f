"""Whatever is sent, the server answers why not, stays small, and goes on."""

import gzip
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from serving.manifest import Build
from tests.serving import conftest
from tests.serving.folders import export, late
from tests.serving.processes import Running, serving
from tests.serving.test_app import GIVEN

pytestmark = pytest.mark.slow

JSON = "application/json"
Sent = tuple[str, bytes]
"""A content type and a body."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    manifest = conftest.binary()
    folder = export(tmp_path_factory.mktemp("served") / "export", manifest, Build(version="1.2.0"))
    with serving(folder, "--log", "events") as running:
        yield running


@pytest.fixture
def api(server: Running) -> Any:
    return schemathesis.openapi.from_url(f"{server.address}/openapi.json")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_what_the_description_allows_and_forbids(api: Any, mode: GenerationMode) -> None:
    """No schema can say that a look-up must succeed, or that two lists are of one length: that
    what fits the description is accepted is left out.
    """
    left_out: Any = [schemathesis.checks.CHECKS.get_one("positive_data_acceptance")]
    asked = 0
    for found in api.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not (operation.body or operation.path_parameters):
            continue  # nothing about it can be wrong

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        def holds(case: schemathesis.Case[Any]) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(excluded_checks=left_out)

        holds()
    assert asked > 100


def table(**changed: Any) -> bytes:
    return json.dumps({"dataframe_records": [GIVEN | changed]}).encode()


def nested(rng: random.Random) -> bytes:
    depth = rng.choice([10, 100, 1000, 10_000, 200_000])
    inner = rng.choice([b"[%s]", b'{"a":%s}']) % b"1"
    opening, closing = inner.split(b"1")
    return b'{"dataframe_records": %s1%s}' % (opening * depth, closing * depth)


def numbers(rng: random.Random) -> bytes:
    odd = ["NaN", "Infinity", "-Infinity", "1e999", "-1e400", "9" * rng.randint(20, 5000), "0x10"]
    odd += ["01", "+1", "1.", ".5", "1e", "--1", "1_000", "true", "null", '"12"', "[]", "{}"]
    return table(distance=12345.25).replace(b"12345.25", rng.choice(odd).encode())


def arity(rng: random.Random) -> bytes:
    rows = [list(GIVEN.values())[: rng.randint(0, 5)] * rng.randint(0, 3) for _ in range(3)]
    columns = list(GIVEN)[: rng.randint(0, 5)] * rng.randint(0, 2)
    return json.dumps({"dataframe_split": {"columns": columns, "data": rows}}).encode()


def mixed(rng: random.Random) -> bytes:
    values = [1, -1, 1.5, "UA", "", "\u0000", "é" * 50, True, None, [], [1], {}, {"a": 1}, 2**70]
    columns = {name: rng.choice(values) for name in GIVEN}
    form = rng.choice(["dataframe_records", "instances", "inputs", "dataframe_split"])
    held = rng.choice([[columns], columns, {name: [v] for name, v in columns.items()}, "x", None])
    return json.dumps({form: held}).encode()


def duplicates(rng: random.Random) -> bytes:
    key = rng.choice(["distance", "carrier"])
    return table().replace(b'{"carrier"', b'{"%s": 1, "carrier"' % key.encode())


def truncated(rng: random.Random) -> bytes:
    whole = table()
    return whole[: rng.randint(0, len(whole) - 1)]


def flipped(rng: random.Random) -> bytes:
    body = bytearray(table())
    for _ in range(rng.randint(1, 8)):
        body[rng.randrange(len(body))] = rng.randrange(256)
    return bytes(body)


def noise(rng: random.Random) -> bytes:
    return rng.randbytes(rng.randint(0, 2000))


def protocol_two(rng: random.Random) -> bytes:
    values = [[1.0], [], [[1.0]], ["UA"], None, 1, [None], [1] * 5, [10**400], [True], "x"]
    return json.dumps(
        {
            "inputs": [
                {
                    "name": rng.choice([name, "x", ""]),
                    "shape": rng.choice([[1], [1, 1], [2], [-1], [0], [10**12], [], "x", [1.5]]),
                    "datatype": rng.choice(["FP32", "BYTES", "INT64", "FP99", "BOOL", 7]),
                    "data": rng.choice(values),
                }
                for name in list(GIVEN)[: rng.randint(0, 5)]
            ]
        }
    ).encode()


KINDS: list[Callable[[random.Random], bytes]] = [
    nested,
    numbers,
    arity,
    mixed,
    duplicates,
    truncated,
    flipped,
    noise,
    protocol_two,
]
TYPES = [JSON] * 8 + [
    "text/csv",
    "text/plain",
    "",
    "application/json; charset=latin-1",
    "multipart/x",
]


def test_ten_thousand_malformed_bodies(server: Running) -> None:
    rng, statuses = random.Random(20), Counter[int]()
    with httpx.Client(base_url=server.address) as client:
        client.post("/invocations", content=table(), headers={"content-type": JSON})
        before = server.resident()
        for n in range(10_000):
            kind = KINDS[n % len(KINDS)]
            path = "/v2/models/late-arrival/infer" if kind is protocol_two else "/invocations"
            body, content_type = kind(rng), rng.choice(TYPES)
            answer = client.post(path, content=body, headers={"content-type": content_type})
            statuses[answer.status_code] += 1
            assert answer.status_code in (200, 400, 413, 415), (kind.__name__, body[:300])
            if answer.status_code != 200:
                told = answer.json()
                assert told.get("message") or told.get("error"), (kind.__name__, body[:300])
        grown = server.resident() - before

        (found,) = client.post("/invocations", json={"dataframe_records": [GIVEN]}).json()[
            "predictions"
        ]
    assert found["probability"] == pytest.approx(late(1000, 0.5), abs=1e-6)
    assert statuses[400] > 5000
    assert statuses[200] > 100, "some of it is no more than odd"
    assert grown < 50_000_000


def columns(count: int) -> bytes:
    return json.dumps({"inputs": {f"c{n}": [1] for n in range(count)}}).encode()


LARGE: dict[str, tuple[bytes, dict[str, str], int]] = {
    "a million columns": (columns(1_000_000), {"content-type": JSON}, 413),
    "as many as fit": (columns(900_000), {"content-type": JSON}, 413),
    "a bomb": (gzip.compress(bytes(50_000_000)), {"content-encoding": "gzip"}, 415),
    "lists in lists": (b"[" * 16_000_000, {"content-type": JSON}, 413),
    "empty rows": (b'{"instances": [' + b"[]," * 5_000_000 + b"[]]}", {"content-type": JSON}, 413),
    "one long text": (table(carrier="x" * 15_000_000), {"content-type": JSON}, 400),
    "a wide CSV": (b"," * 16_000_000, {"content-type": "text/csv"}, 400),
    "a long CSV": (b"carrier\n" + b"UA\n" * 5_000_000, {"content-type": "text/csv"}, 413),
    "too much": (b" " * 17_000_000, {"content-type": JSON}, 413),
}


def test_large_bodies_do_not_pile_up(server: Running) -> None:
    with httpx.Client(base_url=server.address, timeout=60) as client:
        for _ in range(2):
            for name, (body, headers, status) in LARGE.items():
                answer = client.post("/invocations", content=body, headers=headers)
                assert answer.status_code == status, (name, answer.text[:300])
                assert answer.json()["message"]
                assert len(answer.content) < 5000
        assert client.get("/ping").status_code == 200
    assert server.resident() < 700_000_000
