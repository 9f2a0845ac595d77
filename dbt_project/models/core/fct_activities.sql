-- One row per activity that is not deleted: who was in touch with whom, when and how. Without its subject.
with

activities as (
    select * from {{ ref('int_activity') }}
),

contacts as (
    select * from {{ ref('int_contact') }}
),

opportunities as (
    select * from {{ ref('int_opportunity') }}
),

leads as (
    select * from {{ ref('int_lead') }}
),

-- an opportunity or a lead that was deleted takes its activities with it, but for those with an account of their own
deleted_opportunities as (
    select distinct
        _source as source,
        opportunity_id
    from {{ ref('int_opportunity_rows') }}
    where disposition = 'deleted'
),

deleted_leads as (
    select distinct
        _source as source,
        lead_id
    from {{ ref('int_lead_rows') }}
    where disposition = 'deleted'
),

attributed as (
    select
        activities.*,
        coalesce(activities.account_id, contacts.account_id, opportunities.account_id, leads.account_id)
            as person_account_id,
        activities.is_test or coalesce(opportunities.is_test, false) or coalesce(leads.is_test, false)
            as is_test_activity
    from activities
    left join contacts
        on activities.source = contacts.source and activities.contact_id = contacts.contact_id
    left join opportunities
        on activities.source = opportunities.source and activities.opportunity_id = opportunities.opportunity_id
    left join leads
        on activities.source = leads.source and activities.lead_id = leads.lead_id
    left join deleted_opportunities
        on activities.source = deleted_opportunities.source
        and activities.opportunity_id = deleted_opportunities.opportunity_id
    left join deleted_leads
        on activities.source = deleted_leads.source and activities.lead_id = deleted_leads.lead_id
    where
        coalesce(deleted_opportunities.opportunity_id, deleted_leads.lead_id) is null
        or coalesce(activities.account_id, contacts.account_id) is not null
),

final as (
    select
        {{ surrogate_key(['attributed.source', 'attributed.activity_id']) }} as activity_key,
        attributed.source,
        attributed.activity_id,
        attributed.kind,
        attributed.direction,
        accounts.customer_number,
        attributed.lead_id,
        attributed.opportunity_id,
        attributed.user_id,
        users.team_id,
        attributed.occurred_at,
        {{ local_date('attributed.occurred_at') }} as occurred_on,
        attributed.duration_seconds,
        attributed.opened_at,
        attributed.replied_at,
        attributed.outcome,
        case when attributed.is_test_activity or coalesce(accounts.is_test, false) then 'test' end as exclusion,
        attributed.batch_id,
        attributed.row_number
    from attributed
    left join {{ ref('int_customer_account') }} as accounts
        on attributed.source = accounts.source and attributed.person_account_id = accounts.account_id
    left join {{ ref('dim_user') }} as users
        on attributed.source = users.source
        and attributed.user_id = users.user_id
        and attributed.occurred_at >= users.valid_from
        and attributed.occurred_at < users.valid_to
)

select * from final
