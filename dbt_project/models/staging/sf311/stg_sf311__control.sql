-- One row per landed request, of the newest batch that has it: what the city itself says, past the models that the
-- reconciliation checks.
with

versions as (
    select
        *,
        dense_rank() over (partition by _source, unique_key order by _batch_number desc nulls last) as age
    from {{ source('sf311', 'service_request') }}
    where _is_live
),

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
        cast(null as string) as exclusion
    from versions as requests
    {{ zone_of('requests.created_date', 'zone', 'requests') }}
    where requests.age = 1 or requests.unique_key is null
)

select * from final
