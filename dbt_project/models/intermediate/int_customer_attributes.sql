-- One row per customer and span of time without change, with what customers are grouped by.
with

customers as (
    select * from {{ ref('int_customer') }}
),

-- the newest row says when its account was born: a correction holds for all time
newest as (
    select
        _source as source,
        account_id,
        birth_date,
        row_number() over (
            partition by _source, account_id
            order by
                case when disposition = 'conformed' then 0 else 1 end asc nulls last,
                _batch_number desc nulls last, source_updated_at desc nulls last, _row_number asc nulls last
        ) as position
    from {{ ref('int_account_rows') }}
    where disposition in ('conformed', 'deleted')
),

final as (
    select
        customers.customer_number,
        customers.valid_from,
        customers.valid_to,
        {{ local_date('customers.valid_from') }} as valid_from_on,
        {{ local_date('customers.valid_to') }} as valid_to_on,
        newest.birth_date,
        coalesce(customers.gender, '(unknown)') as gender,
        {{ region('customers.country', 'customers.province') }} as region,
        coalesce(customers.industry, '(unknown)') as industry,
        {{ tag_combination('customers.tags') }} as tag
    from customers
    left join newest
        on customers.source = newest.source and customers.account_id = newest.account_id and newest.position = 1
)

select * from final
