"""What each deal was at every moment, told from its log or, where there is none, from the row alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pipelines.demo.calendar import local_day
from pipelines.demo.model import Company, Opportunity, OpportunityStageChange
from pipelines.demo.money import Rates, cents

OPEN, WON, LOST = "open", "won", "lost"
UNKNOWN_STAGE = "(unknown)"


@dataclass(frozen=True)
class Moment:
    """What a deal is from an instant on; `amount` is in the reporting currency at the rate of the day of creation."""

    at: datetime
    stage: str
    state: str
    amount: Decimal | None
    probability: Decimal | None
    expected_close_on: date | None

    @property
    def value(self) -> Decimal:
        """The amount, 0 where nobody wrote one."""
        return self.amount or Decimal(0)

    @property
    def weighted(self) -> Decimal:
        """Amount times probability in cents; 0 where either is unknown."""
        return cents(self.value * self.probability) if self.probability is not None else Decimal(0)

    def is_due_before(self, end: date) -> bool:
        """Return whether the deal is expected to close before the day `end`."""
        return self.expected_close_on is not None and self.expected_close_on < end


@dataclass(frozen=True)
class Visit:
    """A stay in a stage; `left_at` is None while it lasts."""

    stage: str
    entered_at: datetime
    left_at: datetime | None


@dataclass(frozen=True)
class Deal:
    """A deal that counts, and its moments by time."""

    row: Opportunity
    moments: tuple[Moment, ...]
    amount_at_close: Decimal | None

    def on(self, day: date) -> Moment | None:
        """Return what the deal was at the end of the local `day`; None before it began."""
        known = [moment for moment in self.moments if local_day(moment.at) <= day]
        return known[-1] if known else None

    def changes(self, start: date, end: date) -> Iterator[tuple[Moment | None, Moment]]:
        """Yield what it was and what it became, for each change on a local day from `start` to before `end`."""
        before: Moment | None = None
        for moment in self.moments:
            if start <= local_day(moment.at) < end:
                yield before, moment
            before = moment

    def visits(self) -> list[Visit]:
        """Return the stays in stages in order; the end of a closed deal is a stay without an end."""
        entries: list[Moment] = []
        for moment in self.moments:
            if not entries or (moment.stage, moment.state) != (entries[-1].stage, entries[-1].state):
                entries.append(moment)
        ends = [entry.at for entry in entries[1:]]
        return [Visit(e.stage, e.at, end) for e, end in zip(entries, [*ends, None], strict=True)]


def deals_of(company: Company, test_accounts: set[str]) -> list[Deal]:
    """Return the deals that are neither deleted nor tests."""
    rates = Rates(company.exchange_rates)
    kinds = {(stage.pipeline, stage.stage): stage for stage in company.stages}
    log: dict[str, list[OpportunityStageChange]] = {}
    for change in sorted(company.opportunity_stage_changes, key=lambda c: (c.changed_at, c.change_id)):
        log.setdefault(change.opportunity_id, []).append(change)
    found = []
    for row in company.opportunities:
        if row.is_deleted or row.is_test or row.account_id in test_accounts:
            continue
        rate = rates.at(row.currency, row.created_at)
        closed = None
        if row.closed_at and row.amount is not None:
            closed = cents(row.amount * rates.at(row.currency, row.closed_at))
        moments = _logged(row, log[row.opportunity_id], rate) if row.opportunity_id in log else _unlogged(row, rate)
        usual = {stage.stage: stage.default_probability for (name, _), stage in kinds.items() if name == row.pipeline}
        found.append(Deal(row, tuple(_with_usual_odds(moment, usual) for moment in _settled(moments)), closed))
    return found


def _settled(moments: list[Moment]) -> list[Moment]:
    """Return the moments without those that were followed by another at the same instant: one instant, one change."""
    return [
        moment for moment, after in zip(moments, [*moments[1:], None], strict=True) if not after or after.at > moment.at
    ]


def _logged(row: Opportunity, changes: list[OpportunityStageChange], rate: Decimal) -> list[Moment]:
    amounts = [c.amount for c in changes if c.amount is not None]
    # the certainty of the end says nothing about the time before
    odds = [c.probability for c in changes if c.probability is not None and c.to_stage not in (WON, LOST)]
    dates = [c.expected_close_on for c in changes if c.expected_close_on is not None]
    amount, probability, expected = (values[0] if values else None for values in (amounts, odds, dates))
    moments = []
    if changes[0].changed_at > row.created_at:
        stage = changes[0].from_stage or changes[0].to_stage
        moments.append(Moment(row.created_at, stage, OPEN, _converted(amount, rate), probability, expected))
    for change in changes:
        amount = amount if change.amount is None else change.amount
        probability = probability if change.probability is None else change.probability
        expected = expected if change.expected_close_on is None else change.expected_close_on
        state = change.to_stage if change.to_stage in (WON, LOST) else OPEN
        moments.append(
            Moment(change.changed_at, change.to_stage, state, _converted(amount, rate), probability, expected)
        )
    return moments


def _unlogged(row: Opportunity, rate: Decimal) -> list[Moment]:
    """Return what a row alone says: of a closed deal nobody knows in which stage and with which odds it was open."""
    amount = _converted(row.amount, rate)
    if row.outcome == OPEN:
        return [Moment(row.created_at, row.stage, OPEN, amount, row.probability, row.expected_close_on)]
    return [
        Moment(row.created_at, UNKNOWN_STAGE, OPEN, amount, None, row.expected_close_on),
        Moment(row.closed_at, row.stage, row.outcome, amount, row.probability, row.expected_close_on),
    ]


def _converted(amount: Decimal | None, rate: Decimal) -> Decimal | None:
    return None if amount is None else cents(amount * rate)


def _with_usual_odds(moment: Moment, usual: dict[str, Decimal]) -> Moment:
    if moment.probability is not None:
        return moment
    return Moment(
        moment.at, moment.stage, moment.state, moment.amount, usual.get(moment.stage), moment.expected_close_on
    )
