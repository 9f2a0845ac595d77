-- Which entities have an accepted row, against those that each mart says it is made from.
with

entities as (
    {%- for entity in var('contract') %}
    select
        '{{ entity }}' as entity,
        count(*) as accepted
    from {{ ref('int_' ~ entity) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

needs as (
    {{ needed_entities() }}
),

marts as (
    {{ marts() }}
),

-- an entity that the contract does not hold yet has no rows either
judged as (
    select
        needs.mart,
        needs.entity,
        needs.position,
        needs.is_optional,
        coalesce(entities.accepted, 0) = 0 as is_missing
    from needs
    left join entities on needs.entity = entities.entity
),

missing as (
    select
        mart,
        bool_or(is_missing and not is_optional) as is_unavailable,
        {{ joined_text('entity', 'position', 'is_missing and not is_optional') }} as missing_entities,
        {{ joined_text('entity', 'position', 'is_missing and is_optional') }} as missing_optional_entities
    from judged
    group by mart
),

final as (
    select
        marts.mart,
        marts.report,
        not coalesce(missing.is_unavailable, false) as available,
        coalesce(missing.missing_entities, '') as missing_entities,
        coalesce(missing.missing_optional_entities, '') as missing_optional_entities
    from marts
    left join missing on marts.mart = missing.mart
)

select * from final
