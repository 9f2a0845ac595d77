-- One row per user, with who it is.
with

final as (
    select
        source,
        user_id,
        name,
        email
    from {{ ref('int_user') }}
)

select * from final
