-- One row per customer and span of time in which what we know of it did not change; what few persons share is folded.
{%- set kinds = ['industry', 'employee_band', 'region', 'gender', 'acquisition_channel', 'campaign', 'tag', 'status'] %}
with

customers as (
    select * from {{ ref('int_customer') }}
),

{{ folded_kinds(kinds) }},

final as (
    select
        customers.customer_key,
        customers.customer_number,
        customers.valid_from,
        customers.valid_to,
        customers.is_current,
        customers.source,
        customers.account_id,
        customers.account_type,
        {{ shown('industry', 'customers.industry') }} as industry,
        {{ shown('employee_band', 'customers.employee_band') }} as employee_band,
        {{ shown('region', 'customers.country') }} as country,
        {{ shown('region', 'customers.province') }} as province,
        {{ shown('gender', 'customers.gender') }} as gender,
        {{ shown('acquisition_channel', 'customers.acquisition_channel') }} as acquisition_channel,
        {{ shown('campaign', 'customers.campaign_id') }} as campaign_id,
        {{ shown('tag', 'customers.tags') }} as tags,
        {{ shown('status', 'customers.status') }} as status,
        customers.accounts,
        customers.is_test,
        customers.is_deleted,
        customers.created_at,
        customers.first_landed_at
    from customers
    {{ join_folded('customers', {
        'industry': known('customers.industry'),
        'employee_band': known('customers.employee_band'),
        'region': region('customers.country', 'customers.province'),
        'gender': known('customers.gender'),
        'acquisition_channel': known('customers.acquisition_channel'),
        'campaign': known('customers.campaign_id'),
        'tag': tag_combination('customers.tags'),
        'status': known('customers.status'),
    }) }}
)

select * from final
