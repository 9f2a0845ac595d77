-- Tasks and events: who was in touch with whom. Salesforce ids say by their first three characters what they are of:
-- 003 a contact, 00Q a lead, 006 an opportunity.
with

final as (
    select
        tasks.id as activity_id,
        -- what is still to be done is no call yet
        case
            when not {{ says_yes('tasks.is_closed') }} then 'other'
            when lower(tasks.task_subtype) in ('email', 'listemail') or lower(tasks.type) = 'email' then 'email'
            when lower(tasks.task_subtype) = 'call' or lower(tasks.type) = 'call' then 'call'
            when lower(tasks.type) = 'meeting' then 'meeting'
            else 'other'
        end as kind,
        case lower(tasks.call_type) when 'inbound' then 'in' when 'outbound' then 'out' end as direction,
        tasks.account_id,
        case when tasks.who_id like '003%' then tasks.who_id end as contact_id,
        case when tasks.who_id like '00Q%' then tasks.who_id end as lead_id,
        case when tasks.what_id like '006%' then tasks.what_id end as opportunity_id,
        tasks.owner_id as user_id,
        case
            when {{ says_yes('tasks.is_closed') }}
                then coalesce({{ utc_text('tasks.completed_date_time') }}, {{ day_text('tasks.activity_date') }})
            else coalesce({{ day_text('tasks.activity_date') }}, {{ utc_text('tasks.created_date') }})
        end as occurred_at,
        tasks.call_duration_in_seconds as duration_seconds,
        cast(null as string) as opened_at,
        cast(null as string) as replied_at,
        tasks.status as outcome,
        tasks.subject,
        {{ utc_text(salesforce_updated_at('tasks')) }} as source_updated_at,
        {{ gone_text('tasks') }} as is_deleted,
        cast(null as string) as is_test,
        tasks.id as row_key,
        {{ landed_columns('tasks') }}
    from {{ source('salesforce', 'task') }} as tasks
    union all
    select
        events.id as activity_id,
        case
            when lower(coalesce(events.type, 'meeting')) in ('meeting', 'call', 'email')
                then lower(coalesce(events.type, 'meeting'))
            else 'other'
        end as kind,
        cast(null as string) as direction,
        events.account_id,
        case when events.who_id like '003%' then events.who_id end as contact_id,
        case when events.who_id like '00Q%' then events.who_id end as lead_id,
        case when events.what_id like '006%' then events.what_id end as opportunity_id,
        events.owner_id as user_id,
        -- what takes all day is a day, which is written as its midnight in UTC
        case
            when {{ says_yes('events.is_all_day_event') }}
                then {{ day_text('coalesce(events.activity_date, events.start_date_time, events.activity_date_time)') }}
            else
                coalesce(
                    {{ utc_text('coalesce(events.start_date_time, events.activity_date_time)') }},
                    {{ day_text('events.activity_date') }}
                )
        end as occurred_at,
        case
            when {{ matches('trim(events.duration_in_minutes)', '^[0-9]{1,9}$') }}
                then cast(cast(trim(events.duration_in_minutes) as bigint) * 60 as string)
            else events.duration_in_minutes || ' minutes'
        end as duration_seconds,
        cast(null as string) as opened_at,
        cast(null as string) as replied_at,
        cast(null as string) as outcome,
        events.subject,
        {{ utc_text(salesforce_updated_at('events')) }} as source_updated_at,
        {{ gone_text('events') }} as is_deleted,
        cast(null as string) as is_test,
        events.id as row_key,
        {{ landed_columns('events') }}
    from {{ source('salesforce', 'event') }} as events
)

select * from final
