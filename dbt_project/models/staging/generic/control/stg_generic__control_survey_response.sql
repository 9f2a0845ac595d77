-- One row per landed answer to a survey that has a score and a day.
{{ config(materialized='table') }}
with

surveys as (
    {{ newest_landed('survey_response', ['response_id']) }}
),

final as (
    select
        'responses' as metric,
        surveys.response_id as document,
        {{ local_date(instant_of('coalesce(surveys.responded_at, surveys.sent_at)', 'zone')) }} as occurred_on,
        cast(null as string) as currency,
        cast(1 as decimal(38, 12)) as amount,
        case
            when {{ says_yes('surveys.is_deleted') }} or orders.exclusion = 'deleted' then 'deleted'
            when {{ says_yes('surveys.is_test') }} or orders.exclusion = 'test' or accounts.is_test then 'test'
        end as exclusion,
        {{ landed_row('surveys') }}
    from surveys
    {{ zone_of('coalesce(surveys.responded_at, surveys.sent_at)', 'zone', 'surveys') }}
    left join {{ ref('stg_generic__control_order_state') }} as orders
        on surveys._source = orders._source and surveys.order_id = orders.order_id
    left join {{ ref('stg_generic__control_account') }} as accounts
        on surveys._source = accounts._source
        and coalesce(surveys.account_id, orders.account_id) = accounts.account_id
    where
        not surveys.is_gone
        and trim(surveys.score) <> ''
        and coalesce(surveys.responded_at, surveys.sent_at) is not null
)

select * from final
