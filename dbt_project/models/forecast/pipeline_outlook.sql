-- One row per month and each of the forecast_months from it on: the weighted open pipeline expected to close then, as
-- it was known at the end of the day before the first month; for the running month, at as_of.
with

origins as (
    select
        period_start as origin,
        least({{ plus_days('period_start', -1) }}, {{ plus_days(as_of_date(), -1) }}) as known_on
    from {{ ref('dim_period') }}
    where period_grain = 'month'
    union
    select
        {{ month_of(as_of_date()) }} as origin,
        {{ plus_days(as_of_date(), -1) }} as known_on
),

-- of the running month the newest knowledge counts
newest as (
    select
        origin,
        max(known_on) as known_on
    from origins
    group by origin
),

open_spans as (
    select
        spans.valid_from_on,
        spans.valid_to_on,
        spans.expected_close_on,
        {{ weighted('spans.amount', 'coalesce(spans.probability, stages.default_probability)') }} as weighted_amount
    from {{ ref('fct_opportunity_spans') }} as spans
    left join {{ ref('dim_stage') }} as stages on spans.stage_key = stages.stage_key
    where spans.is_open and spans.exclusion is null
),

final as (
    select
        newest.origin,
        {{ month_of('open_spans.expected_close_on') }} as month,
        cast(sum(open_spans.weighted_amount) as decimal(38, 2)) as weighted_amount
    from newest
    inner join open_spans
        on newest.known_on >= open_spans.valid_from_on
        and newest.known_on < open_spans.valid_to_on
        and open_spans.expected_close_on >= newest.origin
        and open_spans.expected_close_on < {{ plus_months('newest.origin', var('forecast_months')) }}
    group by newest.origin, {{ month_of('open_spans.expected_close_on') }}
)

select * from final
