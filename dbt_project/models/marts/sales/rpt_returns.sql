with

returns as (
    select * from {{ ref('fct_returns') }}
),

-- of a source without any return it is not known that nothing came back
returning_sources as (
    select distinct source from returns
),

shipped as (
    select
        lines.order_line_key,
        {{ shipped_on('orders') }} as shipped_on,
        case
            when orders.country = '(unknown)' and orders.province = '(unknown)' then '(unknown)'
            else orders.country || ' / ' || orders.province
        end as region,
        lines.product_line,
        lines.product,
        orders.channel,
        lines.quantity
    from {{ ref('fct_order_lines') }} as lines
    inner join {{ ref('fct_orders') }} as orders on lines.order_key = orders.order_key
    inner join returning_sources on lines.source = returning_sources.source
    where lines.exclusion is null and orders.status in ('shipped', 'delivered')
),

-- a return counts on the day its line was shipped
events as (
    select
        shipped_on,
        region,
        product_line,
        product,
        channel,
        quantity as shipped_units,
        cast(null as decimal(18, 4)) as returned_units,
        cast(null as decimal(38, 2)) as returned_amount,
        cast(null as string) as reason
    from shipped
    union all
    select
        shipped.shipped_on,
        shipped.region,
        shipped.product_line,
        shipped.product,
        shipped.channel,
        cast(null as decimal(18, 4)) as shipped_units,
        returns.quantity as returned_units,
        returns.amount as returned_amount,
        returns.reason
    from returns
    inner join shipped on returns.order_line_key = shipped.order_line_key
    where returns.exclusion is null
),

cells as (
    {%- for dimension, member in [
        ('all', "'(all)'"), ('region', 'region'), ('product_line', 'product_line'), ('product', 'product'),
        ('channel', 'channel'),
    ] %}
    select
        '{{ dimension }}' as dimension,
        {{ member }} as member,
        shipped_on,
        shipped_units,
        returned_units,
        returned_amount,
        reason
    from events
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

{{ periods_between('cells', 'shipped_on') }},

by_reason as (
    select
        p.period_grain,
        p.period_start,
        cells.dimension,
        cells.member,
        cells.reason,
        sum(cells.shipped_units) as shipped_units,
        sum(cells.returned_units) as returned_units,
        sum(cells.returned_amount) as returned_amount
    from cells
    inner join {{ ref('dim_period_day') }} as p
        on cells.shipped_on = p.date_day and p.comparison = 'current'
    group by p.period_grain, p.period_start, cells.dimension, cells.member, cells.reason
),

ranked as (
    select
        *,
        row_number() over (
            partition by period_grain, period_start, dimension, member
            order by coalesce(returned_units, 0) desc nulls last, reason asc nulls last
        ) as position
    from by_reason
),

measures as (
    select
        period_grain,
        period_start,
        dimension,
        member,
        sum(shipped_units) as shipped_units,
        sum(returned_units) as returned_units,
        sum(returned_amount) as returned_amount,
        max(reason) filter (where position = 1 and returned_units > 0) as main_reason
    from ranked
    group by period_grain, period_start, dimension, member
),

{{ member_grid('cells', 'shipped_on', ['dimension', 'member']) }},

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.dimension,
        grid.member,
        cast(coalesce(measures.shipped_units, 0) as decimal(38, 4)) as shipped_units,
        cast(coalesce(measures.returned_units, 0) as decimal(38, 4)) as returned_units,
        cast(coalesce(measures.returned_amount, 0) as decimal(38, 2)) as returned_amount,
        measures.main_reason
    {{ from_grid(['dimension', 'member']) }}
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        dimension,
        member,
        shipped_units,
        returned_units,
        {{ ratio('return_rate', 'returned_units', 'shipped_units') }},
        returned_amount,
        main_reason,
        {{ plus_days('period_end', var('return_days') - 1) }} < {{ as_of_date() }} as is_mature
    from filled
)

select * from final
