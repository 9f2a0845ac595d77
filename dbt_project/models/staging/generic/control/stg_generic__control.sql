-- One row per landed row and figure it contributes: what the source itself says, read off its files a second time,
-- past the models that the reconciliation checks. Only the newest version of a key speaks; its copies are kept, to be
-- found in quarantine. Each subject is a table of its own: together they would want their joins in memory at once.
with

contributions as (
    {%- for subject in [
        'sales', 'return_line', 'payment', 'invoice', 'crm', 'survey_response', 'ticket', 'cost',
    ] %}
    select * from {{ ref('stg_generic__control_' ~ subject) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        metric,
        document,
        _source as source,
        _table as source_table,
        _batch_id as batch_id,
        _row_number as row_number,
        occurred_on,
        coalesce(currency, _currency) as currency,
        coalesce(amount, 0) as amount,
        exclusion
    from contributions
)

select * from final
