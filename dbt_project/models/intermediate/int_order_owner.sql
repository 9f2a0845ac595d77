-- One row per order: who owned it when it was placed, and in which team the owner was then.
with

landed as (
    select
        {{ surrogate_key(['_source', 'order_id']) }} as order_key,
        owner_user_id,
        source_updated_at,
        _landed_at,
        _batch_number,
        row_key,
        _row_number
    from {{ ref('int_order_rows') }}
    where is_sound and disposition <> 'quarantined'
),

{{ history('landed', 'order_key', ['owner_user_id']) }},

orders as (
    select
        source,
        order_id,
        ordered_at,
        {{ surrogate_key(['source', 'order_id']) }} as order_key
    from {{ ref('int_order') }}
),

final as (
    select
        orders.source,
        orders.order_id,
        spans.owner_user_id,
        users.team_id
    from orders
    inner join spans
        on orders.order_key = spans.order_key
        and orders.ordered_at >= spans.valid_from
        and orders.ordered_at < spans.valid_to
    left join {{ ref('dim_user') }} as users
        on orders.source = users.source
        and spans.owner_user_id = users.user_id
        and orders.ordered_at >= users.valid_from
        and orders.ordered_at < users.valid_to
)

select * from final
