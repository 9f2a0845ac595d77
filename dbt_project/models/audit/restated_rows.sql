-- Filled when the candidate is compared with the release before it (pipelines/restatements); a build sees no release.
with

final as (
    select
        cast(null as string) as cause,
        cast(null as string) as entity,
        cast(null as string) as source,
        cast(null as string) as record,
        cast(null as date) as happened_on,
        cast(null as string) as changed_columns,
        cast(null as string) as batch_before,
        cast(null as string) as file_before,
        cast(null as bigint) as line_before,
        cast(null as string) as batch_after,
        cast(null as string) as file_after,
        cast(null as bigint) as line_after
    where 1 = 0
)

select * from final
