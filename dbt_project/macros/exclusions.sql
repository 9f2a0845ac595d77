{# The sound landed rows of an entity that count in no figure: their fact says why, or they have none. #}
{% macro uncounted(entity, landed_rows, fact) -%}
with

landed as (
    select * from {{ landed_rows }} where disposition = 'conformed' and _table is not null
),

facts as (
    select * from {{ fact }}
),

-- a sound row without a fact belongs to something that was deleted
final as (
    select
        landed._source as source,
        landed._table as source_table,
        landed._batch_id as batch_id,
        landed._row_number as row_number,
        landed._file as file,
        landed._line as line,
        '{{ entity }}' as entity,
        landed.{{ var('contract')[entity]['key'][0] }} as record,
        case when facts.batch_id is null then 'deleted' else facts.exclusion end as reason
    from landed
    left join facts
        on landed._source = facts.source
        and landed._batch_id = facts.batch_id
        and landed._row_number = facts.row_number
    where facts.batch_id is null or facts.exclusion is not null
)

select * from final
{%- endmacro %}
