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

-- found in quarantine before anything is converted: what follows a join by a span of days is planned for few rows
placed as (
    select
        c.metric,
        c.source,
        c.source_table,
        -- what is counted is not rounded, so that nobody asks of which document it is
        case when c.metric in {{ money_metrics() }} then c.document end as document,
        c.metric in {{ money_metrics() }} as is_money,
        c.occurred_on,
        c.currency,
        c.amount,
        case
            when quarantine.reason_code = 'duplicate_key' then 'duplicate'
            when quarantine.reason_code is not null then 'quarantined'
            else c.exclusion
        end as bucket
    from contributions as c
    left join {{ ref('int_quarantine') }} as quarantine
        on c.source = quarantine.source
        and c.source_table = quarantine.source_table
        and c.batch_id = quarantine.batch_id
        and c.row_number = quarantine.row_number
),

-- money at the rate of its day; what is counted needs none
converted as (
    select
        placed.metric,
        placed.source,
        placed.source_table,
        placed.document,
        placed.is_money,
        {{ month_of('placed.occurred_on') }} as period,
        placed.bucket,
        case
            when not placed.is_money then placed.amount
            when placed.currency = '{{ var("reporting_currency") }}' then placed.amount
            else cast(cast(placed.amount as decimal(19, 4)) * rates.rate as decimal(38, 12))
        end as amount
    from placed
    left join rates
        on placed.currency = rates.from_currency
        and placed.occurred_on >= rates.valid_from
        and placed.occurred_on < rates.valid_to
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
    from converted
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
