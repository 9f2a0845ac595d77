with

tasks as (
    select
        *,
        coalesce(user_id, '(unknown)') as worker
    from {{ ref('fct_project_tasks') }}
    where exclusion is null
),

plan as (
    select
        min(starts_on) as first_day,
        max(ends_on) as last_day
    from tasks
),

plan_days as (
    {{ date_spine('first_day', 'last_day', 'plan') }}
),

task_days as (
    select
        tasks.task_key,
        tasks.source,
        tasks.project_id,
        tasks.worker,
        {{ ticks_of('tasks.planned_hours') }} as planned_ticks,
        plan_days.date_day,
        {{ is_weekday('plan_days.date_day') }} as is_weekday,
        bool_or({{ is_weekday('plan_days.date_day') }}) over (partition by tasks.task_key) as has_weekday
    from tasks
    inner join plan_days on plan_days.date_day >= tasks.starts_on and plan_days.date_day <= tasks.ends_on
),

-- work is planned for the weekdays of a task, evenly, or for all its days where it has none
planned as (
    select
        source,
        project_id,
        worker,
        date_day,
        planned_ticks,
        row_number() over (partition by task_key order by date_day asc nulls last) as number_of_day,
        count(*) over (partition by task_key) as days
    from task_days
    where is_weekday or not has_weekday
),

planned_until_now as (
    select
        source,
        project_id,
        worker,
        date_day,
        {{ hours_of(part_of('planned_ticks', 'number_of_day', 'days')) }} as planned_hours
    from planned
    where date_day < {{ observed_until() }}
),

booked as (
    select
        source,
        project_id,
        worker,
        booked_on as date_day,
        booked_hours
    from tasks
    where booked_hours <> 0
),

-- on which projects somebody was at work, by plan or by booking
engaged as (
    select source, worker, project_id, date_day from planned_until_now
    union
    select source, worker, project_id, date_day from booked
),

worked_span as (
    select
        min(date_day) as first_day,
        max(date_day) as last_day
    from engaged
),

employed as (
    select
        users.source,
        users.user_id as worker,
        dim_date.date_day,
        max({{ ticks_of('users.weekly_hours') }}) as weekly_ticks
    from {{ ref('dim_user') }} as users
    inner join {{ ref('dim_date') }} as dim_date
        on cast(dim_date.date_day as timestamp) >= users.valid_from
        and cast(dim_date.date_day as timestamp) < users.valid_to
        and dim_date.date_day >= coalesce(users.hired_on, dim_date.date_day)
        and dim_date.date_day <= coalesce(users.left_on, dim_date.date_day)
    inner join worked_span
        on dim_date.date_day >= worked_span.first_day and dim_date.date_day <= worked_span.last_day
    where
        {{ is_weekday('dim_date.date_day') }}
        and dim_date.date_day < {{ observed_until() }}
        and exists (
            select 1 from tasks
            where tasks.source = users.source and tasks.worker = users.user_id
        )
    group by users.source, users.user_id, dim_date.date_day
),

-- a person has a day only once: the projects of the day share it, and without any it is (unassigned)
capacity as (
    select
        employed.source,
        coalesce(engaged.project_id, '(unassigned)') as project_id,
        employed.worker,
        employed.date_day,
        cast(floor(cast(employed.weekly_ticks as double) / 5) as bigint) as ticks,
        row_number() over (
            partition by employed.source, employed.worker, employed.date_day
            order by engaged.project_id asc nulls last
        ) as number_of_project,
        count(*) over (partition by employed.source, employed.worker, employed.date_day) as projects
    from employed
    left join engaged
        on employed.source = engaged.source
        and employed.worker = engaged.worker
        and employed.date_day = engaged.date_day
),

events as (
    select
        source,
        project_id as project,
        worker as user_id,
        date_day as happened_on,
        planned_hours,
        cast(0 as decimal(18, 4)) as booked_hours,
        cast(0 as decimal(38, 4)) as capacity_hours
    from planned_until_now
    union all
    select
        source,
        project_id as project,
        worker as user_id,
        date_day as happened_on,
        cast(0 as decimal(38, 4)) as planned_hours,
        booked_hours,
        cast(0 as decimal(38, 4)) as capacity_hours
    from booked
    union all
    select
        source,
        project_id as project,
        worker as user_id,
        date_day as happened_on,
        cast(0 as decimal(38, 4)) as planned_hours,
        cast(0 as decimal(18, 4)) as booked_hours,
        {{ hours_of(part_of('ticks', 'number_of_project', 'projects')) }} as capacity_hours
    from capacity
),

{{ periods_between('events', 'happened_on') }},

measures as (
    select
        p.period_grain,
        p.period_start,
        events.source,
        events.project,
        events.user_id,
        sum(events.planned_hours) as planned_hours,
        sum(events.booked_hours) as booked_hours,
        sum(events.capacity_hours) as capacity_hours
    from events
    inner join {{ ref('dim_period_day') }} as p
        on events.happened_on = p.date_day and p.comparison = 'current'
    group by p.period_grain, p.period_start, events.source, events.project, events.user_id
),

{{ member_grid('events', 'happened_on', ['source', 'project', 'user_id']) }},

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        grid.source,
        grid.project,
        grid.user_id,
        cast(coalesce(measures.planned_hours, 0) as decimal(38, 4)) as planned_hours,
        cast(coalesce(measures.booked_hours, 0) as decimal(38, 4)) as booked_hours,
        cast(coalesce(measures.capacity_hours, 0) as decimal(38, 4)) as capacity_hours
    {{ from_grid(['source', 'project', 'user_id']) }}
),

final as (
    select
        *,
        {{ ratio('utilisation', 'booked_hours', 'capacity_hours') }}
    from filled
)

select * from final
