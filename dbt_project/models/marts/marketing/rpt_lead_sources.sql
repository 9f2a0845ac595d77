with

leads as (
    select * from {{ ref('fct_leads') }} where exclusion is null
),

{{ periods_between('leads', 'created_on', compared=true) }},

measures as (
    select
        p.period_grain,
        p.period_start,
        leads.channel,
        leads.campaign,
        {{ measured('leads', 'count(*)') }},
        count(*) filter (where p.comparison = 'current' and leads.is_qualified) as qualified,
        count(*) filter (where p.comparison = 'current' and leads.is_converted) as converted,
        count(*) filter (where p.comparison = 'current' and leads.is_won) as won,
        percentile_cont(0.5) within group (order by leads.days_to_convert asc nulls last)
        filter (where p.comparison = 'current' and leads.days_to_convert is not null) as median_days_to_convert,
        percentile_cont(0.5) within group (order by leads.response_minutes asc nulls last)
        filter (where p.comparison = 'current' and leads.response_minutes is not null) as median_response_minutes
    from leads
    inner join {{ ref('dim_period_day') }} as p on leads.created_on = p.date_day
    group by p.period_grain, p.period_start, leads.channel, leads.campaign
),

{{ member_grid('leads', 'created_on', ['channel', 'campaign']) }},

final as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.channel,
        grid.campaign,
        {{ compared('leads') }},
        coalesce(measures.qualified, 0) as qualified,
        coalesce(measures.converted, 0) as converted,
        coalesce(measures.won, 0) as won,
        {{ ratio('conversion_rate', 'coalesce(measures.converted, 0)', 'coalesce(measures.leads, 0)') }},
        measures.median_days_to_convert,
        measures.median_response_minutes
    {{ from_grid(['channel', 'campaign']) }}
)

select * from final
