-- One row per account, conformed or deleted: what identity matches on, and when the account was first landed.
with

accounts as (
    select * from {{ ref('int_account_rows') }}
),

first_landed as (
    select
        _source,
        account_id,
        min(_landed_at) as first_landed_at,
        min(_batch_number) as first_batch_number
    from accounts
    where disposition <> 'quarantined'
    group by _source, account_id
),

-- a deleted account keeps its number: what it bought was bought. It is known by its newest row.
newest as (
    select
        *,
        row_number() over (
            partition by _source, account_id
            order by
                case when disposition = 'conformed' then 0 else 1 end asc nulls last,
                _batch_number desc nulls last, source_updated_at desc nulls last, _row_number asc nulls last
        ) as position
    from accounts
    where disposition in ('conformed', 'deleted')
),

final as (
    select
        newest._source as source,
        newest.account_id,
        newest.email,
        newest.phone,
        newest.tax_id,
        newest.name,
        newest.disposition = 'deleted' as is_deleted,
        newest.is_test,
        newest.created_at,
        first_landed.first_landed_at,
        first_landed.first_batch_number
    from newest
    inner join first_landed
        on newest._source = first_landed._source
        and newest.account_id = first_landed.account_id
    where newest.position = 1
)

select * from final
