-- One row per user of a source and span of time in which what we know of it did not change, without name or address.
with

deleted_users as (
    select distinct
        _source as source,
        user_id
    from {{ ref('int_user_rows') }}
    where disposition = 'deleted'
),

landed as (
    select
        {{ surrogate_key(['_source', 'user_id']) }} as user_number,
        _source as source,
        user_id,
        team_id,
        role,
        manager_user_id,
        is_active,
        hired_on,
        left_on,
        weekly_hours,
        is_test,
        source_updated_at,
        _landed_at,
        _batch_number,
        row_key,
        _row_number
    from {{ ref('int_user_rows') }}
    where is_sound and disposition <> 'quarantined'
),

{{ history('landed', 'user_number', ['source', 'user_id', 'team_id', 'role', 'manager_user_id', 'is_active',
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
