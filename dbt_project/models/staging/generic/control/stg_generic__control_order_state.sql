-- One row per order of a source, for what hangs on it.
{{ config(materialized='table') }}
with

final as (
    select
        _source,
        order_id,
        min(ordered_on) as ordered_on,
        min(exclusion) as exclusion,
        min(currency) as currency,
        min(account_id) as account_id
    from {{ ref('stg_generic__control_order') }}
    group by _source, order_id
)

select * from final
