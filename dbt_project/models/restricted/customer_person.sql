-- One row per account that is conformed or deleted, as its newest row has it, with who it is.
with

accounts as (
    select
        *,
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
        accounts._source as source,
        accounts.account_id,
        numbers.customer_number,
        accounts.disposition = 'deleted' as is_deleted,
        accounts.name,
        accounts.email,
        accounts.phone,
        accounts.tax_id,
        accounts.website,
        accounts.birth_date,
        accounts.street,
        accounts.postal_code,
        accounts.city
    from accounts
    inner join {{ ref('int_customer_account') }} as numbers
        on accounts._source = numbers.source and accounts.account_id = numbers.account_id
    where accounts.position = 1
)

select * from final
