-- Row by row what no figure counts although it is sound: tests, deleted rows, copies, and orders that are no sale.
with

uncounted as (
    {%- for entity in [
        'order', 'order_line', 'return_line', 'invoice', 'payment', 'subscription',
        'lead', 'opportunity', 'activity', 'campaign_member',
        'campaign_cost', 'touchpoint', 'ticket', 'survey_response', 'target',
        'ticket_event', 'service_cost', 'cost', 'project_task', 'market_size', 'competitor_observation',
    ] %}
    select * from {{ ref('int_uncounted_' ~ entity) }}
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
