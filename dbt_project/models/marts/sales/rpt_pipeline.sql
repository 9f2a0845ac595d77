with

spans as (
    select * from {{ ref('fct_opportunity_spans') }} where exclusion is null
),

-- open at the end of at least one day
open_spans as (
    select
        spans.valid_from_on,
        spans.valid_to_on,
        spans.pipeline,
        spans.stage,
        spans.channel,
        spans.amount,
        coalesce(spans.probability, stages.default_probability) as win_probability,
        {{ weighted('spans.amount', 'coalesce(spans.probability, stages.default_probability)') }} as weighted_amount,
        spans.expected_close_on
    from spans
    left join {{ ref('dim_stage') }} as stages on spans.stage_key = stages.stage_key
    where spans.is_open and spans.valid_from_on < spans.valid_to_on
),

lifetime as (
    select min(valid_from_on) as first_day from spans
),

-- a day that has begun is not over, so what is expected on it is not overdue
periods as (
    select
        dim_period.period_grain,
        dim_period.period_start,
        dim_period.period_end,
        dim_period.is_complete,
        {{ plus_days('dim_period.observed_until', -1) }} as closing_day,
        least(dim_period.observed_until, {{ as_of_date() }}) as overdue_before,
        {{ period_shift('dim_period.period_grain', 'dim_period.period_end', 1) }} as next_period_end
    from {{ ref('dim_period') }} as dim_period
    inner join lifetime on dim_period.period_end > lifetime.first_day
    where dim_period.observed_until > dim_period.period_start
),

measures as (
    select
        periods.period_grain,
        periods.period_start,
        open_spans.pipeline,
        open_spans.stage,
        open_spans.channel,
        count(*) as open_opportunities,
        sum(open_spans.amount) as open_amount,
        sum(open_spans.weighted_amount) as weighted_amount,
        count(*) filter (where open_spans.amount is null) as without_amount,
        count(*) filter (where open_spans.win_probability is null) as without_probability,
        count(*) filter (where open_spans.expected_close_on < periods.overdue_before) as overdue_opportunities,
        sum(open_spans.amount) filter (
            where open_spans.expected_close_on >= periods.period_end
            and open_spans.expected_close_on < periods.next_period_end
        ) as amount_due_next
    from open_spans
    inner join periods
        on open_spans.valid_from_on <= periods.closing_day and open_spans.valid_to_on > periods.closing_day
    group by
        periods.period_grain, periods.period_start, open_spans.pipeline, open_spans.stage, open_spans.channel
),

-- from its first to its last day with an open opportunity a member is listed also where there is none
members as (
    select
        pipeline,
        stage,
        channel,
        min(valid_from_on) as first_day,
        max(valid_to_on) as end_day
    from open_spans
    group by pipeline, stage, channel
),

grid as (
    select
        periods.*,
        members.pipeline,
        members.stage,
        members.channel
    from periods
    inner join members
        on periods.closing_day >= members.first_day and periods.period_start < members.end_day
),

company_targets as (
    select
        period_grain,
        period_start,
        metric,
        amount,
        max(case when metric = 'won_amount' then 1 else 0 end) over () as has_won_amount
    from {{ ref('fct_period_targets') }}
    where level = 'company' and metric in ('won_amount', 'revenue')
),

targets as (
    select
        period_grain,
        period_start,
        amount
    from company_targets
    where metric = case when has_won_amount = 1 then 'won_amount' else 'revenue' end
),

counted as (
    select
        grid.period_grain,
        grid.period_start,
        grid.period_end,
        grid.is_complete,
        grid.pipeline,
        grid.stage,
        grid.channel,
        coalesce(measures.open_opportunities, 0) as open_opportunities,
        cast(coalesce(measures.open_amount, 0) as decimal(38, 2)) as open_amount,
        cast(coalesce(measures.weighted_amount, 0) as decimal(38, 2)) as weighted_amount,
        coalesce(measures.without_amount, 0) as without_amount,
        coalesce(measures.without_probability, 0) as without_probability,
        coalesce(measures.overdue_opportunities, 0) as overdue_opportunities,
        cast(coalesce(measures.amount_due_next, 0) as decimal(38, 2)) as amount_due_next,
        targets.amount as next_target
    from grid
    left join measures
        on grid.period_grain = measures.period_grain
        and grid.period_start = measures.period_start
        and grid.pipeline = measures.pipeline
        and grid.stage = measures.stage
        and grid.channel = measures.channel
    left join targets
        on grid.period_grain = targets.period_grain and grid.period_end = targets.period_start
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        pipeline,
        stage,
        channel,
        open_opportunities,
        open_amount,
        weighted_amount,
        without_amount,
        without_probability,
        overdue_opportunities,
        {{ ratio('coverage', 'amount_due_next', 'next_target') }}
    from counted
)

select * from final
