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
        _source as source,
        opportunity_id,
        disposition = 'conformed' as is_present,
        stage,
        outcome,
        closed_at,
        amount,
        probability,
        expected_close_on,
        owner_user_id,
        source_updated_at,
        _landed_at,
        _batch_number,
        row_key,
        _row_number
    from {{ ref('int_opportunity_rows') }}
    where is_sound and disposition in ('conformed', 'superseded')
),

versions as (
    select
        landed.*,
        {{ began_at('landed.source, landed.opportunity_id') }} as known_from
    from landed
    inner join opportunities
        on landed.source = opportunities.source and landed.opportunity_id = opportunities.opportunity_id
),

present as (
    select
        source,
        opportunity_id,
        known_from
    from versions
    where is_present
),

-- what was superseded cannot be later than what superseded it, whatever its date says
final as (
    select
        versions.source,
        versions.opportunity_id,
        row_number() over (
            partition by versions.source, versions.opportunity_id
            order by
                versions.is_present asc nulls last, versions.known_from asc nulls last,
                versions._batch_number asc nulls last, versions.row_key asc nulls last,
                versions._row_number asc nulls last
        ) as number,
        versions.known_from,
        versions.is_present,
        coalesce(versions.stage, '(unknown)') as stage,
        versions.outcome,
        versions.closed_at,
        versions.amount,
        versions.probability,
        versions.expected_close_on,
        versions.owner_user_id
    from versions
    inner join present on versions.source = present.source and versions.opportunity_id = present.opportunity_id
    where versions.is_present or versions.known_from < present.known_from
)

select * from final
