-- One row per team of a source and span of time in which what we know of it did not change. Deleted teams stay.
with

deleted_teams as (
    select distinct
        _source as source,
        team_id
    from {{ ref('int_team_rows') }}
    where disposition = 'deleted'
),

landed as (
    select
        {{ surrogate_key(['_source', 'team_id']) }} as team_number,
        _source as source,
        team_id,
        name,
        parent_team_id,
        region,
        source_updated_at,
        _landed_at,
        _batch_number,
        row_key,
        _row_number
    from {{ ref('int_team_rows') }}
    where is_sound and disposition <> 'quarantined'
),

{{ history('landed', 'team_number', ['source', 'team_id', 'name', 'parent_team_id', 'region']) }},

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
