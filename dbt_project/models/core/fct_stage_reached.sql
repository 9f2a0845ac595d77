-- One row per opportunity and stage that it reached: it was in it, or it came to a later one without being in it.
with

-- lost stages are no progress, and neither is a won stage without being won
visits as (
    select
        *,
        stage_kind = 'won' as is_won
    from {{ ref('fct_stage_visits') }}
    where state = stage_kind and stage_kind <> 'lost'
),

placed_stages as (
    select
        stages.source,
        stages.pipeline,
        stages.stage,
        stages.position,
        coalesce(deletions.deleted_at, timestamp '9999-12-31 00:00:00') as deleted_at
    from {{ ref('dim_stage') }} as stages
    left join {{ ref('int_stage_deletion') }} as deletions on stages.stage_key = deletions.stage_key
    where stages.kind = 'open' and stages.position is not null
),

compared as (
    select
        visits.opportunity_key,
        placed_stages.stage,
        placed_stages.position,
        visits.entered_at,
        visits.entered_on,
        visits.stage = placed_stages.stage and not visits.is_won as is_here,
        visits.is_won or coalesce(visits.stage_position > placed_stages.position, false) as is_later,
        placed_stages.deleted_at
    from visits
    inner join placed_stages
        on visits.source = placed_stages.source and visits.pipeline = placed_stages.pipeline
),

-- nobody skips a stage that is no longer there
judged as (
    select
        *,
        is_here or (is_later and entered_at < deleted_at) as is_reached
    from compared
),

placed as (
    select
        opportunity_key,
        stage,
        position,
        min(entered_at) filter (where is_reached) as first_reached_at,
        min(entered_on) filter (where is_reached) as first_reached_on,
        min(entered_at) filter (where is_later) as advanced_at
    from judged
    group by opportunity_key, stage, position
    having bool_or(is_reached)
),

wins as (
    select
        *,
        row_number() over (partition by opportunity_key order by visit_number asc nulls last) as number
    from visits
    where is_won
),

steps as (
    select
        opportunity_key,
        first_reached_at
    from placed
    union all
    select
        opportunity_key,
        entered_at as first_reached_at
    from wins
    where number = 1
),

-- a stage without a position is left behind by the next step that was never taken before
unplaced as (
    select
        visits.opportunity_key,
        visits.stage,
        visits.entered_at as first_reached_at,
        visits.entered_on as first_reached_on,
        min(steps.first_reached_at) as advanced_at
    from visits
    left join steps
        on visits.opportunity_key = steps.opportunity_key and visits.entered_at < steps.first_reached_at
    where not visits.is_won and visits.stage_position is null and visits.is_first_entry
    group by visits.opportunity_key, visits.stage, visits.entered_at, visits.entered_on
),

reached as (
    select
        opportunity_key,
        stage,
        'open' as stage_kind,
        position as stage_position,
        first_reached_at,
        first_reached_on,
        advanced_at
    from placed
    union all
    select
        opportunity_key,
        stage,
        'open' as stage_kind,
        cast(null as bigint) as stage_position,
        first_reached_at,
        first_reached_on,
        advanced_at
    from unplaced
    union all
    select
        opportunity_key,
        stage,
        'won' as stage_kind,
        cast(null as bigint) as stage_position,
        entered_at as first_reached_at,
        entered_on as first_reached_on,
        cast(null as timestamp) as advanced_at
    from wins
    where number = 1
),

stays as (
    select
        opportunity_key,
        stage,
        'open' as stage_kind,
        count(*) as visits,
        sum(seconds) as seconds,
        bool_or(is_still_there) as is_still_there
    from visits
    where not is_won
    group by opportunity_key, stage
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

final as (
    select
        {{ surrogate_key([
            'opportunities.source', 'opportunities.opportunity_id', 'reached.stage_kind', 'reached.stage'
        ]) }} as reached_key,
        reached.opportunity_key,
        opportunities.source,
        opportunities.opportunity_id,
        opportunities.pipeline,
        reached.stage,
        reached.stage_kind,
        reached.stage_position,
        reached.first_reached_at,
        reached.first_reached_on,
        reached.advanced_at,
        opportunities.outcome,
        coalesce(stays.visits, 0) as visits,
        cast(stays.seconds as double) / 86400 as days,
        coalesce(stays.is_still_there, false) as is_still_there,
        opportunities.exclusion
    from reached
    inner join opportunities on reached.opportunity_key = opportunities.opportunity_key
    left join stays
        on reached.opportunity_key = stays.opportunity_key
        and reached.stage = stays.stage
        and reached.stage_kind = stays.stage_kind
)

select * from final
