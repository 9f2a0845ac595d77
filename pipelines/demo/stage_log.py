"""What happens to the deals of Alder & Finch between their beginning and their end."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random

from pipelines.demo.calendar import AS_OF, local_day, office_time
from pipelines.demo.model import Opportunity, OpportunityStageChange
from pipelines.demo.stages import DELETED_STAGE, LOST, WON, open_stages, usual_odds

# A deal's story is that of its number, but every sixth that was closed without an order was lost and taken up again.
_STORIES = ("plain", "unrecorded start", "plain", "late start", "skip", "plain", "return", "plain")
_REOPENED = (6, 2)
_NO_LOG = (7, 3)
_EDITS = ("raise", "push", "pull", "odds", "cut", "push", "pull")
_HURRIED = 4
# How those end in turn that were taken up again.
_SECOND_ENDS = ("open", WON, LOST)
_LOST_REASONS = ("price", "competitor", "no decision", "timing", "price", "duplicate", "competitor", None)
_TRIAL_UNTIL = date(2024, 7, 1)
_LIVES = timedelta(days=150)


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
    stories = _stories(deals, with_order)
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


def _stories(deals: list[Opportunity], with_order: set[str]) -> list[str | None]:
    """Return the story of each deal; None for one without a log, as those of the last day are."""
    stories: list[str | None] = []
    closed = 0
    for n, deal in enumerate(deals):
        if n % _NO_LOG[0] == _NO_LOG[1] or deal.created_at > AS_OF - timedelta(days=1):
            stories.append(None)
            continue
        plain_end = deal.closed_at is not None and deal.opportunity_id not in with_order
        closed += plain_end
        again = plain_end and closed % _REOPENED[0] == _REOPENED[1]
        stories.append("reopened" if again else _STORIES[n % len(_STORIES)])
    return stories


def _tell(
    rng: Random, edits: Iterator[str], deal: Opportunity, story: str | None
) -> tuple[Opportunity, list[OpportunityStageChange]]:
    path = _path(rng, deal, story)
    if story is None:
        return replace(deal, stage=path[-1], probability=_odds(deal, path[-1])), []
    telling = _Telling(rng, edits, replace(deal, stage=path[0], probability=_odds(deal, path[0])))
    if story == "unrecorded start":
        telling.stage = path[0]
    else:
        telling.note(deal.created_at, path[0])
    steps = _steps(rng, path, at_least=1 if story == "unrecorded start" else 0)
    for moment, stage in zip(_moments(rng, deal, len(steps)), steps, strict=True):
        if stage is None:
            _edit(telling, moment)
        else:
            _enter(telling, moment, stage)
    return telling.deal, telling.changes


def _path(rng: Random, deal: Opportunity, story: str | None) -> list[str]:
    """Return the stages that a deal goes through, in order."""
    stages = open_stages(deal.pipeline)
    path = stages[: len(stages) if deal.outcome == WON else rng.randrange(1, len(stages) + 1)]
    if story == "late start":
        path = stages[rng.randrange(1, 3) :][: max(1, len(path) - 1)]
    elif story == "skip":
        path = [stages[0], *stages[2:]]
    elif story == "return":
        path = [*stages[:2], *stages[: max(2, len(path))]]
    elif story == "reopened":
        path = [*path[:2], LOST, *stages[1 : max(2, len(path))]]
    if story in ("plain", "skip") and deal.pipeline == "retail" and local_day(deal.created_at) < _TRIAL_UNTIL:
        path = [path[0], DELETED_STAGE, *path[1:]] if len(path) > 1 else path
    return path if deal.outcome == "open" else [*path, deal.outcome]


def _steps(rng: Random, path: list[str], at_least: int) -> list[str | None]:
    """Return what follows the first stage: stages to enter, and None where something else changes in an open one."""
    steps: list[str | None] = []
    edits = 0
    for before, stage in zip(path, [*path[1:], None], strict=True):
        more = rng.choices((0, 1, 2), (60, 30, 10))[0]
        if len(path) == 1:
            more = max(more, at_least)
        if before not in (WON, LOST):
            steps += [None] * more
            edits += more
        if stage:
            steps.append(stage)
    return steps


def _moments(rng: Random, deal: Opportunity, count: int) -> list[datetime]:
    """Return the rising instants of what follows a deal's beginning, the last of a closed deal being its closing."""
    last = deal.closed_at or min(AS_OF, deal.created_at + _LIVES)
    between = count - 1 if deal.closed_at else count
    seconds = int((last - deal.created_at).total_seconds())
    moments = []
    for _ in range(between):
        guess = deal.created_at + timedelta(seconds=rng.randrange(60, seconds - 60))
        office = office_time(rng, local_day(guess))
        moments.append(office if deal.created_at < office < last else guess)
    moments.sort()
    return [*moments, deal.closed_at] if deal.closed_at else moments


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
