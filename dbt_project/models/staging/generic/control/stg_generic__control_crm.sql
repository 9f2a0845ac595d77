-- One row per landed lead, won opportunity and activity.
{{ config(materialized='table') }}
with

accounts as (
    select * from {{ ref('stg_generic__control_account') }}
),

leads as (
    {{ newest_landed('lead', ['lead_id']) }}
),

lead_rows as (
    select
        'leads' as metric,
        leads.lead_id as document,
        {{ local_date(instant_of('leads.created_at', 'zone')) }} as occurred_on,
        case
            when {{ says_yes('leads.is_deleted') }} then 'deleted'
            when {{ says_yes('leads.is_test') }} or accounts.is_test then 'test'
        end as exclusion,
        {{ landed_row('leads') }}
    from leads
    {{ zone_of('leads.created_at', 'zone', 'leads') }}
    left join accounts on leads._source = accounts._source and leads.account_id = accounts.account_id
    where not leads.is_gone
),

opportunities as (
    {{ newest_landed('opportunity', ['opportunity_id']) }}
),

won_rows as (
    select
        'won' as metric,
        opportunities.opportunity_id as document,
        {{ local_date(instant_of('opportunities.closed_at', 'zone')) }} as occurred_on,
        case
            when {{ says_yes('opportunities.is_deleted') }} then 'deleted'
            when {{ says_yes('opportunities.is_test') }} or accounts.is_test then 'test'
        end as exclusion,
        {{ landed_row('opportunities') }}
    from opportunities
    {{ zone_of('opportunities.closed_at', 'zone', 'opportunities') }}
    left join accounts on opportunities._source = accounts._source and opportunities.account_id = accounts.account_id
    where not opportunities.is_gone and opportunities.outcome = 'won'
),

opportunity_states as (
    select
        _source,
        opportunity_id,
        bool_or(is_gone or {{ says_yes('is_deleted') }}) as is_deleted,
        bool_or({{ says_yes('is_test') }}) as is_test,
        min(account_id) as account_id
    from opportunities
    group by _source, opportunity_id
),

lead_states as (
    select
        _source,
        lead_id,
        bool_or(is_gone or {{ says_yes('is_deleted') }}) as is_deleted,
        bool_or({{ says_yes('is_test') }}) as is_test,
        min(account_id) as account_id
    from leads
    group by _source, lead_id
),

activities as (
    {{ newest_landed('activity', ['activity_id']) }}
),

-- a deleted opportunity or lead takes the activities with it that name no account of their own
activity_rows as (
    select
        'activities' as metric,
        activities.activity_id as document,
        {{ local_date(instant_of('activities.occurred_at', 'zone')) }} as occurred_on,
        case
            when
                {{ says_yes('activities.is_deleted') }}
                or (
                    (opportunity_states.is_deleted or lead_states.is_deleted)
                    and coalesce(activities.account_id, contacts.account_id) is null
                )
                then 'deleted'
            when
                {{ says_yes('activities.is_test') }}
                or (opportunity_states.is_test and not opportunity_states.is_deleted)
                or (lead_states.is_test and not lead_states.is_deleted)
                or accounts.is_test
                then 'test'
        end as exclusion,
        {{ landed_row('activities') }}
    from activities
    {{ zone_of('activities.occurred_at', 'zone', 'activities') }}
    left join {{ ref('stg_generic__control_contact') }} as contacts
        on activities._source = contacts._source and activities.contact_id = contacts.contact_id
    left join opportunity_states
        on activities._source = opportunity_states._source
        and activities.opportunity_id = opportunity_states.opportunity_id
    left join lead_states
        on activities._source = lead_states._source and activities.lead_id = lead_states.lead_id
    left join accounts
        on activities._source = accounts._source
        and coalesce(
            activities.account_id,
            contacts.account_id,
            case when not opportunity_states.is_deleted then opportunity_states.account_id end,
            case when not lead_states.is_deleted then lead_states.account_id end
        ) = accounts.account_id
    where not activities.is_gone
),

contributions as (
    select * from lead_rows
    union all
    select * from won_rows
    union all
    select * from activity_rows
),

final as (
    select
        metric,
        document,
        occurred_on,
        cast(null as string) as currency,
        cast(1 as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_row('contributions') }}
    from contributions
)

select * from final
