-- A fact on a day that the calendar does not have would be in no period.
{{ config(meta={'dagster': {'ref': {'name': 'dim_date'}}}) }}

with

days as (
    select 'fct_orders' as fact, ordered_on as happened_on from {{ ref('fct_orders') }}
    union all
    select 'fct_payments' as fact, paid_on as happened_on from {{ ref('fct_payments') }}
    union all
    select 'fct_leads' as fact, created_on as happened_on from {{ ref('fct_leads') }}
    union all
    select 'fct_opportunities' as fact, created_on as happened_on from {{ ref('fct_opportunities') }}
    union all
    select 'fct_opportunities' as fact, closed_on as happened_on from {{ ref('fct_opportunities') }}
    union all
    select 'fct_survey_responses' as fact, sent_on as happened_on from {{ ref('fct_survey_responses') }}
    union all
    select 'fct_survey_responses' as fact, responded_on as happened_on from {{ ref('fct_survey_responses') }}
    union all
    select 'fct_activities' as fact, occurred_on as happened_on from {{ ref('fct_activities') }}
    union all
    select 'fct_tickets' as fact, created_on as happened_on from {{ ref('fct_tickets') }}
    union all
    select 'fct_tickets' as fact, first_solved_on as happened_on from {{ ref('fct_tickets') }}
    union all
    select 'fct_ticket_events' as fact, occurred_on as happened_on from {{ ref('fct_ticket_events') }}
    union all
    select 'fct_ticket_flows' as fact, occurred_on as happened_on from {{ ref('fct_ticket_flows') }}
    union all
    select 'fct_sla_targets' as fact, due_on as happened_on from {{ ref('fct_sla_targets') }}
    union all
    select 'fct_touchpoints' as fact, occurred_on as happened_on from {{ ref('fct_touchpoints') }}
    union all
    select 'fct_returns' as fact, returned_on as happened_on from {{ ref('fct_returns') }}
    union all
    select 'fct_invoices' as fact, issued_on as happened_on from {{ ref('fct_invoices') }}
    union all
    select 'fct_campaign_costs' as fact, spent_on as happened_on from {{ ref('fct_campaign_costs') }}
    union all
    select 'fct_costs' as fact, incurred_on as happened_on from {{ ref('fct_costs') }}
    union all
    select 'fct_competitor_observations' as fact, observed_on as happened_on
    from {{ ref('fct_competitor_observations') }}
    union all
    select 'fct_project_tasks' as fact, booked_on as happened_on
    from {{ ref('fct_project_tasks') }}
    where booked_hours <> 0
)

select
    days.fact,
    days.happened_on
from days
left join {{ ref('dim_date') }} as dim_date on days.happened_on = dim_date.date_day
where days.happened_on is not null and dim_date.date_day is null
