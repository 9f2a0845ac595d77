-- One row per landed state of an opportunity, numbered in the order in which the states were true; the last is present.
with

opportunities as (
    select
        source,
        opportunity_id
    from {{ ref('int_opportunity') }}
),

landed as (
    select
        opportunities.source,
        opportunities.opportunity_id,
        coalesce(versions.source_updated_at, versions._landed_at) as known_from,
        versions.disposition = 'conformed' as is_present,
        versions.stage,
        versions.outcome,
        versions.closed_at,
        versions.amount,
        versions.probability,
        versions.expected_close_on,
        versions.owner_user_id,
        versions._batch_number as batch_number,
        versions.row_key,
        versions._row_number as row_number
    from opportunities
    inner join {{ ref('int_opportunity_rows') }} as versions
        on opportunities.source = versions._source and opportunities.opportunity_id = versions.opportunity_id
    where versions.is_sound and versions.disposition in ('conformed', 'superseded')
),

present as (
    select
        source,
        opportunity_id,
        known_from
    from landed
    where is_present
),

-- what was superseded cannot be later than what superseded it, whatever its date says
final as (
    select
        landed.source,
        landed.opportunity_id,
        row_number() over (
            partition by landed.source, landed.opportunity_id
            order by
                landed.is_present asc nulls last, landed.known_from asc nulls last, landed.batch_number asc nulls last,
                landed.row_key asc nulls last, landed.row_number asc nulls last
        ) as number,
        landed.known_from,
        landed.is_present,
        coalesce(landed.stage, '(unknown)') as stage,
        landed.outcome,
        landed.closed_at,
        landed.amount,
        landed.probability,
        landed.expected_close_on,
        landed.owner_user_id
    from landed
    inner join present on landed.source = present.source and landed.opportunity_id = present.opportunity_id
    where landed.is_present or landed.known_from < present.known_from
)

select * from final
