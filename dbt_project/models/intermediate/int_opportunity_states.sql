-- One row per opportunity and time it turned from open to won or lost, or back. It is open before the first of them.
with

-- by the log where there is one, and by the versions
told as (
    select
        source,
        opportunity_id,
        'log' as teller,
        number,
        state,
        changed_at as told_at,
        cast(null as timestamp) as closed_at
    from {{ ref('int_opportunity_log') }}
    union all
    select
        source,
        opportunity_id,
        'version' as teller,
        number,
        outcome as state,
        known_from as told_at,
        case when outcome <> 'open' then closed_at end as closed_at
    from {{ ref('int_opportunity_versions') }}
),

compared as (
    select
        *,
        lag(state) over (partition by source, opportunity_id, teller order by number asc nulls last) as previous_state
    from told
),

counted as (
    select
        *,
        sum(case when previous_state = state then 0 else 1 end) over (
            partition by source, opportunity_id, teller order by number asc nulls last
            rows between unbounded preceding and current row
        ) as run
    from compared
),

-- of a closing that was told several times the last word on its date counts
ranked as (
    select
        *,
        row_number() over (
            partition by source, opportunity_id, teller, run order by number desc nulls last
        ) as from_last
    from counted
),

runs as (
    select
        source,
        opportunity_id,
        teller,
        run,
        state,
        min(told_at) as told_at,
        coalesce(max(closed_at) filter (where from_last = 1), min(told_at)) as started_at,
        row_number() over (partition by source, opportunity_id, teller order by run desc nulls last) as from_last
    from ranked
    group by source, opportunity_id, teller, run, state
),

last_closings as (
    select
        source,
        opportunity_id,
        state,
        max(started_at) as started_at
    from runs
    where teller = 'log' and state <> 'open'
    group by source, opportunity_id, state
),

present_versions as (
    select
        source,
        opportunity_id,
        closed_at
    from {{ ref('int_opportunity_versions') }}
    where is_present
),

-- what the opportunity says of itself now is true now, whatever the log says; a closing from the instant that it names
present as (
    select
        versions.source,
        versions.opportunity_id,
        versions.state,
        case
            when versions.state = 'open' then greatest(versions.told_at, changes.started_at)
            else coalesce(present_versions.closed_at, last_closings.started_at, versions.told_at)
        end as started_at,
        changes.opportunity_id is not null as is_logged,
        coalesce(changes.state, versions.state) as last_told
    from runs as versions
    inner join present_versions
        on versions.source = present_versions.source and versions.opportunity_id = present_versions.opportunity_id
    left join runs as changes
        on versions.source = changes.source
        and versions.opportunity_id = changes.opportunity_id
        and changes.teller = 'log'
        and changes.from_last = 1
    left join last_closings
        on versions.source = last_closings.source
        and versions.opportunity_id = last_closings.opportunity_id
        and versions.state = last_closings.state
    where versions.teller = 'version' and versions.from_last = 1
),

sequence as (
    select
        runs.source,
        runs.opportunity_id,
        runs.run as number,
        runs.state,
        runs.started_at
    from runs
    inner join present on runs.source = present.source and runs.opportunity_id = present.opportunity_id
    where
        (runs.teller = 'log') = present.is_logged
        and not (runs.from_last = 1 and runs.state = present.state and present.state <> 'open')
    union all
    select
        source,
        opportunity_id,
        cast(null as bigint) as number,
        state,
        started_at
    from present
    where state <> 'open' or last_told <> 'open'
),

-- what we learned later overrides what we thought to have happened after it
overridden as (
    select
        *,
        min(started_at) over (
            partition by source, opportunity_id order by number asc nulls last
            rows between 1 following and unbounded following
        ) as next_started_at
    from sequence
),

valid as (
    select
        *,
        lag(state) over (partition by source, opportunity_id order by started_at asc nulls last) as previous_state,
        lead(state) over (partition by source, opportunity_id order by started_at asc nulls last) as next_state
    from overridden
    where next_started_at is null or started_at < next_started_at
),

-- and of two closings without a reopening between them the later one counts
final as (
    select
        source,
        opportunity_id,
        state,
        started_at
    from valid
    where
        not (state <> 'open' and coalesce(next_state, 'open') = state)
        and not (state = 'open' and coalesce(previous_state, 'open') = 'open')
)

select * from final
