-- One row per local day, from the first event to the later of the last event and as_of.
with

events as (
    select {{ local_date('ordered_at') }} as happened_on from {{ ref('int_order') }}
    union all
    select {{ local_date('paid_at') }} as happened_on from {{ ref('int_payment') }}
    union all
    select {{ local_date('created_at') }} as happened_on from {{ ref('int_lead') }}
    union all
    select {{ local_date('created_at') }} as happened_on from {{ ref('int_opportunity') }}
    union all
    select {{ local_date('sent_at') }} as happened_on from {{ ref('int_survey_response') }}
    union all
    select {{ local_date('responded_at') }} as happened_on from {{ ref('int_survey_response') }}
    union all
    select {{ local_date('closed_at') }} as happened_on from {{ ref('int_opportunity') }}
    union all
    -- a closing that is not dated happened by then
    select {{ local_date('greatest(created_at, source_updated_at)') }} as happened_on
    from {{ ref('int_opportunity') }}
    where outcome <> 'open' and closed_at is null
    union all
    select {{ local_date('changed_at') }} as happened_on from {{ ref('int_opportunity_stage_change') }}
    union all
    select {{ local_date('shipped_at') }} as happened_on from {{ ref('int_order') }}
    union all
    select {{ local_date('returned_at') }} as happened_on from {{ ref('int_return_line') }}
    union all
    select issued_on as happened_on from {{ ref('int_invoice') }}
    union all
    select {{ local_date('occurred_at') }} as happened_on from {{ ref('int_activity') }}
    union all
    select {{ local_date('occurred_at') }} as happened_on from {{ ref('int_touchpoint') }}
    union all
    select {{ local_date('created_at') }} as happened_on from {{ ref('int_ticket') }}
    union all
    select {{ local_date('first_replied_at') }} as happened_on from {{ ref('int_ticket') }}
    union all
    select {{ local_date('greatest(solved_at, closed_at, source_updated_at)') }} as happened_on
    from {{ ref('int_ticket') }}
    union all
    select {{ local_date('occurred_at') }} as happened_on from {{ ref('int_ticket_event') }}
    union all
    select period_start as happened_on from {{ ref('int_service_cost') }} where period_start < {{ as_of_date() }}
    union all
    select spent_on as happened_on from {{ ref('int_campaign_cost') }}
    union all
    select incurred_on as happened_on from {{ ref('int_cost') }}
    union all
    select booked_on as happened_on from {{ ref('int_project_task') }}
    union all
    -- what is planned adds no days beyond those that have come
    select least(coalesce(starts_on, ends_on), {{ as_of_date() }}) as happened_on from {{ ref('int_project_task') }}
    union all
    select least(coalesce(starts_on, ends_on), {{ as_of_date() }}) as happened_on from {{ ref('int_project') }}
    union all
    select observed_on as happened_on from {{ ref('int_competitor_observation') }}
    union all
    select decided_on as happened_on from {{ ref('int_report_decision') }}
    union all
    select published_on as happened_on from {{ ref('int_report_publication') }}
    union all
    select {{ as_of_date() }} as happened_on
),

bounds as (
    select
        min(happened_on) as first_day,
        max(happened_on) as last_day
    from events
),

days as (
    {{ date_spine('first_day', 'last_day', 'bounds') }}
),

-- days since Monday 1900-01-01; months are counted in the fiscal calendar, whose year is named after its last day
numbered as (
    select
        date_day,
        {{ days_between("date '1900-01-01'", 'date_day') }} as day_number,
        {{ fiscal_month_number('date_day') }} as fiscal_month_number,
        {{ month_of('date_day') }} as month_start
    from days
),

final as (
    select
        date_day,
        mod(day_number, 7) + 1 as iso_weekday,
        {{ week_of('date_day') }} as week_start,
        month_start,
        {{ quarter_of('date_day') }} as quarter_start,
        {{ year_of('date_day') }} as year_start,
        mod(fiscal_month_number, 12) + 1 as fiscal_month,
        cast(floor(mod(fiscal_month_number, 12) / 3) as integer) + 1 as fiscal_quarter,
        year({{ plus_months('month_start', '11 - mod(fiscal_month_number, 12)') }}) as fiscal_year
    from numbered
)

select * from final
