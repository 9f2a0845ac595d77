with

customers as (
    select customer_number
    from {{ ref('fct_customer_classes') }}
    where assigned_on = {{ plus_days(as_of_date(), -1) }} and value_tier = 'high'
),

opportunities as (
    select * from {{ ref('fct_opportunities') }} where exclusion is null
),

turns as (
    select
        opportunity_key,
        state,
        valid_from,
        lag(state) over (partition by opportunity_key order by span_number asc nulls last) as previous_state
    from {{ ref('fct_opportunity_spans') }}
),

-- what was closed, reopened and closed again was closed twice
closings as (
    select
        opportunities.customer_number,
        turns.opportunity_key,
        'opportunity_' || turns.state as step_kind,
        opportunities.channel,
        turns.valid_from as occurred_at
    from turns
    inner join opportunities on turns.opportunity_key = opportunities.opportunity_key
    where turns.state <> 'open' and (turns.previous_state is null or turns.previous_state <> turns.state)
),

-- the channel of an interaction is the way in which it took place
steps as (
    select
        customer_number,
        touchpoint_key as step_key,
        'touchpoint' as step_kind,
        channel,
        occurred_at
    from {{ ref('fct_touchpoints') }}
    where exclusion is null
    union all
    select
        customer_number,
        lead_key as step_key,
        'lead' as step_kind,
        channel,
        created_at as occurred_at
    from {{ ref('fct_leads') }}
    where exclusion is null
    union all
    select
        customer_number,
        activity_key as step_key,
        kind as step_kind,
        kind as channel,
        occurred_at
    from {{ ref('fct_activities') }}
    where exclusion is null
    union all
    select
        customer_number,
        opportunity_key as step_key,
        'opportunity_created' as step_kind,
        channel,
        created_at as occurred_at
    from opportunities
    union all
    select
        customer_number,
        opportunity_key as step_key,
        step_kind,
        channel,
        occurred_at
    from closings
    union all
    select
        customer_number,
        order_key as step_key,
        'order' as step_kind,
        channel,
        ordered_at as occurred_at
    from {{ ref('fct_orders') }}
    where exclusion is null
    union all
    select
        customer_number,
        ticket_key as step_key,
        'ticket' as step_kind,
        channel,
        created_at as occurred_at
    from {{ ref('fct_tickets') }}
    where exclusion is null
),

numbered as (
    select
        steps.*,
        row_number() over (
            partition by steps.customer_number
            order by steps.occurred_at asc nulls last, steps.step_kind asc nulls last, steps.step_key asc nulls last
        ) as step_number,
        min(steps.occurred_at) over (partition by steps.customer_number) as first_touch_at
    from steps
    inner join customers on steps.customer_number = customers.customer_number
    where steps.occurred_at <= {{ as_of() }}
),

final as (
    select
        customer_number,
        step_number,
        step_kind,
        channel,
        occurred_at,
        cast({{ seconds_between('first_touch_at', 'occurred_at') }} as double) / 86400 as days_since_first_touch,
        step_kind in ('opportunity_won', 'order') as is_won,
        step_key
    from numbered
)

select * from final
