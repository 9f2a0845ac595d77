-- The landed persons. All versions of one are what the newest says: an agent or a customer, and of which organization.
with

final as (
    select
        id,
        name,
        email,
        phone,
        active,
        created_at,
        updated_at,
        first_value(lower(coalesce(role, '')) in ('agent', 'admin')) over newest as is_agent,
        first_value(organization_id) over newest as newest_organization_id,
        {{ landed_columns() }}
    from {{ source('zendesk', 'user') }}
    window newest as (
        partition by _source, id
        order by
            _is_live desc nulls last, {{ wall_clock('updated_at') }} desc nulls last,
            _batch_number desc nulls last, _row_number desc nulls last
    )
)

select * from final
