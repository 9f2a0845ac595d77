-- The landed persons, each of whose versions is what the newest says: an agent or a customer, and of which organization.
with

final as (
    select
        *,
        first_value(lower(coalesce(role, '')) in ('agent', 'admin')) over newest as is_agent,
        first_value(organization_id) over newest as newest_organization_id
    from {{ source('zendesk', 'user') }}
    window newest as (
        partition by _source, id
        order by
            _is_live desc nulls last, {{ wall_clock('updated_at') }} desc nulls last,
            _batch_number desc nulls last, _row_number desc nulls last
    )
)

select * from final
