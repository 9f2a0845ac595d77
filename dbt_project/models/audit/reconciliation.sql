-- What the sources say, less the named exclusions, against what the facts (per source) and the marts (all) say.
with

contributions as (
    {%- for system in var('enabled_systems') %}
    select * from {{ ref('stg_' ~ system ~ '__control') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- not the spans that the facts are converted with, but a reading of its own
rates as (
    select
        from_currency,
        max(rate) as rate,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by from_currency order by valid_from asc nulls last), date '9999-12-31'
        ) as valid_to
    from {{ ref('int_exchange_rate') }}
    where to_currency = '{{ var("reporting_currency") }}' and not is_test
    group by from_currency, valid_from
),

-- money at the rate of its day; what is counted needs none
converted as (
    select
        c.metric,
        c.source,
        c.source_table,
        -- what is counted is not rounded, so that nobody asks of which document it is
        case when c.metric in {{ money_metrics() }} then c.document end as document,
        c.batch_id,
        c.row_number,
        c.exclusion,
        c.metric in {{ money_metrics() }} as is_money,
        {{ month_of('c.occurred_on') }} as period,
        case
            when c.metric not in {{ money_metrics() }} then c.amount
            when c.currency = '{{ var("reporting_currency") }}' then c.amount
            else cast(cast(c.amount as decimal(19, 4)) * rates.rate as decimal(38, 12))
        end as amount
    from contributions as c
    left join rates
        on c.currency = rates.from_currency
        and c.occurred_on >= rates.valid_from
        and c.occurred_on < rates.valid_to
),

bucketed as (
    select
        converted.metric,
        converted.source,
        converted.source_table,
        converted.document,
        converted.is_money,
        converted.period,
        converted.amount,
        case
            when quarantine.reason_code = 'duplicate_key' then 'duplicate'
            when quarantine.reason_code is not null then 'quarantined'
            else converted.exclusion
        end as bucket
    from converted
    left join {{ ref('int_quarantine') }} as quarantine
        on converted.source = quarantine.source
        and converted.source_table = quarantine.source_table
        and converted.batch_id = quarantine.batch_id
        and converted.row_number = quarantine.row_number
),

-- what each document is booked with: its exact sum, where it is money rounded once
documents as (
    select
        metric,
        source,
        period,
        bucket,
        sum(amount) as amount,
        case when is_money then cast({{ cents('sum(amount)') }} as decimal(38, 12)) else sum(amount) end as booked,
        count(*) - count(amount) as unknown
    from bucketed
    group by metric, source, source_table, document, is_money, period, bucket
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
    from documents
    group by grouping sets ((metric, source, period), (metric, period))  -- noqa: PRS
),

published as (
    {{ published_totals() }}
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
