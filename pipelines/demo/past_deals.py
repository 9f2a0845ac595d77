"""The deals of the demo company as they were at an earlier instant."""

from dataclasses import replace
from datetime import datetime

from pipelines.demo.model import Company, Opportunity, OpportunityStageChange
from pipelines.demo.stages import LOST, WON, open_stages, usual_odds


def deals_at(company: Company, instant: datetime) -> tuple[tuple[Opportunity, ...], tuple[OpportunityStageChange, ...]]:
    """Return the deals that had begun at `instant`, as their logs had them, and the logs up to then.

    Of a deal without a log its own dates tell: before it was closed it was in the first stage of its pipeline.
    """
    logs: dict[str, list[OpportunityStageChange]] = {}
    for change in company.opportunity_stage_changes:
        logs.setdefault(change.opportunity_id, []).append(change)
    begun = [deal for deal in company.opportunities if deal.created_at <= instant]
    log = tuple(change for change in company.opportunity_stage_changes if change.changed_at <= instant)
    return tuple(_deal_at(deal, logs.get(deal.opportunity_id, []), instant) for deal in begun), log


def _deal_at(deal: Opportunity, log: list[OpportunityStageChange], instant: datetime) -> Opportunity:
    past = [change for change in log if change.changed_at <= instant]
    if len(past) == len(log) and (log or not deal.closed_at or deal.closed_at <= instant):
        return deal
    if past:
        last = past[-1]
        return _in_stage(deal, last.to_stage, last, last.changed_at)
    if log:
        return _in_stage(deal, log[0].from_stage, log[0])
    return _in_stage(deal, open_stages(deal.pipeline)[0])


def _in_stage(
    deal: Opportunity,
    stage: str,
    change: OpportunityStageChange | None = None,
    since: datetime | None = None,
) -> Opportunity:
    """Return a deal in a stage: with what a row of its log says, if there is one, and closed `since` if that ends it.

    Before the first row, `since` is None, and the deal has the probability of its stage.
    """
    then = replace(deal, stage=stage)
    if change:
        then = replace(
            then, amount=change.amount, probability=change.probability, expected_close_on=change.expected_close_on
        )
    if since is None and then.probability is not None:
        then = replace(then, probability=usual_odds(deal.pipeline, stage))
    ends = stage in (WON, LOST)
    return replace(then, outcome=stage if ends else "open", closed_at=since if ends else None, lost_reason=None)
