-- One row per team of a source and span of time in which what we know of it did not change. Deleted teams stay.
with

deleted_teams as (
    select distinct
        _source as source,
        team_id
    from {{ ref('int_team_rows') }}
    where disposition = 'deleted'
),

versions as (
    select
        {{ surrogate_key(['landed._source', 'landed.team_id']) }} as team_number,
        landed._source as source,
        landed.team_id,
        coalesce(landed.source_updated_at, landed._landed_at) as valid_from,
        landed.name,
        landed.parent_team_id,
        landed.region,
        row_number() over (
            partition by landed._source, landed.team_id, coalesce(landed.source_updated_at, landed._landed_at)
            order by
                landed._batch_number desc nulls last, landed.row_key asc nulls last, landed._row_number asc nulls last
        ) as position
    from {{ ref('int_team_rows') }} as landed
    where landed.is_sound and landed.disposition <> 'quarantined'
),

{{ history('versions', 'team_number', ['source', 'team_id', 'name', 'parent_team_id', 'region']) }},

final as (
    select
        {{ surrogate_key(['spans.team_number', 'spans.valid_from']) }} as team_key,
        spans.source,
        spans.team_id,
        spans.valid_from,
        spans.valid_to,
        spans.is_current,
        spans.name as team_name,
        spans.parent_team_id,
        spans.region,
        deleted_teams.team_id is not null as is_deleted
    from spans
    left join deleted_teams
        on spans.source = deleted_teams.source and spans.team_id = deleted_teams.team_id
)

select * from final
