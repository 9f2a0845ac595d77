-- One row per landed cost: of campaigns, of service, and any other.
{{ config(materialized='table') }}
with

accounts as (
    select * from {{ ref('stg_generic__control_account') }}
),

campaigns as (
    {{ newest_landed('campaign', ['campaign_id']) }}
),

test_campaigns as (
    select distinct
        _source,
        campaign_id
    from campaigns
    where {{ says_yes('is_test') }} and not is_gone and not {{ says_yes('is_deleted') }}
),

campaign_costs as (
    {{ newest_landed('campaign_cost', ['cost_id']) }}
),

campaign_cost_rows as (
    select
        'campaign_cost' as metric,
        campaign_costs.cost_id as document,
        {{ guarded('date', 'campaign_costs.spent_on') }} as occurred_on,
        campaign_costs.currency,
        {{ guarded('money', 'campaign_costs.amount', 'campaign_costs._decimal_mark') }} as amount,
        case
            when {{ says_yes('campaign_costs.is_deleted') }} then 'deleted'
            when {{ says_yes('campaign_costs.is_test') }} or test_campaigns.campaign_id is not null then 'test'
        end as exclusion,
        {{ landed_row('campaign_costs') }}
    from campaign_costs
    left join test_campaigns
        on campaign_costs._source = test_campaigns._source and campaign_costs.campaign_id = test_campaigns.campaign_id
    where not campaign_costs.is_gone
),

projects as (
    {{ newest_landed('project', ['project_id']) }}
),

test_projects as (
    select distinct
        projects._source,
        projects.project_id
    from projects
    left join accounts on projects._source = accounts._source and projects.account_id = accounts.account_id
    where
        not projects.is_gone
        and not {{ says_yes('projects.is_deleted') }}
        and ({{ says_yes('projects.is_test') }} or accounts.is_test)
),

other_costs as (
    {{ newest_landed('cost', ['cost_id']) }}
),

other_cost_rows as (
    select
        'other_cost' as metric,
        other_costs.cost_id as document,
        {{ guarded('date', 'other_costs.incurred_on') }} as occurred_on,
        other_costs.currency,
        {{ guarded('money', 'other_costs.amount', 'other_costs._decimal_mark') }} as amount,
        case
            when {{ says_yes('other_costs.is_deleted') }} then 'deleted'
            when
                {{ says_yes('other_costs.is_test') }}
                or accounts.is_test
                or test_projects.project_id is not null
                then 'test'
        end as exclusion,
        {{ landed_row('other_costs') }}
    from other_costs
    left join accounts on other_costs._source = accounts._source and other_costs.account_id = accounts.account_id
    left join test_projects
        on other_costs._source = test_projects._source and other_costs.project_id = test_projects.project_id
    where not other_costs.is_gone
),

service_costs as (
    {{ newest_landed('service_cost', ['service_cost_id']) }}
),

service_cost_rows as (
    select
        'service_cost' as metric,
        service_cost_id as document,
        {{ guarded('date', 'period_start') }} as occurred_on,
        currency,
        {{ guarded('money', 'amount', '_decimal_mark') }} as amount,
        case
            when {{ says_yes('is_deleted') }} then 'deleted'
            when {{ says_yes('is_test') }} then 'test'
        end as exclusion,
        {{ landed_row('service_costs') }}
    from service_costs
    where not is_gone
),

contributions as (
    select * from campaign_cost_rows
    union all
    select * from other_cost_rows
    union all
    select * from service_cost_rows
),

final as (
    select
        metric,
        document,
        occurred_on,
        currency,
        cast(amount as decimal(38, 12)) as amount,
        exclusion,
        {{ landed_row('contributions') }}
    from contributions
)

select * from final
