"""What happens to the deals of Alder & Finch between their beginning and their end."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random

from pipelines.demo.calendar import local_day
from pipelines.demo.model import Opportunity, OpportunityStageChange
from pipelines.demo.stage_paths import moments_of, path_of, steps_along, stories_of
from pipelines.demo.stages import LOST, WON, usual_odds

_EDITS = ("raise", "push", "pull", "odds", "cut", "push", "pull")
# Every fourth deal has two rows of the same instant, if its log is long enough.
_HURRIED = 4
# How those end in turn that were taken up again.
_SECOND_ENDS = ("open", WON, LOST)
_LOST_REASONS = ("price", "competitor", "no decision", "timing", "price", "duplicate", "competitor", None)


@dataclass
class _Telling:
    """A deal on its way through its story, and the log so far."""

    rng: Random
    edits: Iterator[str]
    deal: Opportunity
    stage: str | None = None
    changes: list[OpportunityStageChange] = field(default_factory=list)

    def note(self, moment: datetime, stage: str, **columns: object) -> None:
        """Write a row of the log and bring the deal up to it."""
        self.deal = replace(self.deal, stage=stage, **columns)
        deal = self.deal
        self.changes.append(
            OpportunityStageChange(
                change_id="",
                opportunity_id=deal.opportunity_id,
                changed_at=moment,
                from_stage=self.stage,
                to_stage=stage,
                amount=deal.amount,
                probability=deal.probability,
                expected_close_on=deal.expected_close_on,
                changed_by=deal.owner_user_id,
            )
        )
        self.stage = stage


def tell(
    rng: Random, deals: list[Opportunity], with_order: set[str]
) -> tuple[tuple[Opportunity, ...], tuple[OpportunityStageChange, ...]]:
    """Return the deals as they are now, each as the last row of its log has it, and the log by time.

    The deals in `with_order` were won and never lost before.
    """
    stories = stories_of(deals, with_order)
    ends = cycle(_SECOND_ENDS)
    reasons = cycle(_LOST_REASONS)
    edits = cycle(_EDITS)
    told, log = [], []
    for n, (deal, story) in enumerate(zip(deals, stories, strict=True)):
        outcome = next(ends) if story == "reopened" else deal.outcome
        closed = deal.closed_at if outcome != "open" else None
        reason = next(reasons) if outcome == LOST else None
        deal, changes = _tell(rng, edits, replace(deal, outcome=outcome, closed_at=closed, lost_reason=reason), story)
        told.append(deal)
        log += _hurried(changes) if n % _HURRIED == 0 else changes
    log.sort(key=lambda change: (change.changed_at, change.opportunity_id))
    return tuple(told), tuple(replace(change, change_id=f"H{n:06}") for n, change in enumerate(log, start=1))


def _hurried(changes: list[OpportunityStageChange]) -> list[OpportunityStageChange]:
    """Return a log of which two rows, neither the first nor the last, were recorded at the same instant."""
    if len(changes) < 4:
        return changes
    return [changes[0], changes[1], replace(changes[2], changed_at=changes[1].changed_at), *changes[3:]]


def _tell(
    rng: Random, edits: Iterator[str], deal: Opportunity, story: str | None
) -> tuple[Opportunity, list[OpportunityStageChange]]:
    path = path_of(rng, deal, story)
    if story is None:
        return replace(deal, stage=path[-1], probability=_odds(deal, path[-1])), []
    telling = _Telling(rng, edits, replace(deal, stage=path[0], probability=_odds(deal, path[0])))
    if story == "unrecorded start":
        telling.stage = path[0]
    else:
        telling.note(deal.created_at, path[0])
    steps = steps_along(rng, path, at_least=1 if story == "unrecorded start" else 0)
    for moment, stage in zip(moments_of(rng, deal, len(steps)), steps, strict=True):
        if stage is None:
            _edit(telling, moment)
        else:
            _enter(telling, moment, stage)
    return telling.deal, telling.changes


def _enter(telling: _Telling, moment: datetime, stage: str) -> None:
    """Enter a stage: with its probability, sometimes with another amount, mostly with a date that is still to come."""
    deal, rng, columns = telling.deal, telling.rng, {}
    if deal.amount is not None and rng.random() < 0.1:
        columns["amount"] = _times(deal.amount, rng.choice(("0.9", "0.95", "1.1")))
    ends = stage in (WON, LOST)
    if not ends and deal.expected_close_on <= local_day(moment) and rng.random() < 0.7:
        columns["expected_close_on"] = local_day(moment) + timedelta(days=rng.randrange(7, 60))
    telling.note(moment, stage, probability=_odds(deal, stage), **columns)


def _edit(telling: _Telling, moment: datetime) -> None:
    """Change the amount, the probability or the expected date, and nothing else."""
    deal, rng = telling.deal, telling.rng
    what = next(telling.edits)
    earlier = deal.expected_close_on - timedelta(days=rng.randrange(7, 40))
    if what == "odds" and deal.probability is not None:
        odds = min(Decimal("0.95"), max(Decimal("0.05"), deal.probability + rng.choice((-1, 1)) * Decimal("0.1")))
        telling.note(moment, deal.stage, probability=odds)
    elif what in ("raise", "cut") and deal.amount is not None:
        factor = rng.choice(("1.1", "1.25", "1.5") if what == "raise" else ("0.6", "0.8", "0.9"))
        telling.note(moment, deal.stage, amount=_times(deal.amount, factor))
    elif what == "pull" and earlier > local_day(moment):
        telling.note(moment, deal.stage, expected_close_on=earlier)
    else:
        telling.note(
            moment, deal.stage, expected_close_on=deal.expected_close_on + timedelta(days=rng.randrange(7, 75))
        )


def _odds(deal: Opportunity, stage: str) -> Decimal | None:
    """Return the probability on entering a stage; a deal that was created without one gets one only at its end."""
    return usual_odds(deal.pipeline, stage) if deal.probability is not None or stage in (WON, LOST) else None


def _times(amount: Decimal, factor: str) -> Decimal:
    return (amount * Decimal(factor)).quantize(Decimal("0.01"))
