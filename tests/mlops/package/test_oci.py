"""Digests, labels and tags of a registry on loopback: what is believed, and what is refused."""

import json

import pytest

from mlops.package import oci
from mlops.package.errors import AccessDeniedError, PackagingError
from tests.mlops.package.registry import (
    INDEX,
    MUTATING,
    HangUpError,
    RefusedError,
    Registry,
    digest_of,
)

OWNER = "owner/name"
ABSENT = f"sha256:{'0' * 64}"


@pytest.fixture
def name(registry: Registry) -> str:
    return f"{registry.address}/{OWNER}"


def written(registry: Registry) -> list[str]:
    return [call for call in registry.calls if call.startswith(MUTATING)]


def test_a_tag_means_a_digest_or_nothing(registry: Registry, name: str) -> None:
    assert oci.digest(f"{name}:1.2.0") is None  # no such repository
    pushed = registry.push(OWNER, {}, tag="1.2.0")

    assert oci.digest(f"{name}:1.2.0") == pushed
    assert oci.digest(f"{name}:1.3.0") is None  # no such tag


def test_labels_are_read_by_digest(registry: Registry, name: str) -> None:
    pushed = registry.push(OWNER, {"data.md5": "0123"})

    assert oci.labels(name, pushed) == {"data.md5": "0123"}


