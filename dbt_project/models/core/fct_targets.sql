-- One row per target, its period that of the fiscal calendar which holds the day that the source names.
with

targets as (
    select
        *,
        case when level = 'company' then '(company)' else member_id end as target_member_id,
        {{ period_of('period_grain', 'period_start') }} as target_start
    from {{ ref('int_target') }}
),

-- what the catalogue measures in money is in a currency, named or not; a number of orders is in none
money as (
    select name as metric from {{ ref('metrics') }} where unit = 'reporting currency'
),

valued as (
    select
        targets.*,
        coalesce(
            targets.currency, case when money.metric is not null then targets.default_currency end
        ) as target_currency,
        targets.currency is not null or money.metric is not null as is_money
    from targets
    left join money on targets.metric = money.metric
),

final as (
    select
        {{ surrogate_key(['valued.source', 'valued.target_id']) }} as target_key,
        valued.source,
        valued.target_id,
        valued.level,
        valued.target_member_id as member_id,
        valued.metric,
        valued.period_grain,
        valued.target_start as period_start,
        {{ period_shift('valued.period_grain', 'valued.target_start', 1) }} as period_end,
        valued.target_currency as currency,
        rates.rate as exchange_rate,
        valued.amount as amount_transaction,
        case
            when valued.is_money then cast({{ product('valued.amount', 'rates.rate', 2) }} as decimal(18, 2))
            else valued.amount
        end as amount,
        case when valued.is_test then 'test' end as exclusion,
        valued.batch_id,
        valued.row_number
    from valued
    left join {{ ref('int_exchange_rate_spans') }} as rates
        on valued.target_currency = rates.from_currency
        and valued.target_start >= rates.valid_from
        and valued.target_start < rates.valid_to
)

select * from final
