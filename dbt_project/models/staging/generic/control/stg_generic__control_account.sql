-- One row per account of a source: whether it is a test, for what hangs on it.
{{ config(materialized='table') }}
with

accounts as (
    {{ newest_landed('account', ['account_id']) }}
),

final as (
    select
        _source,
        account_id,
        bool_or({{ says_yes('is_test') }}) as is_test
    from accounts
    group by _source, account_id
)

select * from final
