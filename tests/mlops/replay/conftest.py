"""A repository's worth of files for a replay, and servers to replay against."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mlops import params
from mlops.replay import checks, send, traffic
from mlops.replay.rehearse import Options, replay
from mlops.replay.result import Replay
from tests.conftest import ROOT
from tests.mlops.replay.stub import Stub, probability, serving

LIMITS: dict[str, Any] = {
    "requests": 80,
    "batch_share": 0.1,
    "minimum": 40,
    "resamples": 200,
    "level": 0.95,
    "errors": 0.0,
    "agreement": 0.8,
    "tolerance": 0.1,
    "same": 0.999,
    "psi": 0.25,
    "latency_ratio": 1.5,
    "latency_slack_ms": 500.0,  # machines that test are busy
}

Rehearse = Callable[..., Replay]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with params.yaml and recorded traffic, `seen.jsonl`; the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SERVING_API_KEY", raising=False)
    monkeypatch.setattr(send, "WARM", 1)
    monkeypatch.setattr(traffic, "BATCH", 10)
    monkeypatch.setattr(checks, "BATCHES", 8)
    limit()
    rows = [{"branch": "b", "amount": float(n % 101)} for n in range(300)]
    lines = [{"columns": row, "prediction": probability(row)} for row in rows]
    Path("seen.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return tmp_path


def limit(**limits: object) -> None:
    """Write params.yaml with these limits."""
    yaml = YAML(typ="safe")
    content = yaml.load((ROOT / params.PATH).read_text())
    content["replay"] = LIMITS | limits
    with Path(params.PATH).open("w") as file:
        yaml.dump(content, file)


@pytest.fixture
def serve() -> Iterator[Callable[[Stub], str]]:
    """Start a stub and give its address."""
    with ExitStack() as servers:
        yield lambda stub: servers.enter_context(serving(stub)).url


@pytest.fixture
def rehearse(here: Path, serve: Callable[[Stub], str]) -> Rehearse:
    """Replay the recorded traffic against stubs."""

    def act(challenger: Stub, champion: Stub | None = None, **options: Any) -> Replay:
        addresses = (serve(challenger), serve(champion) if champion else None)
        return replay(Options(*addresses, **({"recorded": Path("seen.jsonl")} | options)))

    return act
