-- One row per currency and span of days with one rate to the reporting currency, which has rate 1 to itself.
with

rates as (
    -- sources that contradict each other about a day leave it without a rate, which fails the release
    select
        from_currency,
        valid_from,
        case when min(rate) = max(rate) then min(rate) end as rate
    from {{ ref('int_exchange_rate') }}
    where
        to_currency = '{{ var("reporting_currency") }}'
        and from_currency <> '{{ var("reporting_currency") }}'
        and not is_test
    group by from_currency, valid_from
),

own as (
    select
        '{{ var("reporting_currency") }}' as from_currency,
        date '1900-01-01' as valid_from,
        cast(1 as decimal(18, 8)) as rate
),

final as (
    select
        from_currency,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by from_currency order by valid_from asc nulls last),
            date '9999-12-31'
        ) as valid_to,
        rate
    from rates
    union all
    select
        from_currency,
        valid_from,
        date '9999-12-31' as valid_to,
        rate
    from own
)

select * from final
