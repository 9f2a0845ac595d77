-- One row per landed request: what the city itself says, past the models that the reconciliation checks.
with

final as (
    select
        'tickets' as metric,
        requests.unique_key as document,
        requests._source as source,
        requests._table as source_table,
        requests._batch_id as batch_id,
        requests._row_number as row_number,
        {{ local_date(instant_of('requests.created_date', 'zone')) }} as occurred_on,
        requests._currency as currency,
        cast(1 as decimal(38, 12)) as amount,
        cast(null as varchar) as exclusion
    from {{ source('sf311', 'service_request') }} as requests
    {{ zone_of('requests.created_date', 'zone', 'requests') }}
    where requests._is_live
)

select * from final
