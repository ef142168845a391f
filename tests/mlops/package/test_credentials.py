"""Who we are to which registry."""

import base64
import json
from pathlib import Path

import pytest

from mlops.package import credentials
from tests.mlops.package.conftest import LOGINS


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*LOGINS, "DOCKER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def log_in(path: Path, registry: str, user: str, password: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    auth = base64.b64encode(f"{user}:{password}".encode()).decode()
    path.write_text(json.dumps({"auths": {registry: {"auth": auth}}}))


def test_without_a_login_nobody_is_named() -> None:
    assert credentials.of("ghcr.io") is None


@pytest.mark.parametrize("registry", ["ghcr.io", "127.0.0.1:5000", "localhost:5000"])
def test_a_jobs_token_is_for_githubs_registry_and_this_machines(
    monkeypatch: pytest.MonkeyPatch, registry: str
) -> None:
    monkeypatch.setenv("GITHUB_ACTOR", "actor")
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_token")

    assert credentials.of(registry) == ("actor", "ghs_token")


@pytest.mark.parametrize(
    "registry",
    ["docker.io", "ghcr.io.example.org", "example.org", "127.0.0.1.example.org", "ghcr.io:8443"],
)
def test_and_for_no_other(monkeypatch: pytest.MonkeyPatch, registry: str) -> None:
    monkeypatch.setenv("GITHUB_ACTOR", "actor")
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_token")

    assert credentials.of(registry) is None


def test_on_a_persons_machine_the_token_needs_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_TOKEN", "gho_token")

    assert credentials.of("ghcr.io") == ("token", "gho_token")


def test_what_docker_login_left_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(tmp_path / ".docker/config.json", "ghcr.io", "person", "a:password")
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_token")

    assert credentials.of("ghcr.io") == ("person", "a:password")
    assert credentials.of("registry.example.org") is None


@pytest.mark.parametrize(
    ("variable", "file"),
    [
        ("DOCKER_CONFIG", "config.json"),
        ("XDG_RUNTIME_DIR", "containers/auth.json"),
        ("REGISTRY_AUTH_FILE", ""),
    ],
)
def test_it_may_lie_where_docker_and_podman_look_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, file: str
) -> None:
    log_in(tmp_path / "own" / file, "registry.example.org", "person", "password")
    monkeypatch.setenv(variable, str(tmp_path / "own"))

    assert credentials.of("registry.example.org") == ("person", "password")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"auths": {"ghcr.io": {}}, "credsStore": "keychain"}',
        '{"auths": {"ghcr.io": {"auth": "%"}}}',
        '{"auths": {"ghcr.io": {"auth": "bm9ib2R5"}}}',
        '{"auths": {"ghcr.io": {"auth": "/w=="}}}',
    ],
)
def test_what_cannot_be_read_is_no_login(tmp_path: Path, content: str) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text(content)

    assert credentials.of("ghcr.io") is None
