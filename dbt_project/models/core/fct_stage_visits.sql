-- One row per opportunity and visit of a stage, the closing being a visit of a won or lost stage.
with

stages as (
    select * from {{ ref('dim_stage') }}
),

-- where a closed opportunity is, if it stayed in an open stage
ends as (
    select
        *,
        row_number() over (
            partition by source, pipeline, kind
            order by is_deleted asc nulls last, position asc nulls last, stage asc nulls last
        ) as place
    from stages
    where kind <> 'open'
),

named as (
    select
        spans.*,
        case
            when spans.is_open or stages.kind = spans.state then spans.stage
            else coalesce(ends.stage, spans.state)
        end as visited_stage,
        case when spans.is_open then coalesce(stages.kind, 'open') else spans.state end as kind
    from {{ ref('fct_opportunity_spans') }} as spans
    left join stages on spans.stage_key = stages.stage_key
    left join ends
        on spans.source = ends.source
        and spans.pipeline = ends.pipeline
        and spans.state = ends.kind
        and ends.place = 1
),

compared as (
    select
        *,
        lag(visited_stage) over (partition by opportunity_key order by span_number asc nulls last) as previous_stage,
        lag(state) over (partition by opportunity_key order by span_number asc nulls last) as previous_state
    from named
),

numbered as (
    select
        *,
        cast(
            sum(case when previous_stage = visited_stage and previous_state = state then 0 else 1 end) over (
                partition by opportunity_key
                order by span_number asc nulls last
                rows between unbounded preceding and current row
            ) as bigint
        ) as visit_number
    from compared
),

grouped as (
    select
        opportunity_key,
        source,
        opportunity_id,
        pipeline,
        visit_number,
        visited_stage,
        state,
        kind,
        exclusion,
        min(valid_from) as entered_at,
        min(valid_from_on) as entered_on,
        max(valid_to) as valid_to,
        bool_or(is_current) as is_still_there
    from numbered
    group by
        opportunity_key, source, opportunity_id, pipeline, visit_number, visited_stage, state, kind, exclusion
),

-- of one that is only known as closed nobody knows the stage it was in before
visits as (
    select
        *,
        case when visit_number = 1 and state = 'open' and kind <> 'open' then '(unknown)' else visited_stage end
            as stage,
        case when visit_number = 1 and state = 'open' then 'open' else kind end as stage_kind,
        case when not is_still_there then valid_to end as left_at
    from grouped
),

timed as (
    select
        *,
        greatest({{ seconds_between('entered_at', 'coalesce(left_at, ' ~ as_of() ~ ')') }}, 0) as seconds
    from visits
),

final as (
    select
        {{ surrogate_key(['visits.source', 'visits.opportunity_id', 'visits.visit_number']) }} as visit_key,
        visits.opportunity_key,
        visits.source,
        visits.opportunity_id,
        visits.pipeline,
        visits.visit_number,
        visits.stage,
        visits.stage_kind,
        case when visits.stage_kind = 'open' then stages.position end as stage_position,
        visits.state,
        visits.entered_at,
        visits.entered_on,
        visits.left_at,
        row_number() over (
            partition by visits.opportunity_key, visits.stage order by visits.visit_number asc nulls last
        ) = 1 as is_first_entry,
        visits.is_still_there,
        visits.seconds,
        cast(visits.seconds as double) / 86400 as days,
        visits.exclusion
    from timed as visits
    left join stages
        on visits.source = stages.source and visits.pipeline = stages.pipeline and visits.stage = stages.stage
)

select * from final
