{# The start of the period that lies `steps` periods after the one that starts at `start`. #}
{% macro period_shift(grain, start, steps) -%}
    case {{ grain }}
        when 'day' then {{ plus_days(start, steps) }}
        when 'week' then {{ plus_days(start, 7 * steps) }}
        when 'month' then {{ plus_months(start, steps) }}
        when 'quarter' then {{ plus_months(start, 3 * steps) }}
        when 'year' then {{ plus_months(start, 12 * steps) }}
    end
{%- endmacro %}

{# A measure in the period itself, in the one before and in the same one a year before. Joins to dim_period_day as `p`. #}
{% macro measured(name, aggregate, type='bigint') -%}
    cast({{ aggregate }} filter (where p.comparison = 'current') as {{ type }}) as {{ name }},
    cast({{ aggregate }} filter (where p.comparison = 'previous') as {{ type }}) as {{ name }}_previous,
    cast({{ aggregate }} filter (where p.comparison = 'last_year') as {{ type }}) as {{ name }}_last_year
{%- endmacro %}

{# The columns of a compared measure. A period without events counts zero; before the first period nothing is known. #}
{% macro compared(name, type='bigint', relation='measures') -%}
    coalesce({{ relation }}.{{ name }}, cast(0 as {{ type }})) as {{ name }},
    case when periods.has_previous then coalesce({{ relation }}.{{ name }}_previous, cast(0 as {{ type }})) end
        as {{ name }}_previous,
    case when periods.has_last_year then coalesce({{ relation }}.{{ name }}_last_year, cast(0 as {{ type }})) end
        as {{ name }}_last_year,
    case
        when periods.has_previous and {{ relation }}.{{ name }}_previous > 0
            then cast(coalesce({{ relation }}.{{ name }}, 0) as double)
                / cast({{ relation }}.{{ name }}_previous as double) - 1
    end as {{ name }}_growth,
    case
        when periods.has_last_year and {{ relation }}.{{ name }}_last_year > 0
            then cast(coalesce({{ relation }}.{{ name }}, 0) as double)
                / cast({{ relation }}.{{ name }}_last_year as double) - 1
    end as {{ name }}_growth_yoy
{%- endmacro %}

{# A ratio with both its parts; NULL where the denominator is 0. #}
{% macro ratio(name, numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0) as {{ name }},
    {{ numerator }} as {{ name }}_numerator,
    {{ denominator }} as {{ name }}_denominator
{%- endmacro %}

{# CTEs: `span`, the days of the first and last event, and `periods`, all between them, gaps included; for marts that
   compare, with what there is to compare with. #}
{% macro periods_between(events, day, compared=false) -%}
span as (
    select
        min({{ day }}) as first_day,
        max({{ day }}) as last_day
    from {{ events }}
),

periods as (
    select
        dim_period.period_grain,
        dim_period.period_start,
        dim_period.period_end,
        dim_period.is_complete
        {%- if compared %},
        dim_period.period_start > span.first_day as has_previous,
        {{ period_shift('dim_period.period_grain', 'dim_period.last_year_start', 1) }} > span.first_day
            as has_last_year
        {%- endif %}
    from {{ ref('dim_period') }} as dim_period
    inner join span
        on dim_period.period_end > span.first_day and dim_period.period_start <= span.last_day
)
{%- endmacro %}

{# CTE `lifetime`: the customer base is followed to as_of, because customers fall silent, churn and change without any
   event, and into a day that has only begun if somebody came on it. Marts about the base share their periods. #}
{% macro base_lifetime() -%}
lifetime as (
    select active_from as happened_on from {{ ref('fct_customer_spells') }}
    union all
    select {{ plus_days(as_of_date(), -1) }} as happened_on
    from {{ ref('fct_customer_spells') }}
    where active_from < {{ as_of_date() }}
)
{%- endmacro %}

{# The same for a measure that can be unknown: NULL stays NULL, because nothing known is not zero. #}
{% macro compared_known(name, relation='measures') -%}
    {{ relation }}.{{ name }},
    {{ relation }}.{{ name }}_previous,
    {{ relation }}.{{ name }}_last_year,
    case
        when {{ relation }}.{{ name }}_previous > 0
            then cast({{ relation }}.{{ name }} as double) / cast({{ relation }}.{{ name }}_previous as double) - 1
    end as {{ name }}_growth,
    case
        when {{ relation }}.{{ name }}_last_year > 0
            then cast({{ relation }}.{{ name }} as double) / cast({{ relation }}.{{ name }}_last_year as double) - 1
    end as {{ name }}_growth_yoy
{%- endmacro %}

{# CTEs `arrivals` and `buyers`: how many different customers the members had in each period. A customer is counted on
   the first of its days there, so that no period has to remember them all. #}
{% macro different_buyers(events, day, members) -%}
arrivals as (
    select
        {{ members | join(', ') }},
        {{ day }},
        lag({{ day }}) over (
            partition by {{ members | join(', ') }}, customer_number order by {{ day }} asc nulls last
        ) as before_on
    from {{ events }}
    where customer_number is not null
),

buyers as (
    select
        p.period_grain,
        p.period_start,
        {% for member in members -%}
        arrivals.{{ member }},
        {% endfor -%}
        count(*) as customers
    from arrivals
    inner join {{ ref('dim_period_day') }} as p on arrivals.{{ day }} = p.date_day and p.comparison = 'current'
    where arrivals.before_on is null or arrivals.before_on < p.period_start
    group by p.period_grain, p.period_start, arrivals.{{ members | join(', arrivals.') }}
)
{%- endmacro %}

{# CTE `grid`: the periods of each member. A member is listed in every period from its first to its last event (or, with
   `whole_span`, of all periods), and wherever one of its comparisons has a value, so that those add up as well. #}
{% macro member_grid(events, day, members, whole_span=false) -%}
members as (
    select
        {% if whole_span %}distinct {% endif %}{{ members | join(', ') }}
        {%- if not whole_span %},
        min({{ day }}) as first_day,
        max({{ day }}) as last_day
        {%- endif %}
    from {{ events }}
    {%- if not whole_span %}
    group by {{ members | join(', ') }}
    {%- endif %}
),

grid as (
    select
        periods.period_grain,
        periods.period_start,
        {% for member in members %}members.{{ member }}{% if not loop.last %}, {% endif %}{% endfor %}
    from periods
    {% if whole_span -%}
    cross join members
    {%- else -%}
    inner join members
        on periods.period_end > members.first_day and periods.period_start <= members.last_day
    union
    select
        periods.period_grain,
        periods.period_start,
        {% for member in members %}measures.{{ member }}{% if not loop.last %}, {% endif %}{% endfor %}
    from measures
    inner join periods
        on measures.period_grain = periods.period_grain and measures.period_start = periods.period_start
    {%- endif %}
)
{%- endmacro %}

{# From a mart's grid to its periods and, where there are any, its measures. #}
{% macro from_grid(members) -%}
    from grid
    inner join periods
        on grid.period_grain = periods.period_grain and grid.period_start = periods.period_start
    left join measures
        on grid.period_grain = measures.period_grain
        and grid.period_start = measures.period_start
        {% for member in members -%}
        and grid.{{ member }} = measures.{{ member }}
        {% endfor %}
{%- endmacro %}

{# Months since year 0 in the calendar whose year begins with the fiscal year. #}
{% macro fiscal_month_number(day) -%}
    (year({{ day }}) * 12 + month({{ day }}) - {{ var('fiscal_year_start') }})
{%- endmacro %}

{# First day of the ISO week, the month, the fiscal quarter or the fiscal year that a day lies in. #}
{% macro week_of(day) -%}
    {{ plus_days(day, '-mod(' ~ days_between("date '1900-01-01'", day) ~ ', 7)') }}
{%- endmacro %}

{% macro month_of(day) -%}
    cast({{ plus_days(day, '1 - day(' ~ day ~ ')') }} as date)
{%- endmacro %}

{% macro quarter_of(day) -%}
    {{ plus_months(month_of(day), '-mod(' ~ fiscal_month_number(day) ~ ', 3)') }}
{%- endmacro %}

{% macro year_of(day) -%}
    {{ plus_months(month_of(day), '-mod(' ~ fiscal_month_number(day) ~ ', 12)') }}
{%- endmacro %}

{# First day of the period of a grain that a day lies in. #}
{% macro period_of(grain, day) -%}
    case {{ grain }}
        when 'day' then {{ day }}
        when 'week' then {{ week_of(day) }}
        when 'month' then {{ month_of(day) }}
        when 'quarter' then {{ quarter_of(day) }}
        when 'year' then {{ year_of(day) }}
    end
{%- endmacro %}
