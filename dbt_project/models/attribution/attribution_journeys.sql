-- One row per journey and touch. A journey ends in a customer's first order or, when the window has passed, in nothing.
-- A first order that nothing touched is a journey of one row without a touch.
{%- set window = 'cast(' ~ var('attribution_days') ~ ' as bigint) * 1440' %}
{%- set in_order = 'occurred_at asc nulls last, source asc nulls last, touchpoint_id asc nulls last' %}
with

-- whoever was touched, a contact, an account or a lead of the customer, it is one customer; a lead can be nobody's yet
touches as (
    select
        touchpoints.source,
        touchpoints.touchpoint_id,
        touchpoints.channel,
        touchpoints.campaign,
        touchpoints.occurred_at,
        coalesce(touchpoints.customer_number, leads.customer_number) as customer_number,
        coalesce(
            'customer ' || coalesce(touchpoints.customer_number, leads.customer_number),
            'lead ' || leads.lead_key,
            case
                when touchpoints.contact_id is not null
                    then 'contact ' || {{ surrogate_key(['touchpoints.source', 'touchpoints.contact_id']) }}
            end,
            'touch ' || touchpoints.touchpoint_key
        ) as person
    from {{ ref('fct_touchpoints') }} as touchpoints
    left join {{ ref('fct_leads') }} as leads
        on touchpoints.source = leads.source and touchpoints.lead_id = leads.lead_id
    where touchpoints.exclusion is null
),

-- without any touch there is nothing to credit
has_touches as (
    select count(*) > 0 as is_given from touches
),

conversions as (
    select
        orders.order_key,
        orders.customer_number,
        orders.ordered_at,
        orders.ordered_on,
        orders.revenue
    from {{ ref('fct_orders') }} as orders
    inner join has_touches on has_touches.is_given
    where orders.exclusion is null and orders.is_first_purchase
),

-- what comes after the first order wins nobody any more
before_conversion as (
    select
        touches.*,
        conversions.order_key,
        coalesce(touches.occurred_at >= {{ minus_minutes('conversions.ordered_at', window) }}, false) as is_credited
    from touches
    left join conversions on touches.customer_number = conversions.customer_number
    where conversions.order_key is null or touches.occurred_at <= conversions.ordered_at
),

converted as (
    select
        conversions.order_key as journey,
        true as is_converted,
        conversions.ordered_on as ended_on,
        conversions.revenue,
        credited.source,
        credited.touchpoint_id,
        credited.channel,
        credited.campaign,
        credited.occurred_at
    from conversions
    left join (select * from before_conversion where is_credited) as credited
        on conversions.order_key = credited.order_key
),

ordered as (
    select
        *,
        lag(occurred_at) over (partition by person order by {{ in_order }}) as touched_before
    from before_conversion
),

-- after so long a pause a touch begins another journey
numbered as (
    select
        *,
        sum(case when touched_before >= {{ minus_minutes('occurred_at', window) }} then 0 else 1 end) over (
            partition by person order by {{ in_order }} rows between unbounded preceding and current row
        ) as journey_number
    from ordered
),

lasting as (
    select
        *,
        {{ minus_minutes('max(occurred_at) over (partition by person, journey_number)', '-' ~ window) }} as ended_at,
        bool_or(is_credited) over (partition by person, journey_number) as has_led_to_an_order
    from numbered
),

-- while the window is open nobody knows what the journey leads to
lost as (
    select
        person || ' ' || cast(journey_number as string) as journey,
        false as is_converted,
        {{ local_date('ended_at') }} as ended_on,
        cast(null as decimal(38, 2)) as revenue,
        source,
        touchpoint_id,
        channel,
        campaign,
        occurred_at
    from lasting
    where ended_at < {{ as_of() }} and not has_led_to_an_order
),

journeys as (
    select * from converted
    union all
    select * from lost
),

final as (
    select
        journey,
        row_number() over (partition by journey order by {{ in_order }}) as step,
        is_converted,
        ended_on,
        revenue,
        source,
        channel,
        campaign,
        occurred_at
    from journeys
)

select * from final
