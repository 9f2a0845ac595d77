{# The named reasons why what a source says is not in a mart. #}
{% macro reconciliation_buckets() -%}
    {{ return(['quarantined', 'duplicate', 'deleted', 'test', 'draft', 'cancelled', 'unavailable']) }}
{%- endmacro %}

{# The metrics that are money: converted, and rounded once per document. #}
{% macro money_metrics() -%}
    {{ return([
        'revenue', 'shipping', 'payments', 'returns', 'invoices', 'campaign_cost', 'service_cost', 'other_cost',
    ]) }}
{%- endmacro %}

{# Why a contribution is not in a mart, as `bucket`, by its row in quarantine; NULL where it is in one. #}
{% macro bucket() -%}
case
            when quarantine.reason_code = 'duplicate_key' then 'duplicate'
            when quarantine.reason_code is not null then 'quarantined'
            else contributions.exclusion
        end as bucket
{%- endmacro %}

{# What the enabled systems say of the metrics that `condition` names, each contribution with its row in quarantine. #}
{% macro contributions(condition) -%}
(
        {%- for system in var('enabled_systems') %}
        select * from {{ ref('stg_' ~ system ~ '__control') }}
        where {{ condition }}
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as contributions
    left join {{ ref('int_quarantine') }} as quarantine
        on contributions.source = quarantine.source
        and contributions.source_table = quarantine.source_table
        and contributions.batch_id = quarantine.batch_id
        and contributions.row_number = quarantine.row_number
{%- endmacro %}

{# What the sources say of a metric that is money: exactly, and as its documents are booked. #}
{% macro money_totals(metric) -%}
with

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
        contributions.source,
        contributions.source_table,
        contributions.document,
        contributions.occurred_on,
        contributions.currency,
        contributions.amount,
        {{ bucket() }}
    from {{ contributions("metric = '" ~ metric ~ "'") }}
),

converted as (
    select
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
        source,
        period,
        bucket,
        sum(amount) as amount,
        cast({{ cents('sum(amount)') }} as decimal(38, 12)) as booked,
        count(*) - count(amount) as unknown
    from converted
    group by source, source_table, document, period, bucket
),

final as (
    select
        '{{ metric }}' as metric,
        source,
        period,
        bucket,
        sum(amount) as amount,
        sum(booked) as booked,
        cast(sum(unknown) as bigint) as unknown
    from documents
    group by source, period, bucket
)

select * from final
{%- endmacro %}
