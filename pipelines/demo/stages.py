"""The pipelines of Alder & Finch."""

from decimal import Decimal

from pipelines.demo.model import Stage

# Older deals went through it; the pipeline no longer has it.
DELETED_STAGE = "trial"
WON, LOST = "won", "lost"
_OPEN = {
    "retail": (("qualification", "0.2"), ("offer", "0.5"), ("negotiation", "0.75")),
    "business": (("qualification", "0.1"), ("assessment", "0.3"), ("offer", "0.5"), ("negotiation", "0.8")),
}
_ENDS = ((WON, "1"), (LOST, "0"))
_ODDS = {(name, stage): Decimal(p) for name, found in _OPEN.items() for stage, p in (*found, *_ENDS)}


def make_stages() -> tuple[Stage, ...]:
    """Return the stages of both pipelines as they are declared today, by position."""
    return tuple(
        Stage(name, stage, position, stage if stage in (WON, LOST) else "open", Decimal(odds))
        for name, found in _OPEN.items()
        for position, (stage, odds) in enumerate((*found, *_ENDS), start=1)
    )


def open_stages(pipeline: str) -> list[str]:
    """Return the open stages of a pipeline in order."""
    return [stage for stage, _ in _OPEN[pipeline]]


def usual_odds(pipeline: str, stage: str) -> Decimal:
    """Return the probability that a deal has on entering a stage; the deleted stage had 0.35."""
    return _ODDS.get((pipeline, stage), Decimal("0.35"))
