"""KServe's client builds the requests and reads the answers, in an environment of its own."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from serving.manifest import Build, Manifest
from serving.protocols import v2

KSERVE = "kserve==0.21.0"
BUILDS = """
import json, sys
from pathlib import Path
import numpy as np
from kserve.protocol.infer_type import InferInput, InferRequest, RequestedOutput

folder = Path(sys.argv[1])
for binary in (False, True):
    inputs = []
    for name, datatype, values in (
        ("carrier", "BYTES", np.array(["AA", "\\u00e9\\u00e9"], object)),
        ("distance", "FP32", np.array([100, 2475], np.float32)),
        ("temp", "INT64", np.array([[20], [-3]])),
    ):
        inputs.append(InferInput(name, list(values.shape), datatype))
        inputs[-1].set_data_from_numpy(values, binary_data=binary)
    outputs = [RequestedOutput("late", {"binary_data": binary}), RequestedOutput("probability")]
    body, length = InferRequest("late-arrival", inputs, "7", request_outputs=outputs).to_rest()
    if length is None:
        body = json.dumps(body).encode()
    (folder / f"request-{binary}").write_bytes(body)
    (folder / f"length-{binary}").write_text(str(length or ""))
"""
READS = """
import json, sys
from pathlib import Path
from kserve.protocol.infer_type import InferResponse

folder = Path(sys.argv[1])
for binary in (False, True):
    body = (folder / f"answer-{binary}").read_bytes()
    length = (folder / f"length-{binary}").read_text()
    answer = InferResponse.from_bytes(body, int(length or len(body)))
    values = {output.name: output.as_numpy().tolist() for output in answer.outputs}
    print(json.dumps([answer.id, answer.model_name, answer.parameters, values]))
"""


@pytest.mark.slow
def test_kserves_client_is_understood_and_understands(
    tmp_path: Path, manifest: Manifest, build: Build
) -> None:
    uv = Path(sys.executable).with_name("uv")
    python = tmp_path / "kserve" / "bin" / "python"

    def run(*command: str | Path) -> str:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    run(uv, "venv", "-q", "--python", sys.executable, python.parents[1])
    run(uv, "pip", "install", "-q", "--python", python, KSERVE)
    run(python, "-c", BUILDS, tmp_path)
    for binary in (False, True):
        length = (tmp_path / f"length-{binary}").read_text()
        headers = {v2.LENGTH: length} if length else {}
        request = v2.read(headers, (tmp_path / f"request-{binary}").read_bytes(), manifest)
        assert bool(length) == binary
        assert {name: list(column) for name, column in request.columns.items()} == {
            "carrier": ["AA", "éé"],
            "distance": [100, 2475],
            "temp": [20, -3],
        }
        assert request.outputs == {"late": binary, "probability": False}
        answer, headers = v2.write(request, np.array([0.5, 0.25]), ["odd"], manifest, build)
        (tmp_path / f"answer-{binary}").write_bytes(answer)
        (tmp_path / f"length-{binary}").write_text(headers.get(v2.LENGTH, ""))
    expected = ["7", "late-arrival", {"flags": "odd"}, {"late": [1, 0], "probability": [0.5, 0.25]}]
    assert [json.loads(line) for line in run(python, "-c", READS, tmp_path).splitlines()] == [
        expected,
        expected,
    ]
