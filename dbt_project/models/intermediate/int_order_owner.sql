-- One row per order: who owned it when it was placed, and in which team the owner was then.
with

-- what changed although the source says it did not was noticed when it was landed
stamped as (
    select
        {{ surrogate_key(['landed._source', 'landed.order_id']) }} as order_key,
        landed.owner_user_id,
        landed._batch_number,
        landed.row_key,
        landed._row_number,
        case
            when
                landed.source_updated_at is not null
                and landed._batch_number = min(landed._batch_number) over (
                    partition by landed._source, landed.order_id, landed.source_updated_at
                )
                then landed.source_updated_at
            else landed._landed_at
        end as valid_from
    from {{ ref('int_order_rows') }} as landed
    where landed.is_sound and landed.disposition <> 'quarantined'
),

versions as (
    select
        order_key,
        valid_from,
        owner_user_id,
        row_number() over (
            partition by order_key, valid_from
            order by _batch_number desc nulls last, row_key asc nulls last, _row_number asc nulls last
        ) as position
    from stamped
),

{{ history('versions', 'order_key', ['owner_user_id']) }},

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
