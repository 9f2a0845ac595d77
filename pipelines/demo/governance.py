"""Which reports Alder & Finch publishes, and what it decides because of them."""

from datetime import date, timedelta
from random import Random

from pipelines.demo.calendar import AS_OF, local_day, month_starts
from pipelines.demo.model import ReportDecision, ReportPublication

_TODAY = local_day(AS_OF)
_REPORTS = ("rpt_sales_summary", "rpt_sales_funnel", "rpt_customer_churn", "rpt_sales_cost", "rpt_receivables")
_FIRST = date(2025, 1, 1)


def make_publications(rng: Random) -> tuple[ReportPublication, ...]:
    """Return five reports a month of 2025, published on the third of the next month; most are looked at."""
    found = []
    for month in month_starts(_FIRST, date(2025, 11, 1)):
        day = (month + timedelta(days=31)).replace(day=3)
        for report in _REPORTS:
            viewed = day + timedelta(days=rng.randrange(0, 12)) if rng.random() < 0.8 else None
            viewed = viewed if viewed and viewed < _TODAY else None
            release = f"{day - timedelta(days=2):%Y-%m-%d}"
            found.append(ReportPublication(f"B{len(found) + 1:04}", release, report, day, viewed))
    return tuple(found)


def make_decisions(rng: Random, publications: tuple[ReportPublication, ...]) -> tuple[ReportDecision, ...]:
    """Return what was decided because of the publications that were looked at.

    Some decisions come after 30 days, one release has two of one report, some name no release, one names a report
    that is not on the list, and not all are done in time.
    """
    viewed = [publication for publication in publications if publication.first_viewed_on]
    found = [_decision(rng, n, publication) for n, publication in enumerate(viewed) if n % 3 != 1]
    found.append(_decision(rng, 0, viewed[0]))
    found.append(_decision(rng, 4, viewed[-1], report="rpt_sales_forecast"))
    found = [one for one in found if one.decided_on < _TODAY]
    found.sort(key=lambda one: (one.decided_on, one.report))
    return tuple(
        ReportDecision(
            decision_id=f"N{n:03}",
            release_id=one.release_id,
            report=one.report,
            decided_on=one.decided_on,
            decision=f"Decision {n:03}",
            owner=one.owner,
            due_on=one.due_on,
            done_on=one.done_on,
            outcome=f"Outcome {n:03}" if one.done_on else None,
        )
        for n, one in enumerate(found, start=1)
    )


def _decision(rng: Random, n: int, publication: ReportPublication, report: str | None = None) -> ReportDecision:
    first = publication.first_viewed_on or publication.published_on
    decided = first + timedelta(days=rng.randrange(1, 15) if n % 5 else 40)
    due = decided + timedelta(days=21) if n % 4 else None
    done = decided + timedelta(days=rng.randrange(5, 40)) if n % 6 else None
    return ReportDecision(
        decision_id="",
        release_id=None if n % 7 == 2 else publication.release_id,
        report=report or publication.report,
        decided_on=decided,
        decision="",
        owner=rng.choice(("U01", "U10", "U12")),
        due_on=due,
        done_on=done if done and done < _TODAY else None,
        outcome=None,
    )
