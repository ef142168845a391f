"""That very digest, started and asked: for what it should answer, and beside the champion."""

from mlops.files import write_json
from mlops.github.job import say
from mlops.package import container
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

    Then the same rows go to the champion's image as well, where there is a champion that has one.
    An inconclusive comparison of the two is told, a failed one refuses.
    """
    with container.running(image.reference) as address:
        alone = _replay(Options(address))
        refused = _refused(alone)
        beside = None
        if refused is None and champion is not None and champion.record is not None:
            with container.running(champion.record.image.reference) as other:
                beside = _replay(Options(address, other))
            refused = _refused(beside)
            if beside.outcome == "inconclusive":
                say(f"beside the champion: inconclusive by {beside.summary}", "warning")
    results = {"alone": alone, "beside_champion": beside}
    write_json(SMOKE, {k: v.model_dump(mode="json") for k, v in results.items() if v is not None})
    return refused


def _replay(options: Options) -> Replay:
    result = rehearse.replay(options)
    render.report(result)
    return result


def _refused(result: Replay) -> Ending | None:
    """An inconclusive smoke test is none that was passed; beside the champion it may be."""
    if result.outcome == "fail" or (result.mode == "smoke" and result.outcome != "pass"):
        what = "the smoke test" if result.mode == "smoke" else "the replay beside the champion"
        return Ending("refused", f"by {what} of its image: {result.summary}")
    return None
