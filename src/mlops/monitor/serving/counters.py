"""What servers counted, in Prometheus' text format, from files or from the servers themselves."""

import os
import ssl
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from mlops.monitor.result import MonitorFailed

PATIENCE = 10.0  # seconds
LARGEST = 32 * 1024 * 1024  # bytes of one answer
BETWEEN = ".."
KEY = "SERVING_API_KEY"
COUNTED = ("counter", "histogram")
OURS = "serving_rows"  # the family that every server of this project has, asked or not

Labels = tuple[tuple[str, str], ...]
Counts = dict[tuple[str, Labels], float]


@dataclass(frozen=True)
class Counters:
    """Cumulative counts by name and labels; those of several servers are added up."""

    counts: Counts

    def of(self, name: str) -> Iterator[tuple[dict[str, str], float]]:
        """The labels and the count of each series of a name, such as `serving_requests_total`."""
        return ((dict(labels), n) for (found, labels), n in self.counts.items() if found == name)


def collect(sources: Sequence[str]) -> tuple[Counters, str]:
    """The counts of all sources together, and the sources as a person would call them.

    A source is a file, an address (http or https; the key in SERVING_API_KEY goes with the
    question), or EARLIER..LATER, two files of one server: what it counted between them. Where
    something went down in between, the server has started anew, and all of the later file counts.

    Raises MonitorFailed that names a source which cannot be had, or is none of a server's.
    """
    whole: Counts = defaultdict(float)
    names = []
    for source in sources:
        counts, name = _one(source)
        for series, count in counts.items():
            whole[series] += count
        names.append(name)
    return Counters(whole), ", ".join(names)


def _one(source: str) -> tuple[Counts, str]:
    if source.startswith(("http://", "https://")):
        name = _without_secrets(source)
        return _parsed(_asked(source, name), name), name
    path = Path(source)
    if not path.is_file():
        for earlier, later in _pairs(source):
            if earlier.is_file() and later.is_file():
                counted = _between(*(_parsed(_read(p), str(p)) for p in (earlier, later)))
                return counted, f"{earlier.name}{BETWEEN}{later.name}"
        raise MonitorFailed(
            f"{source}: there is no such file; give a file, an address, or two files as "
            f"EARLIER{BETWEEN}LATER"
        )
    return _parsed(_read(path), source), path.name


def _pairs(source: str) -> Iterator[tuple[Path, Path]]:
    """A path may hold two dots itself: every way to read the source."""
    for at in range(1, len(source) - len(BETWEEN)):
        if source[at:].startswith(BETWEEN):
            yield Path(source[:at]), Path(source[at + len(BETWEEN) :])


def _between(earlier: Counts, later: Counts) -> Counts:
    if any(later.get(series, 0.0) < count for series, count in earlier.items()):
        return later
    return {series: count - earlier.get(series, 0.0) for series, count in later.items()}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as broken:
        raise MonitorFailed(f"{path}: cannot be read ({broken})") from None


def _asked(url: str, name: str) -> str:
    """The answer of a server; no redirect is followed, so that the key goes nowhere else."""
    key = os.environ.get(KEY)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    trust = ssl.create_default_context()
    content = b""
    try:
        with (
            httpx.Client(timeout=PATIENCE, trust_env=False, verify=trust) as client,
            client.stream("GET", url, headers=headers) as answer,
        ):
            for part in answer.iter_bytes():
                content += part
                if len(content) > LARGEST:
                    raise MonitorFailed(f"{name}: the answer is larger than {LARGEST >> 20} MB")
        text = content.decode()
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeDecodeError) as broken:
        why = str(broken) or type(broken).__name__
        raise MonitorFailed(f"{name}: cannot be asked ({why})") from None
    if not answer.is_success:
        remedy = f"; is {KEY} its key?" if answer.status_code == httpx.codes.UNAUTHORIZED else ""
        raise MonitorFailed(f"{name}: answered {answer.status_code}{remedy}")
    return text


def _without_secrets(url: str) -> str:
    """Scheme, host and path alone: a user's password or a token in the query is not shown."""
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL:
        return url.partition("?")[0].rpartition("@")[2]
    port = f":{found.port}" if found.port else ""
    return f"{found.scheme}://{found.host}{port}{found.path}"


def _parsed(text: str, name: str) -> Counts:
    counts: Counts = defaultdict(float)
    families = set()
    try:
        for family in text_string_to_metric_families(text):
            families.add(family.name)
            for sample in family.samples:
                float(sample.labels.get("le", 0))  # ValueError where a bucket has no number
                if family.type in COUNTED and 0 <= sample.value < inf:
                    counts[sample.name, tuple(sorted(sample.labels.items()))] += sample.value
    except (ValueError, IndexError, KeyError) as broken:
        raise MonitorFailed(f"{name}: not Prometheus' text format ({broken})") from None
    if OURS not in families:
        raise MonitorFailed(
            f"{name}: expected what a server of this model tells at /metrics; there is no "
            f"{OURS}_total in it"
        )
    return counts
