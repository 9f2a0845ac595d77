"""Which way each deal of Alder & Finch goes: the stages that it enters, what else changes, and when."""

from datetime import date, datetime, timedelta
from random import Random

from pipelines.demo.calendar import AS_OF, local_day, office_time
from pipelines.demo.model import Opportunity
from pipelines.demo.stages import DELETED_STAGE, LOST, WON, open_stages

# A deal's story is that of its number, but every sixth that was closed without an order was lost and taken up again.
_STORIES = ("plain", "unrecorded start", "plain", "late start", "skip", "plain", "return", "plain")
_REOPENED = (6, 2)
_NO_LOG = (7, 3)
_TRIAL_UNTIL = date(2024, 7, 1)
_LIVES = timedelta(days=150)


def stories_of(deals: list[Opportunity], with_order: set[str]) -> list[str | None]:
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


def path_of(rng: Random, deal: Opportunity, story: str | None) -> list[str]:
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


def steps_along(rng: Random, path: list[str], at_least: int) -> list[str | None]:
    """Return what follows the first stage: stages to enter, and None where something else changes in an open one."""
    steps: list[str | None] = []
    for before, stage in zip(path, [*path[1:], None], strict=True):
        more = rng.choices((0, 1, 2), (60, 30, 10))[0]
        if len(path) == 1:
            more = max(more, at_least)
        if before not in (WON, LOST):
            steps += [None] * more
        if stage:
            steps.append(stage)
    return steps


def moments_of(rng: Random, deal: Opportunity, count: int) -> list[datetime]:
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
