"""The champion: one more stage tag, and then everything that mirrors it."""

from mlops.github import releases
from mlops.github.api import Api
from mlops.promotion import mirrors
from mlops.promotion.assign import assign
from mlops.promotion.candidate import Candidate
from mlops.promotion.ending import Ending
from mlops.promotion.version import lost, overtaken
from mlops.registry import state as registry
from mlops.registry import tags
from mlops.registry.errors import RegistryError, TakenError


def promote(api: Api, judged: Candidate) -> Ending:
    """Make the candidate's version the champion, unless the champion moved since it was judged.

    The stage tag's number is the one after the newest that the verdict knew: of two promotions only
    one can make it. Raises RegistryError when the version is not released, or a mirror refuses.
    """
    state = registry.read(remote=True)
    if ending := overtaken(state, judged):
        return ending
    tag = tags.version_tag(judged.model, judged.version)
    made = next((v for v in state.versions if v.tag.name == tag), None)
    page = releases.find(api, tag)
    if made is None or made.tag.commit != judged.commit or page is None or page.draft:
        raise RegistryError(f"{tag} is not released; `mlops promote release` comes before this")
    if state.number == judged.after:
        try:
            assign(state, made, "promotion", judged.verdict.summary)
        except TakenError as taken:
            return lost(registry.read(remote=True), judged, taken)
    mirrors.put_right(registry.read(remote=True))
    return Ending("promoted", f"as {judged.model} {judged.version}")
