-- One row per customer and span of time in which what we know of it did not change, with all that is known.
with

accounts as (
    select
        accounts.*,
        numbers.customer_number
    from {{ ref('int_account_keys') }} as accounts
    inner join {{ ref('int_customer_account') }} as numbers
        on accounts.source = numbers.source and accounts.account_id = numbers.account_id
),

customers as (
    select
        customer_number,
        count(*) as accounts,
        bool_and(is_test) as is_test,
        bool_and(is_deleted) as is_deleted,
        min(created_at) as created_at,
        min(first_landed_at) as first_landed_at
    from accounts
    group by customer_number
),

-- the account that was landed first speaks for the customer
speakers as (
    select
        *,
        row_number() over (
            partition by customer_number
            order by
                first_landed_at asc nulls last, first_batch_number asc nulls last,
                source asc nulls last, account_id asc nulls last
        ) as position
    from accounts
),

landed as (
    select
        speakers.customer_number,
        speakers.source,
        speakers.account_id,
        account_rows.account_type,
        account_rows.industry,
        account_rows.employee_band,
        account_rows.country,
        account_rows.province,
        account_rows.gender,
        account_rows.acquisition_channel,
        account_rows.campaign_id,
        account_rows.tags,
        account_rows.status,
        account_rows.source_updated_at,
        account_rows._landed_at,
        account_rows._batch_number,
        account_rows.row_key,
        account_rows._row_number
    from speakers
    inner join {{ ref('int_account_rows') }} as account_rows
        on speakers.source = account_rows._source and speakers.account_id = account_rows.account_id
    where
        speakers.position = 1
        and (account_rows.is_sound or account_rows.disposition = 'deleted')
        and account_rows.disposition <> 'quarantined'
),

{{ history('landed', 'customer_number', ['source', 'account_id', 'account_type', 'industry', 'employee_band',
    'country', 'province', 'gender', 'acquisition_channel', 'campaign_id', 'tags', 'status']) }},

-- whoever does not say that it is an organisation is protected like a person
persons as (
    select
        customer_number,
        coalesce(account_type, 'person') <> 'organisation' as is_person
    from spans
    where is_current
),

final as (
    select
        {{ surrogate_key(['spans.customer_number', 'spans.valid_from']) }} as customer_key,
        spans.customer_number,
        spans.valid_from,
        spans.valid_to,
        spans.is_current,
        spans.source,
        spans.account_id,
        spans.account_type,
        spans.industry,
        spans.employee_band,
        coalesce(persons.is_person, true) as is_person,
        coalesce(spans.country, '(unknown)') as country,
        coalesce(spans.province, '(unknown)') as province,
        spans.gender,
        spans.acquisition_channel,
        spans.campaign_id,
        spans.tags,
        spans.status,
        customers.accounts,
        customers.is_test,
        customers.is_deleted,
        customers.created_at,
        customers.first_landed_at
    from spans
    inner join customers on spans.customer_number = customers.customer_number
    left join persons on spans.customer_number = persons.customer_number
)

select * from final
