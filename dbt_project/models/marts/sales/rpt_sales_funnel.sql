with

reached as (
    select * from {{ ref('fct_stage_reached') }} where exclusion is null
),

{{ periods_between('reached', 'first_reached_on') }},

measures as (
    select
        p.period_grain,
        p.period_start,
        reached.pipeline,
        reached.stage,
        count(*) as reached,
        count(*) filter (where reached.advanced_at is not null) as advanced,
        count(*) filter (where reached.advanced_at is null and reached.outcome = 'lost') as lost,
        percentile_cont(0.5) within group (order by reached.days asc nulls last)
        filter (where not reached.is_still_there and reached.days is not null) as median_days,
        percentile_cont(0.9) within group (order by reached.days asc nulls last)
        filter (where not reached.is_still_there and reached.days is not null) as p90_days
    from reached
    inner join {{ ref('dim_period_day') }} as p
        on reached.first_reached_on = p.date_day and p.comparison = 'current'
    group by p.period_grain, p.period_start, reached.pipeline, reached.stage
),

-- what nobody can reach any more is shown where it was reached
stages as (
    select
        pipeline,
        stage,
        kind as stage_kind,
        position as stage_position
    from {{ ref('dim_stage') }}
    where not is_deleted and (kind = 'won' or (kind = 'open' and position is not null))
    union all
    select
        pipeline,
        stage,
        stage_kind,
        stage_position
    from reached
),

-- won comes after every open stage, wherever it was declared
placed as (
    select
        pipeline,
        stage,
        bool_or(stage_kind = 'won') as is_won,
        min(stage_position) filter (where stage_kind = 'open') as open_position,
        max(stage_position) filter (where stage_kind = 'won') as won_position
    from stages
    group by pipeline, stage
),

members as (
    select
        pipeline,
        stage,
        is_won,
        case
            when is_won
                then greatest(
                    coalesce(won_position, 0), coalesce(max(open_position) over (partition by pipeline), 0) + 1
                )
            else open_position
        end as stage_position
    from placed
),

pipelines as (
    select
        pipeline,
        min(first_reached_on) as first_day,
        max(first_reached_on) as last_day
    from reached
    group by pipeline
),

filled as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        members.pipeline,
        members.stage,
        members.stage_position,
        members.is_won,
        coalesce(measures.reached, 0) as reached,
        case when not members.is_won then coalesce(measures.advanced, 0) end as advanced,
        case when not members.is_won then coalesce(measures.lost, 0) end as lost,
        case when not members.is_won then measures.median_days end as median_days,
        case when not members.is_won then measures.p90_days end as p90_days
    from periods
    inner join pipelines
        on periods.period_end > pipelines.first_day and periods.period_start <= pipelines.last_day
    inner join members on pipelines.pipeline = members.pipeline
    left join measures
        on periods.period_grain = measures.period_grain
        and periods.period_start = measures.period_start
        and members.pipeline = measures.pipeline
        and members.stage = measures.stage
),

-- won is no transition, what is not known is no stage, and few opportunities tell nothing
judged as (
    select
        *,
        case when not is_won then reached end as entries,
        not is_won and stage <> '(unknown)' and reached >= {{ var('bottleneck_min_reached') }} as is_candidate
    from filled
),

ranked as (
    select
        *,
        row_number() over (
            partition by period_grain, period_start, pipeline, is_candidate
            order by
                cast(advanced as double) / nullif(cast(reached as double), 0) asc nulls last,
                stage_position asc nulls last, stage asc nulls last
        ) as place
    from judged
),

final as (
    select
        period_grain,
        period_start,
        period_end,
        is_complete,
        pipeline,
        stage,
        stage_position,
        reached,
        advanced,
        lost,
        reached - advanced - lost as still_open,
        {{ ratio('conversion_rate', 'advanced', 'entries') }},
        {{ ratio('loss_rate', 'lost', 'entries') }},
        median_days,
        p90_days,
        is_candidate and place = 1 as is_bottleneck
    from ranked
)

select * from final
