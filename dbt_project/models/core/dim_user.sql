-- One row per user of a source and span of time in which what we know of it did not change, without name or address.
with

deleted_users as (
    select distinct
        _source as source,
        user_id
    from {{ ref('int_user_rows') }}
    where disposition = 'deleted'
),

versions as (
    select
        {{ surrogate_key(['landed._source', 'landed.user_id']) }} as user_number,
        landed._source as source,
        landed.user_id,
        coalesce(landed.source_updated_at, landed._landed_at) as valid_from,
        landed.team_id,
        landed.role,
        landed.manager_user_id,
        landed.is_active,
        landed.hired_on,
        landed.left_on,
        landed.weekly_hours,
        landed.is_test,
        row_number() over (
            partition by landed._source, landed.user_id, coalesce(landed.source_updated_at, landed._landed_at)
            order by
                landed._batch_number desc nulls last, landed.row_key asc nulls last, landed._row_number asc nulls last
        ) as position
    from {{ ref('int_user_rows') }} as landed
    where landed.is_sound and landed.disposition <> 'quarantined'
),

{{ history('versions', 'user_number', ['source', 'user_id', 'team_id', 'role', 'manager_user_id', 'is_active',
    'hired_on', 'left_on', 'weekly_hours', 'is_test']) }},

final as (
    select
        {{ surrogate_key(['spans.user_number', 'spans.valid_from']) }} as user_key,
        spans.source,
        spans.user_id,
        spans.valid_from,
        spans.valid_to,
        spans.is_current,
        spans.team_id,
        spans.role,
        spans.manager_user_id,
        spans.is_active,
        spans.hired_on,
        spans.left_on,
        spans.weekly_hours,
        spans.is_test,
        deleted_users.user_id is not null as is_deleted
    from spans
    left join deleted_users
        on spans.source = deleted_users.source and spans.user_id = deleted_users.user_id
)

select * from final
