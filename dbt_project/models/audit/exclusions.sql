-- Row by row what no figure counts although it is sound: tests, deleted rows, copies, and orders that are no sale.
with

-- a sound row without a fact belongs to something that was deleted
uncounted as (
    {%- for entity, fact in fact_of_entity().items() %}
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
    from {{ ref('int_' ~ entity ~ '_rows') }} as landed
    left join {{ ref(fact) }} as facts
        on landed._source = facts.source
        and landed._batch_id = facts.batch_id
        and landed._row_number = facts.row_number
    where
        landed.disposition = 'conformed'
        and landed._table is not null
        and (facts.batch_id is null or facts.exclusion is not null)
    union all
    {%- endfor %}
    select
        _source as source,
        _table as source_table,
        _batch_id as batch_id,
        _row_number as row_number,
        _file as file,
        _line as line,
        'account' as entity,
        account_id as record,
        'test' as reason
    from {{ ref('int_account_rows') }}
    where disposition = 'conformed' and _table is not null and is_test
),

deleted as (
    {%- for entity, contract in var('contract').items() %}
    select
        _source as source,
        _table as source_table,
        _batch_id as batch_id,
        _row_number as row_number,
        _file as file,
        _line as line,
        '{{ entity }}' as entity,
        concat_ws('|', {{ contract['key'] | map('tojson') | join(', ') }}) as record,
        'deleted' as reason
    from {{ ref('int_' ~ entity ~ '_rows') }}
    where disposition = 'deleted' and _table is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

copies as (
    select
        source,
        source_table,
        batch_id,
        row_number,
        file,
        line,
        entity,
        column_value as record,
        'duplicate' as reason
    from {{ ref('int_quarantine') }}
    where reason_code = 'duplicate_key'
),

excluded as (
    select * from uncounted
    union all
    select * from deleted
    union all
    select * from copies
),

final as (
    select
        source,
        source_table as "table",
        batch_id as batch,
        row_number,
        file,
        line,
        entity,
        record,
        reason
    from excluded
)

select * from final
