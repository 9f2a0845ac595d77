with

spans as (
    select
        *,
        coalesce(amount, 0) as open_amount
    from {{ ref('fct_opportunity_spans') }}
    where exclusion is null
),

lifetime as (
    select min(valid_from_on) as first_day from spans
),

-- a period is about what is expected to close before it ends
periods as (
    select
        dim_period.period_grain,
        dim_period.period_start,
        dim_period.period_end,
        dim_period.is_complete,
        {{ plus_days('dim_period.period_start', -1) }} as opening_day,
        {{ plus_days('dim_period.observed_until', -1) }} as closing_day
    from {{ ref('dim_period') }} as dim_period
    inner join lifetime on dim_period.period_end > lifetime.first_day
    where dim_period.observed_until > dim_period.period_start
),

changes as (
    select
        *,
        lag(state) over (partition by opportunity_key order by span_number asc nulls last) as previous_state,
        lag(open_amount) over (partition by opportunity_key order by span_number asc nulls last) as previous_amount,
        lag(expected_close_on) over (partition by opportunity_key order by span_number asc nulls last)
            as previous_expected_close_on
    from spans
),

-- each change in each period that it lies in
scoped as (
    select
        periods.period_grain,
        periods.period_start,
        changes.pipeline,
        changes.state,
        changes.open_amount as amount,
        changes.previous_amount,
        coalesce(changes.expected_close_on < periods.period_end, false) as is_due,
        coalesce(changes.previous_expected_close_on < periods.period_end, false) as was_due,
        coalesce(changes.previous_state, 'none') as previous_state
    from changes
    inner join periods
        on changes.valid_from_on >= periods.period_start and changes.valid_from_on <= periods.closing_day
),

-- what one change moves, in the order in which it is booked; in all it moves what is due from before to after it
moved as (
    select
        *,
        -- a closing is undone with the amount that it had
        case when previous_state = 'won' and state <> 'won' then previous_amount else 0 end as won_undone,
        case when previous_state = 'lost' and state <> 'lost' then previous_amount else 0 end as lost_undone,
        case when previous_state = 'none' and is_due then amount else 0 end as created,
        -- what closes is due by then, whenever it was expected to
        case
            when previous_state = 'none' and state <> 'open' and not is_due then amount
            when previous_state = 'open' and not was_due and (state <> 'open' or is_due) then previous_amount
            else 0
        end as pulled_in,
        case
            when state <> 'open' or is_due then 0
            when previous_state in ('won', 'lost') or (previous_state = 'open' and was_due) then -previous_amount
            else 0
        end as pushed_out,
        case
            when previous_state = 'none' then 0
            when (state = 'open' and is_due) or (state <> 'open' and state <> previous_state)
                then amount - previous_amount
            else 0
        end as changed,
        case when state = 'won' and previous_state <> 'won' then -amount else 0 end as won_closed,
        case when state = 'lost' and previous_state <> 'lost' then -amount else 0 end as lost_closed
    from scoped
),

movements as (
    select
        period_grain,
        period_start,
        pipeline,
        sum(created) as created,
        sum(greatest(changed, 0)) as increased,
        sum(least(changed, 0)) as decreased,
        sum(pushed_out) as pushed_out,
        sum(pulled_in) as pulled_in,
        sum(won_undone + won_closed) as won,
        sum(lost_undone + lost_closed) as lost
    from moved
    group by period_grain, period_start, pipeline
),

openings as (
    select
        periods.period_grain,
        periods.period_start,
        spans.pipeline,
        sum(spans.open_amount) as opening_amount,
        count(*) as due_opportunities
    from spans
    inner join periods
        on spans.valid_from_on <= periods.opening_day
        and spans.valid_to_on > periods.opening_day
        and spans.expected_close_on < periods.period_end
    where spans.is_open
    group by periods.period_grain, periods.period_start, spans.pipeline
),

closings as (
    select
        periods.period_grain,
        periods.period_start,
        spans.pipeline,
        sum(spans.open_amount) filter (where spans.expected_close_on < periods.period_end) as closing_amount,
        sum(spans.open_amount) filter (where not coalesce(spans.expected_close_on < periods.period_end, false))
            as later_amount
    from spans
    inner join periods
        on spans.valid_from_on <= periods.closing_day and spans.valid_to_on > periods.closing_day
    where spans.is_open
    group by periods.period_grain, periods.period_start, spans.pipeline
),

-- an opportunity at two times at which it was open: how it may have stood when a period began and when it ended
pairs as (
    select
        spans.pipeline,
        spans.valid_from_on,
        spans.valid_to_on,
        spans.expected_close_on,
        later.valid_from_on as later_from_on,
        later.valid_to_on as later_to_on,
        later.expected_close_on as later_close_on
    from spans
    inner join spans as later
        on spans.opportunity_key = later.opportunity_key and spans.span_number < later.span_number
    where spans.is_open and later.is_open
),

pushes as (
    select
        periods.period_grain,
        periods.period_start,
        pairs.pipeline,
        count(*) as pushed_opportunities
    from pairs
    inner join periods
        on pairs.valid_from_on <= periods.opening_day
        and pairs.valid_to_on > periods.opening_day
        and pairs.later_from_on <= periods.closing_day
        and pairs.later_to_on > periods.closing_day
        and pairs.expected_close_on < periods.period_end
    where not coalesce(pairs.later_close_on < periods.period_end, false)
    group by periods.period_grain, periods.period_start, pairs.pipeline
),

joined as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        pipelines.pipeline,
        cast(coalesce(openings.opening_amount, 0) as decimal(38, 2)) as opening_amount,
        {% for movement in ['created', 'increased', 'decreased', 'pushed_out', 'pulled_in', 'won', 'lost'] -%}
        cast(coalesce(movements.{{ movement }}, 0) as decimal(38, 2)) as {{ movement }},
        {% endfor -%}
        cast(coalesce(closings.closing_amount, 0) as decimal(38, 2)) as closing_amount,
        cast(coalesce(closings.later_amount, 0) as decimal(38, 2)) as later_amount,
        coalesce(openings.due_opportunities, 0) as due_opportunities,
        coalesce(pushes.pushed_opportunities, 0) as pushed_opportunities
    from periods
    cross join (select distinct pipeline from spans) as pipelines
    left join openings
        on periods.period_grain = openings.period_grain
        and periods.period_start = openings.period_start
        and pipelines.pipeline = openings.pipeline
    left join movements
        on periods.period_grain = movements.period_grain
        and periods.period_start = movements.period_start
        and pipelines.pipeline = movements.pipeline
    left join closings
        on periods.period_grain = closings.period_grain
        and periods.period_start = closings.period_start
        and pipelines.pipeline = closings.pipeline
    left join pushes
        on periods.period_grain = pushes.period_grain
        and periods.period_start = pushes.period_start
        and pipelines.pipeline = pushes.pipeline
),

final as (
    select
        *,
        {{ ratio('push_rate', 'pushed_opportunities', 'due_opportunities') }}
    from joined
)

select * from final
