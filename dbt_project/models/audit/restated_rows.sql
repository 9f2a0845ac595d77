-- Filled when the candidate is compared with the release before it (pipelines/restatements); a build sees no release.
with

final as (
    select
        cast(null as varchar) as cause,
        cast(null as varchar) as entity,
        cast(null as varchar) as source,
        cast(null as varchar) as record,
        cast(null as date) as happened_on,
        cast(null as varchar) as changed_columns,
        cast(null as varchar) as batch_before,
        cast(null as varchar) as file_before,
        cast(null as bigint) as line_before,
        cast(null as varchar) as batch_after,
        cast(null as varchar) as file_after,
        cast(null as bigint) as line_after
    where 1 = 0
)

select * from final
