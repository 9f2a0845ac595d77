-- What the sources say, less the named exclusions, against what the facts (per source) and the marts (all) say.
{%- set bucket -%}
case
            when quarantine.reason_code = 'duplicate_key' then 'duplicate'
            when quarantine.reason_code is not null then 'quarantined'
            else contributions.exclusion
        end as bucket
{%- endset %}
{%- set in_quarantine -%}
left join {{ ref('int_quarantine') }} as quarantine
        on contributions.source = quarantine.source
        and contributions.source_table = quarantine.source_table
        and contributions.batch_id = quarantine.batch_id
        and contributions.row_number = quarantine.row_number
{%- endset %}
with

-- what is money and what is counted part here: read once and split, all rows of all sources would be in memory
{% for name, operator in [('money', 'in'), ('counts', 'not in')] -%}
{{ name }} as (
    {%- for system in var('enabled_systems') %}
    select * from {{ ref('stg_' ~ system ~ '__control') }}
    where metric {{ operator }} {{ money_metrics() }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

{% endfor -%}
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

-- found in quarantine before it is converted: what follows a join by a span of days is planned for few rows
placed as (
    select
        contributions.metric,
        contributions.source,
        contributions.source_table,
        contributions.document,
        contributions.occurred_on,
        contributions.currency,
        contributions.amount,
        {{ bucket }}
    from money as contributions
    {{ in_quarantine }}
),

converted as (
    select
        placed.metric,
        placed.source,
        placed.source_table,
        placed.document,
        {{ month_of('placed.occurred_on') }} as period,
        placed.bucket,
        case
            when placed.currency = '{{ var("reporting_currency") }}' then placed.amount
            else cast(cast(placed.amount as decimal(19, 4)) * rates.rate as decimal(38, 12))
        end as amount
    from placed
    left join rates
        on placed.currency = rates.from_currency
        and placed.occurred_on >= rates.valid_from
        and placed.occurred_on < rates.valid_to
),

-- what each document is booked with: its exact sum, rounded once
documents as (
    select
        metric,
        source,
        period,
        bucket,
        sum(amount) as amount,
        cast({{ cents('sum(amount)') }} as decimal(38, 12)) as booked,
        count(*) - count(amount) as unknown
    from converted
    group by metric, source, source_table, document, period, bucket
),

-- what is counted needs no rate, and is not rounded, so that nobody asks of which document it is
counted as (
    select
        contributions.metric,
        contributions.source,
        {{ month_of('contributions.occurred_on') }} as period,
        {{ bucket }},
        contributions.amount
    from counts as contributions
    {{ in_quarantine }}
),

amounts as (
    select * from documents
    union all
    select
        metric,
        source,
        period,
        bucket,
        sum(amount) as amount,
        sum(amount) as booked,
        count(*) - count(amount) as unknown
    from counted
    group by metric, source, period, bucket
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