def test_blobs_may_be_kept_elsewhere_and_no_token_goes_there(
    registry: Registry, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(registry, monkeypatch)
    registry.elsewhere = True
    pushed = registry.push(OWNER, {"data.md5": "0123"})

    assert oci.labels(name, pushed) == {"data.md5": "0123"}
    oci.present(name, pushed)
    stored = [shown for path, shown in registry.shown if path.startswith("/storage/")]
    assert stored == [""]  # the configuration alone is downloaded


def index(registry: Registry, *labels: dict[str, str]) -> str:
    """An index as docker makes it: an image a platform, and an attestation beside each."""
    entries = []
    for said in labels:
        image = registry.push(OWNER, said)
        note = registry.push(OWNER, {}, layer=image.encode())
        about = {"vnd.docker.reference.type": "attestation-manifest"}
        entries += [{"digest": image}, {"digest": note, "annotations": about}]
    return registry.keep(OWNER, {"manifests": entries, "mediaType": INDEX}, INDEX)


def test_an_index_with_attestations_is_one_image(registry: Registry, name: str) -> None:
    pushed = index(registry, {"data.md5": "0123"})

    assert oci.labels(name, pushed) == {"data.md5": "0123"}
    oci.present(name, pushed)
    oci.tag(name, pushed, "1.2.0")
    assert registry.at(OWNER).kinds[registry.at(OWNER).tags["1.2.0"]] == INDEX


def test_platforms_that_are_labelled_differently_are_refused(registry: Registry, name: str) -> None:
    pushed = index(registry, {"data.md5": "0123"}, {"data.md5": "4567"})

    with pytest.raises(PackagingError, match="expected one image, or all labelled alike"):
        oci.labels(name, pushed)


def test_what_is_present_has_its_manifest_and_every_layer(registry: Registry, name: str) -> None:
    pushed = registry.push(OWNER, {}, layer=b"a model")
    oci.present(name, pushed)

    del registry.at(OWNER).blobs[digest_of(b"a model")]

    with pytest.raises(PackagingError, match=rf"refused {name}@{pushed}: .*404"):
        oci.present(name, pushed)


def test_what_is_not_there_is_not_present(registry: Registry, name: str) -> None:
    registry.push(OWNER, {})

    with pytest.raises(PackagingError, match="404 Not Found: manifest unknown"):
        oci.present(name, ABSENT)


def test_bytes_that_do_not_hash_to_their_digest_are_refused(registry: Registry, name: str) -> None:
    here, pushed = registry.at(OWNER), registry.push(OWNER, {"data.md5": "0123"})
    config = json.loads(here.manifests[pushed])["config"]["digest"]

    here.blobs[config] = here.blobs[config].replace(b"0123", b"4567")
    with pytest.raises(PackagingError, match="the registry gave other bytes"):
        oci.labels(name, pushed)

    here.manifests[pushed] = here.manifests[pushed] + b" "
    for asked in (oci.present, oci.labels):
        with pytest.raises(PackagingError, match="do not use this image"):
            asked(name, pushed)


@pytest.mark.parametrize("given", ["1.2.0", "sha256:12", "../../other/manifests/1", ""])
def test_what_is_no_digest_is_not_asked_for(registry: Registry, name: str, given: str) -> None:
    with pytest.raises(PackagingError, match="is no digest"):
        oci.present(name, given)

    assert registry.calls == []


def test_a_tag_is_the_same_manifest_under_another_name(registry: Registry, name: str) -> None:
    pushed = registry.push(OWNER, {}, tag="candidate")

    oci.tag(name, pushed, "1.2.0")

    assert registry.at(OWNER).tags == {"candidate": pushed, "1.2.0": pushed}
    assert written(registry) == ["PUT manifests/1.2.0"]


def test_a_tag_that_is_there_is_not_put_again(registry: Registry, name: str) -> None:
    pushed = registry.push(OWNER, {}, tag="1.2.0")

    oci.tag(name, pushed, "1.2.0")

    assert written(registry) == []


def test_a_version_is_never_given_to_another_image(registry: Registry, name: str) -> None:
    first = registry.push(OWNER, {"version": "1"}, tag="1.2.0")
    second = registry.push(OWNER, {"version": "2"})

    with pytest.raises(PackagingError, match=rf"1\.2\.0 is {first} already"):
        oci.tag(name, second, "1.2.0")

    assert registry.at(OWNER).tags["1.2.0"] == first
    assert written(registry) == []


def test_a_moving_tag_is(registry: Registry, name: str) -> None:
    registry.push(OWNER, {"version": "1"}, tag="champion")
    second = registry.push(OWNER, {"version": "2"})

    oci.tag(name, second, "champion", moving=True)

    assert registry.at(OWNER).tags["champion"] == second


def test_a_tag_that_somebody_else_took_meanwhile_is_noticed(registry: Registry, name: str) -> None:
    ours = registry.push(OWNER, {"version": "1"})

    def race(call: str, when: str) -> None:
        if (call, when) == ("PUT manifests/1.2.0", "after"):
            registry.push(OWNER, {"version": "2"}, tag="1.2.0")

    registry.on_call = race

    with pytest.raises(PackagingError, match="somebody else gave it as well"):
        oci.tag(name, ours, "1.2.0")


def test_tags_come_in_pages(registry: Registry, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oci, "PAGE", 2)
    assert oci.tags(name) == []
    for tag in ("b", "a", "e", "d", "c"):
        registry.push(OWNER, {}, tag=tag)

    assert oci.tags(name) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("refusal", [RefusedError(503, "overloaded"), HangUpError()])
def test_a_question_is_asked_again(registry: Registry, name: str, refusal: Exception) -> None:
    pushed = registry.push(OWNER, {}, tag="1.2.0")
    left = [refusal, refusal]

    def tired(call: str, when: str) -> None:
        if when == "before" and left:
            raise left.pop()

    registry.on_call = tired

    assert oci.digest(f"{name}:1.2.0") == pushed


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (RefusedError(503, "overloaded"), "refused .* 503 Service Unavailable: overloaded"),
        (HangUpError(), "did not answer GET manifests/1.2.0"),
    ],
)
def test_but_not_for_ever(registry: Registry, name: str, refusal: Exception, said: str) -> None:
    def down(call: str, when: str) -> None:
        raise refusal

    registry.on_call = down

    with pytest.raises(PackagingError, match=said):
        oci.digest(f"{name}:1.2.0")


