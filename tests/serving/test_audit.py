"""No request makes the server unpickle, start a program or call out: Python's audit hooks watch."""

import hashlib
import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import onnx
import pytest
from onnx import TensorProto, helper

from serving import manifest
from serving.manifest import Input, Key, Manifest, Output, Policy, Table

KEY = "a-key-of-this-test-alone"
WATCHED = [
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.system",
    "pickle.find_class",
    "pty.spawn",
    "socket.connect",
    "subprocess.Popen",
]
PREFACE = f"""
import os, sys
log = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
watched = frozenset({WATCHED})
sys.addaudithook(lambda event, _: event in watched and os.write(log, (event + "\\n").encode()))
"""
SERVER = "from serving.server import main; sys.exit(main())"
ROW = {"carrier": "AA", "distance": 2475.0}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that adds the distance and what is looked up by the carrier."""
    folder = tmp_path_factory.mktemp("model")
    graph = helper.make_graph(
        [helper.make_node("ReduceSum", ["float32", "axes"], ["variable"], keepdims=1)],
        "sum",
        [
            helper.make_tensor_value_info("text", TensorProto.STRING, [None, 1]),
            helper.make_tensor_value_info("float32", TensorProto.FLOAT, [None, 2]),
        ],
        [helper.make_tensor_value_info("variable", TensorProto.FLOAT, [None, 1])],
        [helper.make_tensor("axes", TensorProto.INT64, [1], [1])],
    )
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), folder / "model.onnx")
    (folder / "tables").mkdir()
    table = {"keys": [["AA"]], "values": [[25.0]]}
    (folder / "tables" / "late.json").write_text(json.dumps(table))
    names = ["model.onnx", "tables/late.json"]
    described = Manifest(
        format=1,
        name="sum",
        inputs=[
            Input("carrier", "text", known=["AA"]),
            Input("distance", "float32", low=0),
            Input("late", "float32", nullable=True, table="late"),
        ],
        output=Output("regression", "minutes", "variable"),
        policy=Policy(unknown="flag", outside="reject"),
        files={n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in names},
        identifiers=[],
        keys=[Key("carrier", "text")],
        tables=[Table("late", "tables/late.json", ["carrier"], ["late"], rows=1)],
    )
    (folder / manifest.FILE).write_text(manifest.dump(described))
    return folder


@contextmanager
def watched(model: Path, log: Path) -> Iterator[httpx.Client]:
    """A server whose hook was there before its first import."""
    command = [sys.executable, "-c", PREFACE + SERVER, str(log), "--model", str(model), "--port=0"]
    environment = {**os.environ, "SERVING_API_KEY": KEY}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        try:
            address = json.loads(server.stdout.readline())["address"]
            headers = {"Authorization": f"Bearer {KEY}"}
            with httpx.Client(base_url=address, headers=headers, trust_env=False) as client:
                yield client
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                raise
    assert server.returncode == 0


def v2(**more: Any) -> dict[str, Any]:
    """The row as tensors."""
    carrier = {"name": "carrier", "shape": [1], "datatype": "BYTES", "data": ["AA"]}
    distance = {"name": "distance", "shape": [1], "datatype": "FP32", "data": [2475.0]}
    return {"inputs": [carrier, distance], **more}


def v2_binary() -> tuple[dict[str, str], bytes]:
    """The row as tensors whose values follow the JSON as bytes."""
    values = [struct.pack("<I", 2) + b"AA", struct.pack("<f", 2475.0)]
    message = v2(parameters={"binary_data_output": True})
    for tensor, value in zip(message["inputs"], values, strict=True):
        del tensor["data"]
        tensor["parameters"] = {"binary_data_size": len(value)}
    text = json.dumps(message).encode()
    headers = {
        "Content-Type": "application/octet-stream",
        "Inference-Header-Content-Length": str(len(text)),
    }
    return headers, text + b"".join(values)


def test_no_protocol_reaches_a_pickle_a_program_or_another_host(
    model: Path, tmp_path: Path
) -> None:
    log = tmp_path / "events"
    pickled = b"\x80\x04cos\nsystem\n\x8c\x04true\x85R."  # os.system("true"), as a pickle says it

    with watched(model, log) as client:
        names, values = list(ROW), list(ROW.values())
        for body in (
            {"dataframe_split": {"columns": names, "data": [values]}},
            {"dataframe_records": [ROW]},
            {"instances": [ROW]},
            {"inputs": {name: [value] for name, value in ROW.items()}},
        ):
            answer = client.post("/invocations", json=body)
            assert answer.json() == {"predictions": [2500.0]}, body
        csv = {"Content-Type": "text/csv"}
        answer = client.post("/invocations", content="carrier,distance\nAA,2475\n", headers=csv)
        assert answer.json() == {"predictions": [2500.0]}
        large = client.post("/invocations", json={"dataframe_records": [ROW] * 3000})
        assert large.json() == {"predictions": [2500.0] * 3000}

        infer = "/v2/models/sum/infer"
        (minutes,) = client.post(infer, json=v2()).json()["outputs"]
        assert minutes["data"] == [2500.0]
        headers, body_of_bytes = v2_binary()
        answer = client.post(infer, content=body_of_bytes, headers=headers)
        assert answer.status_code == 200
        assert struct.pack("<f", 2500.0) in answer.content

        for address in (
            *("/ping", "/health", "/version", "/metrics", "/openapi.json", "/docs"),
            *("/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/sum"),
        ):
            assert client.get(address).status_code == 200, address

        for kind in ("application/json", "text/csv", "application/octet-stream", "text/plain"):
            for address in ("/invocations", infer):
                refused = client.post(address, content=pickled, headers={"Content-Type": kind})
                assert 400 <= refused.status_code < 500, (address, kind)
        assert client.post("/invocations", headers={"Authorization": ""}).status_code == 401

    assert log.read_text() == ""


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ("pickle.find_class", "import pickle; pickle.loads(b'cos\\ngetcwd\\n.')"),
        ("subprocess.Popen", f"import subprocess; subprocess.run([{sys.executable!r}, '-c', ''])"),
        ("os.system", "os.system('true')"),
        ("os.exec", f"os.execv({sys.executable!r}, ['python', '-c', ''])"),
        ("socket.connect", "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"),
    ],
)
def test_the_hook_notices(event: str, code: str, tmp_path: Path) -> None:
    """Or the test above could not fail."""
    log = tmp_path / "events"

    subprocess.run([sys.executable, "-c", PREFACE + code, str(log)], check=True)

    assert event in log.read_text().splitlines()
