-- Filled when the candidate is compared with the releases before it (pipelines/drift); a build sees no release.
with

final as (
    select
        cast(null as varchar) as source,
        cast(null as varchar) as entity,
        cast(null as varchar) as subject,
        cast(null as varchar) as kind,
        cast(null as bigint) as observed,
        cast(null as bigint) as of_rows,
        cast(null as double) as expected,
        cast(null as double) as chance,
        cast(null as bigint) as nights,
        cast(null as boolean) as is_alarm,
        cast(null as boolean) as is_accepted,
        cast(null as varchar) as says
    where 1 = 0
)

select * from final
