with

losses as (
    select
        closed_on,
        coalesce(nullif(trim(lost_reason), ''), '(unknown)') as lost_reason,
        coalesce(nullif(trim(competitor), ''), '(unknown)') as competitor,
        amount
    from {{ ref('fct_opportunities') }}
    where exclusion is null and outcome = 'lost' and closed_on is not null
),

{{ periods_between('losses', 'closed_on') }},

measures as (
    select
        p.period_grain,
        p.period_start,
        losses.lost_reason,
        losses.competitor,
        count(*) as lost,
        sum(losses.amount) as lost_amount,
        count(*) filter (where losses.amount is null) as without_amount
    from losses
    inner join {{ ref('dim_period_day') }} as p
        on losses.closed_on = p.date_day and p.comparison = 'current'
    group by p.period_grain, p.period_start, losses.lost_reason, losses.competitor
),

{{ member_grid('losses', 'closed_on', ['lost_reason', 'competitor']) }},

final as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.lost_reason,
        grid.competitor,
        coalesce(measures.lost, 0) as lost,
        cast(coalesce(measures.lost_amount, 0) as decimal(38, 2)) as lost_amount,
        coalesce(measures.without_amount, 0) as without_amount
    {{ from_grid(['lost_reason', 'competitor']) }}
)

select * from final
