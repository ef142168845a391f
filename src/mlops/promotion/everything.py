"""All steps of a promotion in order, on one machine."""

from mlops.promotion import accept, smoke, steps


def promote() -> None:
    """The first step that ends the promotion is the last."""
    for step in (
        steps.plan,
        accept.judge,
        steps.package,
        steps.verify,
        smoke.main,
        steps.release,
        steps.champion,
    ):
        if step():
            return
