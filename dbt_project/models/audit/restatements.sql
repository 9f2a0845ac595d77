-- Filled when the candidate is compared with the release before it (pipelines/restatements); a build sees no release.
with

final as (
    select
        cast(null as integer) as step,
        cast(null as string) as cause,
        cast(null as string) as mart,
        cast(null as string) as period_grain,
        cast(null as date) as period_start,
        cast(null as string) as member,
        cast(null as string) as metric,
        cast(null as decimal(38, 6)) as "before",
        cast(null as decimal(38, 6)) as "after",
        cast(null as decimal(38, 6)) as part,
        cast(null as boolean) as is_accepted
    where 1 = 0
)

select * from final
