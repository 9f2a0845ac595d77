-- One row per touchpoint that is not deleted: where and when somebody was reached.
with

touchpoints as (
    select * from {{ ref('int_touchpoint') }}
),

contacts as (
    select * from {{ ref('int_contact') }}
),

accounts as (
    select * from {{ ref('int_customer_account') }}
),

test_accounts as (
    select * from accounts where is_test
),

leads as (
    select
        leads.source,
        leads.lead_id,
        leads.account_id,
        leads.is_test or test_accounts.account_id is not null as is_test
    from {{ ref('int_lead') }} as leads
    left join test_accounts
        on leads.source = test_accounts.source and leads.account_id = test_accounts.account_id
),

-- a lead that was deleted takes its touchpoints with it, but for those that name an account of their own
deleted_leads as (
    select distinct
        _source as source,
        lead_id
    from {{ ref('int_lead_rows') }}
    where disposition = 'deleted'
),

attributed as (
    select
        touchpoints.*,
        coalesce(touchpoints.account_id, contacts.account_id, leads.account_id) as person_account_id,
        touchpoints.is_test
        or coalesce(contacts.is_test, false)
        or coalesce(leads.is_test, false) as is_test_touchpoint
    from touchpoints
    left join contacts
        on touchpoints.source = contacts.source and touchpoints.contact_id = contacts.contact_id
    left join leads
        on touchpoints.source = leads.source and touchpoints.lead_id = leads.lead_id
    left join deleted_leads
        on touchpoints.source = deleted_leads.source and touchpoints.lead_id = deleted_leads.lead_id
    where deleted_leads.lead_id is null or coalesce(touchpoints.account_id, contacts.account_id) is not null
),

final as (
    select
        {{ surrogate_key(['attributed.source', 'attributed.touchpoint_id']) }} as touchpoint_key,
        attributed.source,
        attributed.touchpoint_id,
        accounts.customer_number,
        attributed.contact_id,
        attributed.lead_id,
        coalesce(attributed.channel, campaigns.channel, '(unknown)') as channel,
        coalesce(campaigns.campaign_id, '(unknown)') as campaign,
        attributed.occurred_at,
        {{ local_date('attributed.occurred_at') }} as occurred_on,
        case when attributed.is_test_touchpoint or coalesce(accounts.is_test, false) then 'test' end as exclusion,
        attributed.batch_id,
        attributed.row_number
    from attributed
    left join accounts
        on attributed.source = accounts.source and attributed.person_account_id = accounts.account_id
    left join {{ ref('dim_campaign') }} as campaigns
        on attributed.source = campaigns.source and attributed.campaign_id = campaigns.campaign_id
)

select * from final