def test_a_tag_whose_answer_was_lost_is_put_once(registry: Registry, name: str) -> None:
    pushed, lost = registry.push(OWNER, {}), [True]

    def hang_up(call: str, when: str) -> None:
        if call.startswith("PUT") and when == "after" and lost:
            lost.clear()
            raise HangUpError

    registry.on_call = hang_up
    oci.tag(name, pushed, "1.2.0")

    assert registry.at(OWNER).tags == {"1.2.0": pushed}


def test_an_answer_that_is_no_manifest_is_refused(registry: Registry, name: str) -> None:
    here = registry.at(OWNER)
    content = b"<html>"
    here.manifests[digest_of(content)], here.kinds[digest_of(content)] = content, INDEX

    with pytest.raises(PackagingError, match="is no JSON object"):
        oci.labels(name, digest_of(content))


def logged_in(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.login = ("actor", "ghs_token")
    monkeypatch.setenv("GITHUB_ACTOR", "actor")
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_token")


@pytest.mark.parametrize("scheme", ["Bearer", "Basic"])
def test_a_jobs_token_opens_the_registry(
    registry: Registry, name: str, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    logged_in(registry, monkeypatch)
    registry.scheme = scheme
    pushed = registry.push(OWNER, {}, tag="candidate")

    oci.tag(name, pushed, "1.2.0")

    assert oci.tags(name) == ["1.2.0", "candidate"]


def test_it_is_shown_where_tokens_are_given_and_nowhere_else(
    registry: Registry, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(registry, monkeypatch)
    pushed = registry.push(OWNER, {}, tag="candidate")

    oci.tag(name, pushed, "1.2.0")

    shown = {path for path, given in registry.shown if given.startswith("Basic")}
    assert shown == {"/token"}


def test_without_a_login_only_what_is_for_everybody_is_had(registry: Registry, name: str) -> None:
    registry.login, registry.everybody = ("actor", "ghs_token"), "pull"
    pushed = registry.push(OWNER, {"data.md5": "0123"})

    assert oci.labels(name, pushed) == {"data.md5": "0123"}
    with pytest.raises(PackagingError, match=r"401 .*`packages: write`.*docker login"):
        oci.tag(name, pushed, "1.2.0")


def test_who_may_only_read_reads(
    registry: Registry, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token server grants what it can of what is asked for."""
    registry.login, registry.everybody = ("actor", "ghs_token"), "pull"
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_readonly")
    pushed = registry.push(OWNER, {"data.md5": "0123"})

    assert oci.labels(name, pushed) == {"data.md5": "0123"}


def test_before_the_first_push_there_is_no_image_for_who_may_push(
    registry: Registry, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(registry, monkeypatch)

    assert oci.digest(f"{name}:1.2.0") is None


def test_a_token_that_has_expired_is_fetched_again(
    registry: Registry, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(registry, monkeypatch)
    pushed = registry.push(OWNER, {}, tag="1.2.0")

    with oci.Registry(name) as opened:
        opened.present(pushed)
        registry.forget_tokens()
        assert opened.digest("1.2.0") == pushed


def test_a_wrong_login_is_told(
    registry: Registry, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(registry, monkeypatch)
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_another")

    with pytest.raises(PackagingError, match=r"refused a token for .*: 403 .*is denied"):
        oci.digest(f"{name}:1.2.0")


def test_whether_it_takes_an_image_is_asked_without_giving_it_one(
    registry: Registry, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(registry, monkeypatch)
    oci.pushable(name)
    assert registry.repositories == {}

    registry.everybody = "pull"
    monkeypatch.delenv("GITHUB_TOKEN")
    registry.forget_tokens()
    with pytest.raises(AccessDeniedError, match=r"to take an image .*: 401 .*`packages: write`"):
        oci.pushable(name)


def test_a_login_over_plain_http_on_another_machine_is_refused(
    registry: Registry, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(registry, monkeypatch)
    registry.realm = "http://registry.invalid/token"

    with pytest.raises(PackagingError, match="only https is used"):
        oci.digest(f"{name}:1.2.0")

    assert not [given for _, given in registry.shown if given]
