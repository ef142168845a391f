"""What repeats who the champion is, for those who do not read git tags: never asked, only told."""

from mlops.errors import Failure
from mlops.package import oci
from mlops.registry import mirror
from mlops.registry.errors import RegistryError
from mlops.registry.state import State

CHAMPION = "champion"  # the image's tag, and MLflow's alias


def put_right(state: State) -> list[str]:
    """Let the image's tag and MLflow's registry say what the tags say; returns what was changed.

    Raises RegistryError, after every mirror was tried, when one refuses: the champion stands.
    """
    champion = state.champion
    image = champion.record.image if champion and champion.record else None
    if champion is None or image is None:
        return []
    changed, refused = [], []
    try:
        if oci.digest(f"{image.name}:{CHAMPION}") != image.digest:
            oci.tag(image.name, image.digest, CHAMPION, moving=True)
            changed.append(f"{image.name}:{CHAMPION} is {champion.version} now")
    except Failure as reason:
        refused.append(f"the image's tag {CHAMPION}: {reason}")
    try:
        if mirror.available():
            changed += mirror.sync(state)
    except Failure as reason:
        refused.append(f"MLflow's registry: {reason}")
    if refused:
        raise RegistryError(
            f"{state.model} {champion.version} is the champion, and what mirrors it is not right: "
            f"{'; '.join(refused)}. `mlops reconcile` tries again"
        )
    return changed
