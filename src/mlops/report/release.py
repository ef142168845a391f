"""A version's release page, and its model card with the version on it."""

from collections.abc import Iterator, Mapping
from typing import Any

from mlops.registry.record import Version
from mlops.report.untrusted import clean, code, prose


def notes(version: Version, metrics: Mapping[str, Any]) -> str:
    """The text of the release page, Markdown; `metrics` are those of metrics/test.json."""
    image, verdict = version.delivered, version.verdict
    rows = {
        "commit": f"`{version.commit}`",
        "image": f"`{image.reference}`",
        "provenance": "attested and verified" if image.attested else "not attested",
        "data": f"`{version.facts.data}`, through {clean(version.facts.through, 50)}",
        "dvc.lock": f"`{version.facts.lock}`",
        "judged against": verdict.champion or "no champion: the absolute gates alone",
        "verdict": prose(f"{verdict.decision}: {verdict.summary}"),
        "promoted by": code(version.by),
    }
    approvals = [f"- {code(given.by)}: {prose(given.on)}" for given in version.approvals]
    return "\n".join(
        [
            f"What changed: {prose('; '.join(version.why))}",
            "",
            "| | |",
            "|---|---|",
            *(f"| {name} | {value.replace('|', '&#124;')} |" for name, value in rows.items()),
            "",
            "### How good it is",
            "",
            "| metric | held-out rows |",
            "|---|--:|",
            *(f"| `{name}` | {value:.4f} |" for name, value in _numbers(metrics)),
            "",
            *(["### Approved by", "", *approvals, ""] if approvals else []),
            "### Run it",
            "",
            "```sh",
            "docker run --rm -p 127.0.0.1:8080:8080 -e SERVING_API_KEY \\",
            f"    --read-only --cap-drop ALL {image.reference}",
            "```",
            "",
            "Where it came from, and whether it can be made again:",
            "",
            "```sh",
            f"mlops lineage {version.version}",
            f"mlops verify {version.version}",
            "```",
        ]
    )


def _numbers(metrics: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    return ((k, v) for k, v in metrics.items() if isinstance(v, float))


def stamped(card: str, version: Version) -> str:
    """The model card of a version: the run's card, and on top of it what only a release knows."""
    title, _, rest = card.partition("\n")
    stamp = (
        f"**Version {version.version}**, promoted {version.at[:10]} from commit "
        f"`{version.commit[:12]}`; image `{version.delivered.reference}`."
    )
    return "\n".join([title, "", stamp, rest])
