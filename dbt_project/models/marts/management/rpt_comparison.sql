with

members as (
    select *
    from {{ ref('rpt_trend') }}
    where dimension <> '(all)' and period_grain in ('month', 'quarter', 'year')
),

final as (
    select
        a.period_grain,
        a.period_start,
        a.period_end,
        a.is_complete,
        a.metric,
        a.unit,
        a.dimension,
        a.member as member_a,
        b.member as member_b,
        a."value" as value_a,
        b."value" as value_b,
        a."value" - b."value" as difference,
        a."value" / nullif(b."value", 0) as value_ratio
    from members as a
    inner join members as b
        on a.metric = b.metric
        and a.dimension = b.dimension
        and a.period_grain = b.period_grain
        and a.period_start = b.period_start
        and a.member < b.member
)

select * from final
