-- One row per stage that was declared and is no longer, with the time at which it went.
with

deleted as (
    select
        stage_key,
        source,
        pipeline,
        stage
    from {{ ref('dim_stage') }}
    where is_deleted
),

-- a row of the newest delivery can only be there because it says itself that the stage is deleted
seen as (
    select
        deleted.stage_key,
        deleted.source,
        landed._table as source_table,
        max(landed._batch_number) as last_batch,
        max(coalesce(landed.source_updated_at, landed._landed_at)) filter (where landed._is_live) as said_at
    from deleted
    inner join {{ ref('int_stage_rows') }} as landed
        on deleted.source = landed._source and deleted.pipeline = landed.pipeline and deleted.stage = landed.stage
    group by deleted.stage_key, deleted.source, landed._table
),

-- else it went when the first delivery without it was landed
final as (
    select
        seen.stage_key,
        coalesce(max(seen.said_at), min(batches.landed_at)) as deleted_at
    from seen
    left join {{ source('landing', 'batches') }} as batches
        on seen.source = batches.source
        and seen.source_table = batches.source_table
        and seen.last_batch < batches.batch_number
        and not coalesce(batches.is_correction, false)
    group by seen.stage_key
)

select * from final
