"""That very digest, started and asked: for what it should answer, and beside the champion."""

from contextlib import ExitStack

from mlops.files import write_json
from mlops.github.job import say
from mlops.package import container
from mlops.package.errors import NotServingError, PackagingError
from mlops.promotion import candidate
from mlops.promotion.candidate import SMOKE
from mlops.promotion.ending import Ending, ended
from mlops.registry import state as registry
from mlops.registry.record import Image
from mlops.registry.state import Released
from mlops.replay import rehearse, render
from mlops.replay.rehearse import Options
from mlops.replay.result import Replay


def main() -> Ending | None:
    """The step as a command."""
    candidate.read()
    refused = smoke(candidate.read_image(), registry.read(remote=True).champion)
    return ended(refused) if refused else None


def smoke(image: Image, champion: Released | None) -> Ending | None:
    """Replay held-out rows against the image: the recorded scores must come back.

    Then the same rows go to the champion's image as well, where there is one that can be started.
    An inconclusive comparison of the two is told, a failed one refuses.
    """
    with ExitStack() as servers:
        try:
            address = servers.enter_context(container.running(image.reference))
        except NotServingError as broken:
            return Ending("refused", f"by its image: {broken}")
        found = {"alone": _replay(Options(address))}
        refused = _refused(found["alone"])
        other = None if refused else _champion(champion, servers)
        if other is not None:
            found["beside_champion"] = _replay(Options(address, other))
            refused = _refused(found["beside_champion"])
    write_json(SMOKE, {name: result.model_dump(mode="json") for name, result in found.items()})
    return refused


def _champion(champion: Released | None, servers: ExitStack) -> str | None:
    """The address of the champion's server; a champion that cannot be asked stops nobody."""
    if champion is None or champion.record is None or champion.record.image is None:
        return None
    try:
        return servers.enter_context(container.running(champion.record.image.reference))
    except PackagingError as reason:
        say(f"the champion's image cannot be asked, so nothing is compared: {reason}", "warning")
        return None


def _replay(options: Options) -> Replay:
    result = rehearse.replay(options)
    render.report(result)
    return result


def _refused(result: Replay) -> Ending | None:
    """An inconclusive smoke test is none that was passed; beside the champion it may be."""
    if result.outcome == "fail" or (result.mode == "smoke" and result.outcome != "pass"):
        what = "the smoke test" if result.mode == "smoke" else "the replay beside the champion"
        return Ending("refused", f"by {what} of its image: {result.summary}")
    if result.outcome == "inconclusive":
        say(f"beside the champion: inconclusive by {result.summary}", "warning")
    return None
