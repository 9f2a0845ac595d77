-- What is open at the end of a period is due by then or later, and nothing else.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_pipeline_movement'}}}) }}

with

snapshots as (
    select
        period_grain,
        period_start,
        pipeline,
        sum(open_amount) as open_amount
    from {{ ref('rpt_pipeline') }}
    group by period_grain, period_start, pipeline
)

select
    movements.period_grain,
    movements.period_start,
    movements.pipeline,
    movements.closing_amount,
    movements.later_amount,
    snapshots.open_amount
from {{ ref('rpt_pipeline_movement') }} as movements
full outer join snapshots
    on movements.period_grain = snapshots.period_grain
    and movements.period_start = snapshots.period_start
    and movements.pipeline = snapshots.pipeline
where
    movements.period_start is null
    or movements.closing_amount + movements.later_amount <> coalesce(snapshots.open_amount, 0)
