with

figures as (
    {%- for figure in headlines() %}
    select
        '{{ figure.metric }}' as metric,
        '{{ figure.kind }}' as kind,
        '{{ figure.by or "(all)" }}' as dimension,
        {{ figure.member or "'(all)'" }} as member,
        period_grain,
        period_start,
        period_end,
        is_complete,
        {{ 'true' if figure.compared else 'false' }} as is_compared,
        cast(sum({{ figure.of }}) as decimal(38, 4)) as numerator,
        cast({% if figure.per %}sum({{ figure.per }}){% else %}null{% endif %} as decimal(38, 4)) as denominator,
    {% for earlier in ['previous', 'last_year'] -%}
    cast({% if figure.compared %}sum({{ figure.of }}_{{ earlier }}){% else %}null{% endif %} as double)
        as shown_{{ earlier }}{% if not loop.last %},{% endif %}
    {% endfor %}
    from {{ ref(figure.mart) }}
    {%- if figure.where %}
    where {{ figure.where }}
    {%- elif figure.by %}
    where period_grain <> 'day'
    {%- endif %}
    group by {% if figure.member %}{{ figure.member }}, {% endif %}period_grain, period_start, period_end, is_complete
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

valued as (
    select
        *,
        case
            when kind = 'ratio' then cast(numerator as double) / nullif(cast(denominator as double), 0)
            else cast(numerator as double)
        end as figure
    from figures
),

-- a window never holds an incomplete period unless it ends with one, which has no average
moving as (
    select
        *,
    {% for periods in [3, 4, 7] -%}
    sum(numerator) over last_{{ periods }} as numerator_{{ periods }},
    sum(denominator) over last_{{ periods }} as denominator_{{ periods }},
    count(numerator) over last_{{ periods }} as known_{{ periods }},
    min(period_start) over last_{{ periods }} as start_{{ periods }}{% if not loop.last %},{% endif %}
    {% endfor %}
    from valued
    window
    {% for periods in [3, 4, 7] -%}
    last_{{ periods }} as (
        partition by metric, dimension, member, period_grain order by period_start asc nulls last
        rows between {{ periods - 1 }} preceding and current row
    ){% if not loop.last %},{% endif %}
    {% endfor %}
),

averaged as (
    select
        *,
        {{ moving_periods('period_grain') }} as moving_periods,
        {% for part in ['numerator', 'denominator', 'known', 'start'] -%}
        case {{ moving_periods('period_grain') }}
            when 3 then {{ part }}_3
            when 4 then {{ part }}_4
            else {{ part }}_7
        end as moving_{{ part }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from moving
),

-- where its mart does not compare it, a complete period is compared with the figures of the earlier ones
compared as (
    select
        averaged.*,
        case when averaged.is_compared then averaged.shown_previous when averaged.is_complete then previous.figure end
            as figure_previous,
        case when averaged.is_compared then averaged.shown_last_year when averaged.is_complete then last_year.figure end
            as figure_last_year
    from averaged
    inner join {{ ref('dim_period') }} as dim_period
        on averaged.period_grain = dim_period.period_grain and averaged.period_start = dim_period.period_start
    left join valued as previous
        on averaged.metric = previous.metric
        and averaged.dimension = previous.dimension
        and averaged.member = previous.member
        and averaged.period_grain = previous.period_grain
        and averaged.period_start = previous.period_end
    left join valued as last_year
        on averaged.metric = last_year.metric
        and averaged.dimension = last_year.dimension
        and averaged.member = last_year.member
        and averaged.period_grain = last_year.period_grain
        and dim_period.last_year_start = last_year.period_start
),

final as (
    select
        compared.period_grain,
        compared.period_start,
        compared.period_end,
        compared.is_complete,
        compared.metric,
        metrics.unit,
        compared.dimension,
        compared.member,
        compared.kind,
        compared.figure as "value",
        compared.figure_previous as value_previous,
        compared.figure_last_year as value_last_year,
        -- of a rate the change in points says more than a rate of rates
        case
            when compared.kind <> 'ratio' and compared.figure_previous > 0
                then compared.figure / compared.figure_previous - 1
        end as value_growth,
        case
            when compared.kind <> 'ratio' and compared.figure_last_year > 0
                then compared.figure / compared.figure_last_year - 1
        end as value_growth_yoy,
        compared.figure - compared.figure_previous as value_change,
        compared.figure - compared.figure_last_year as value_change_yoy,
        case
            when
                compared.is_complete
                and compared.moving_known = compared.moving_periods
                and compared.moving_start = {{ moving_start('compared.period_grain', 'compared.period_start') }}
                then
                    cast(compared.moving_numerator as double)
                    / case
                        when compared.kind = 'ratio' then nullif(cast(compared.moving_denominator as double), 0)
                        else cast(compared.moving_periods as double)
                    end
        end as moving_average
    from compared
    inner join {{ ref('metrics') }} as metrics on compared.metric = metrics.name
)

select * from final
