with

projects as (
    select * from {{ ref('dim_project') }} where not is_test
),

tasks as (
    select
        source,
        project_id,
        count(*) as tasks,
        count(*) filter (where percent_complete is null) as tasks_without_progress,
        sum(value_at_completion) as value_at_completion,
        -- one task without a plan, and what should be done by now is unknown
        case when count(*) = count(planned_value) then sum(planned_value) end as planned_value,
        sum(earned_value) as earned_value,
        sum(actual_cost) as task_cost
    from {{ ref('fct_project_tasks') }}
    where exclusion is null
    group by source, project_id
),

-- what was bought for the project, up to as_of
costs as (
    select
        source,
        project_id,
        sum(amount) as purchases
    from {{ ref('fct_costs') }}
    where exclusion is null and project_id is not null and incurred_on < {{ observed_until() }}
    group by source, project_id
),

filled as (
    select
        projects.source,
        projects.project_id as project,
        projects.customer_number,
        projects.manager_user_id as manager,
        projects.status,
        projects.starts_on,
        projects.ends_on,
        coalesce(tasks.tasks, 0) as tasks,
        coalesce(tasks.tasks_without_progress, 0) as tasks_without_progress,
        projects.budget,
        cast(coalesce(nullif(tasks.value_at_completion, 0), projects.budget) as decimal(38, 2)) as budget_at_completion,
        -- where no task has a value, what is planned and earned of it is unknown
        cast(case when tasks.value_at_completion > 0 then tasks.planned_value end as decimal(38, 2)) as planned_value,
        cast(case when tasks.value_at_completion > 0 then tasks.earned_value end as decimal(38, 2)) as earned_value,
        cast(coalesce(tasks.task_cost, 0) as decimal(38, 2)) as task_cost,
        cast(coalesce(costs.purchases, 0) as decimal(38, 2)) as purchases,
        cast(coalesce(tasks.task_cost, 0) + coalesce(costs.purchases, 0) as decimal(38, 2)) as actual_cost
    from projects
    left join tasks on projects.source = tasks.source and projects.project_id = tasks.project_id
    left join costs on projects.source = costs.source and projects.project_id = costs.project_id
),

final as (
    select
        source,
        project,
        customer_number,
        manager,
        status,
        starts_on,
        ends_on,
        tasks,
        tasks_without_progress,
        budget,
        budget_at_completion,
        planned_value,
        earned_value,
        task_cost,
        purchases,
        actual_cost,
        {{ ratio('progress', 'earned_value', 'budget_at_completion') }},
        {{ ratio('spi', 'earned_value', 'planned_value') }},
        {{ ratio('cpi', 'earned_value', 'actual_cost') }},
        -- who gave a project up is not late with it
        lower(trim(coalesce(status, ''))) not in ('cancelled', 'canceled')
        and (
            coalesce(earned_value < planned_value, false)
            or coalesce(ends_on < {{ as_of_date() }} and earned_value < budget_at_completion, false)
        ) as is_late
    from filled
)

select * from final
