"""Who built an image: its attestation, verified by GitHub's own program.

Sigstore's signature binds the image's digest to this repository, the workflow that built it and
the commit that it ran on: https://docs.github.com/en/actions/concepts/security/artifact-attestations.
"""

import os
import shutil
import subprocess

from mlops.github.api import Api
from mlops.registry.errors import RegistryError
from mlops.registry.record import Image

WORKFLOW = ".github/workflows/promote.yml"
KINDS = {
    "provenance": "https://slsa.dev/provenance/v1",
    "SBOM": "https://cyclonedx.org/bom",
}
"""What is attested, by predicate type."""


def check(image: Image, commit: str) -> None:
    """Verify that promote.yml built this digest from this commit, and says what is in it.

    Raises RegistryError when that cannot be shown.
    """
    api = Api.from_environment()
    if shutil.which("gh") is None:
        raise RegistryError(
            "gh is not on PATH, which verifies attestations; install it from https://cli.github.com"
        )
    for kind, predicate in KINDS.items():
        asked = [
            *("gh", "attestation", "verify", f"oci://{image.reference}"),
            *("--repo", api.repository),
            *("--signer-workflow", f"{api.repository}/{WORKFLOW}"),
            *("--source-digest", commit),
            *("--predicate-type", predicate),
        ]
        done = subprocess.run(
            asked,
            env=os.environ | {"GH_TOKEN": api.token},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines() or ["it did not say why"]
            raise RegistryError(
                f"the {kind} of {image.reference} is not attested by {WORKFLOW} at "
                f"{commit[:12]}: {said[-1][:500]}"
            )
