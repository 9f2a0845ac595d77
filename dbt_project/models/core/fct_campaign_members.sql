-- One row per member of a campaign's audience: who was addressed, or held out for comparison, and what came of it.
with

-- whose account it is: the member's own, else that of the contact or lead that was addressed
members as (
    select
        members.*,
        coalesce(members.account_id, contacts.account_id, leads.account_id) as person_account_id,
        coalesce(members.is_holdout, false) as is_held_out,
        members.is_test or coalesce(contacts.is_test, false) or coalesce(leads.is_test, false) as is_test_member
    from {{ ref('int_campaign_member') }} as members
    left join {{ ref('int_contact') }} as contacts
        on members.source = contacts.source and members.contact_id = contacts.contact_id
    left join {{ ref('int_lead') }} as leads
        on members.source = leads.source and members.lead_id = leads.lead_id
),

final as (
    select
        {{ surrogate_key(['members.source', 'members.member_id']) }} as member_key,
        members.source,
        members.member_id,
        members.campaign_id,
        coalesce(campaigns.campaign_id, '(unknown)') as campaign,
        accounts.customer_number,
        members.contact_id,
        members.lead_id,
        members.is_held_out as is_holdout,
        -- a bounced message has reached nobody, unless it was delivered after that
        not members.is_held_out
        and coalesce(members.delivered_at, members.invited_at) is not null
        and (members.bounced_at is null or coalesce(members.delivered_at > members.bounced_at, false)) as is_treated,
        members.invited_at,
        members.delivered_at,
        members.bounced_at,
        members.opened_at,
        members.clicked_at,
        members.responded_at,
        members.attended_at,
        case
            when members.is_held_out then campaigns.starts_on
            else {{ local_date('coalesce(members.invited_at, members.delivered_at)') }}
        end as assigned_on,
        case
            when
                members.is_test_member or coalesce(campaigns.is_test, false) or coalesce(accounts.is_test, false)
                then 'test'
        end as exclusion,
        members.batch_id,
        members.row_number
    from members
    left join {{ ref('dim_campaign') }} as campaigns
        on members.source = campaigns.source and members.campaign_id = campaigns.campaign_id
    left join {{ ref('int_customer_account') }} as accounts
        on members.source = accounts.source and members.person_account_id = accounts.account_id
)

select * from final
