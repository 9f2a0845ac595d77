with

roles as (
    {%- for role, figures in headlines_of_roles().items() %}
    {%- set is_last_role = loop.last %}
    {%- for metric in figures %}
    select
        '{{ role }}' as role,
        '{{ metric }}' as metric,
        {{ loop.index }} as place
    {%- if not (is_last_role and loop.last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
),

directions as (
    {%- for figure in headlines() if not figure.by %}
    select
        '{{ figure.metric }}' as metric,
        '{{ figure.better }}' as better
    {%- if not loop.last and loop.index < headlines() | rejectattr('by') | list | length %}
    union all
    {%- endif %}
    {%- endfor %}
),

months as (
    select * from {{ ref('rpt_trend') }} where period_grain = 'month' and dimension = '(all)'
),

targets as (
    select
        metric,
        period_start,
        amount
    from {{ ref('fct_period_targets') }}
    where level = 'company' and period_grain = 'month'
),

-- a year ago where that is known, because of the season, or else the month before
judged as (
    select
        roles.role,
        roles.place,
        directions.better,
        months.*,
        cast(targets.amount as double) as target,
        coalesce(months.value_last_year, months.value_previous) as base
    from roles
    inner join directions on roles.metric = directions.metric
    inner join months on roles.metric = months.metric
    left join targets on months.metric = targets.metric and months.period_start = targets.period_start
),

-- the target of a whole month says nothing yet about a part of it
moved as (
    select
        *,
        case when target is not null and is_complete then target else base end as held_against,
        ("value" - base) / nullif(abs(base), 0) as movement
    from judged
),

final as (
    select
        period_start as "month",
        is_complete,
        role,
        metric,
        unit,
        "value",
        value_previous,
        value_last_year,
        value_growth,
        value_growth_yoy,
        value_change,
        target,
        "value" / nullif(target, 0) as attainment,
        row_number() over (
            partition by period_start, role order by abs(movement) desc nulls last, place asc nulls last
        ) as highlight_rank,
        case
            when better = 'none' or held_against is null or "value" is null then 'neutral'
            when abs("value" - held_against) <= abs(held_against) * {{ var('reading_tolerance') }} then 'neutral'
            when ("value" > held_against) = (better = 'up') then 'good'
            else 'bad'
        end as reading
    from moved
)

select * from final
