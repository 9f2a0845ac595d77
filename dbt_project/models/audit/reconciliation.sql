-- What the sources say, less the named exclusions, against what the facts (per source) and the marts (all) say.
with

amounts as (
    {%- for metric in money_metrics() %}
    select * from {{ ref('int_control_totals_' ~ metric) }}
    union all
    {%- endfor %}
    select * from {{ ref('int_control_totals_counted') }}
),

sources as (
    select
        metric,
        coalesce(source, '(all)') as source,
        period,
        -- an amount without a rate makes the total unknown, and the unknown is never equal
        case when sum(unknown) = 0 then sum(amount) end as source_total,
        {%- for bucket in reconciliation_buckets() %}
        coalesce(sum(amount) filter (where bucket = '{{ bucket }}'), 0) as excluded_{{ bucket }},
        {%- endfor %}
        -- one digit less before the point, so that Spark keeps all behind it
        coalesce(
            sum(cast(amount as decimal(37, 12)) - cast(booked as decimal(37, 12))) filter (where bucket is null), 0
        ) as rounding,
        case when sum(unknown) = 0 then coalesce(sum(booked) filter (where bucket is null), 0) end as expected
    from amounts
    group by grouping sets ((metric, source, period), (metric, period))  -- noqa: PRS
),

published as (
    select * from {{ ref('int_published_totals') }}
),

final as (
    select
        coalesce(sources.metric, published.metric) as metric,
        coalesce(sources.source, published.source) as source,
        coalesce(sources.period, published.period) as period,
        case when sources.metric is null then 0 else sources.source_total end as source_total,
        {%- for bucket in reconciliation_buckets() %}
        coalesce(sources.excluded_{{ bucket }}, 0) as excluded_{{ bucket }},
        {%- endfor %}
        coalesce(sources.rounding, 0) as rounding,
        coalesce(published.total, 0) as mart_total,
        cast(case when sources.metric is null then 0 else sources.expected end as decimal(37, 12))
        - cast(coalesce(published.total, 0) as decimal(37, 12)) as difference
    from sources
    full outer join published
        on sources.metric = published.metric
        and sources.source = published.source
        and coalesce(sources.period, date '1900-01-01') = coalesce(published.period, date '1900-01-01')
)

select * from final
