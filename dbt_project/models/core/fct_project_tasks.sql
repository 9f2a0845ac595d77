-- One row per task of a project that is not deleted: what was planned, what is done and what it cost, at as_of.
with

-- a project that was deleted takes its tasks with it
tasks as (
    select
        tasks.*,
        projects.exchange_rate,
        projects.is_test as is_test_project,
        coalesce(tasks.starts_on, tasks.ends_on, projects.starts_on, projects.ends_on) as first_day,
        coalesce(tasks.ends_on, tasks.starts_on, projects.ends_on, projects.starts_on) as last_day
    from {{ ref('int_project_task') }} as tasks
    inner join {{ ref('dim_project') }} as projects
        on tasks.source = projects.source and tasks.project_id = projects.project_id
),

-- a plan that ends before it begins is one of its later day
dated as (
    select
        *,
        greatest(first_day, last_day) as end_day,
        {{ days_between('first_day', 'greatest(first_day, last_day)') }} + 1 as planned_days,
        greatest({{ days_between('first_day', as_of_date()) }}, 0) as elapsed_days,
        {{ converted('coalesce(planned_value, 0)', 'exchange_rate') }} as value_at_completion,
        {{ converted('coalesce(actual_cost, 0)', 'exchange_rate') }} as spent
    from tasks
),

final as (
    select
        {{ surrogate_key(['source', 'task_id']) }} as task_key,
        source,
        task_id,
        project_id,
        user_id,
        first_day as starts_on,
        end_day as ends_on,
        value_at_completion,
        -- without any day the plan is unknown, unless there is nothing to plan
        case
            when value_at_completion = 0 then value_at_completion
            when first_day is not null
                then {{ amount_of(parts_until(cents_of('value_at_completion'), 'elapsed_days', 'planned_days')) }}
        end as planned_value,
        {{ weighted('value_at_completion', 'coalesce(percent_complete, 0)') }} as earned_value,
        percent_complete,
        spent as actual_cost,
        coalesce(planned_hours, 0) as planned_hours,
        coalesce(booked_hours, 0) as booked_hours,
        -- hours without a day were worked by the end of the task, and by now
        coalesce(
            booked_on, least(coalesce(end_day, {{ plus_days(as_of_date(), -1) }}), {{ plus_days(as_of_date(), -1) }})
        ) as booked_on,
        case when is_test or is_test_project then 'test' end as exclusion,
        batch_id,
        row_number
    from dated
)

select * from final
