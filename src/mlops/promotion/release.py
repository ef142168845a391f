"""The release page of a version: drafted, filled, then published, which is what commits it."""

from pathlib import Path

from mlops.files import read_json
from mlops.github import releases
from mlops.github.api import Api
from mlops.github.releases import Release
from mlops.package import oci
from mlops.promotion import assets
from mlops.registry import tags
from mlops.registry.record import Version
from mlops.report.release import notes

METRICS = Path("metrics/test.json")


def release(api: Api, version: Version) -> Release:
    """The published release of a version; what was begun before is finished.

    Before it is published, the image has its version as a tag as well. Assets of a draft may still
    be replaced; those of a published release never are.
    """
    tag = tags.version_tag(version.name, version.version)
    title = f"{version.name} {version.version}"
    page = releases.draft(api, tag, version.commit, title, notes(version, read_json(METRICS)))
    if not page.draft:
        return page
    for asset in assets.of_the_version(version):
        releases.attach(api, page, asset)
    oci.tag(version.delivered.name, version.delivered.digest, version.version)
    return releases.publish(api, page, latest=True)
