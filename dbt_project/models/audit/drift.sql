-- Filled when the candidate is compared with the releases before it (pipelines/drift); a build sees no release.
with

final as (
    select
        cast(null as string) as source,
        cast(null as string) as entity,
        cast(null as string) as subject,
        cast(null as string) as kind,
        cast(null as bigint) as observed,
        cast(null as bigint) as of_rows,
        cast(null as double) as expected,
        cast(null as double) as chance,
        cast(null as bigint) as nights,
        cast(null as boolean) as is_alarm,
        cast(null as boolean) as is_accepted,
        cast(null as string) as says
    where 1 = 0
)

select * from final
