-- One row per stage of a pipeline that was ever declared, or that an opportunity was ever in.
with

opportunities as (
    select
        source,
        opportunity_id,
        coalesce(pipeline, '(unknown)') as pipeline
    from {{ ref('int_opportunity') }}
),

declarations as (
    select
        _source as source,
        pipeline,
        stage,
        position,
        kind,
        default_probability,
        disposition = 'conformed' as is_conformed,
        disposition = 'deleted' as is_gone,
        is_sound,
        coalesce(source_updated_at, _landed_at) as declared_at,
        _batch_number as batch_number,
        row_key,
        _row_number as row_number
    from {{ ref('int_stage_rows') }}
    where disposition in ('conformed', 'superseded', 'deleted') and (is_sound or disposition = 'deleted')
),

-- a deletion may name nothing but the key, so what the stage was is what it was declared to be before
ranked as (
    select
        *,
        row_number() over (
            partition by source, pipeline, stage
            order by
                is_conformed desc nulls last, is_sound desc nulls last, declared_at desc nulls last,
                batch_number desc nulls last, row_key asc nulls last, row_number asc nulls last
        ) as newest,
        bool_or(is_conformed) over (partition by source, pipeline, stage) as is_declared_now,
        bool_or(is_gone) over (partition by source, pipeline, stage) as was_deleted
    from declarations
),

declared as (
    select
        *,
        was_deleted and not is_declared_now as is_deleted
    from ranked
    where newest = 1
),

-- the log names no pipeline: it is that of the opportunity
entered as (
    select
        opportunities.source,
        opportunities.pipeline,
        coalesce(versions.stage, '(unknown)') as stage
    from opportunities
    inner join {{ ref('int_opportunity_rows') }} as versions
        on opportunities.source = versions._source and opportunities.opportunity_id = versions.opportunity_id
    where versions.is_sound and versions.disposition in ('conformed', 'superseded')
    union
    select
        opportunities.source,
        opportunities.pipeline,
        log.to_stage as stage
    from opportunities
    inner join {{ ref('int_opportunity_stage_change') }} as log
        on opportunities.source = log.source and opportunities.opportunity_id = log.opportunity_id
    union
    select
        opportunities.source,
        opportunities.pipeline,
        log.from_stage as stage
    from opportunities
    inner join {{ ref('int_opportunity_stage_change') }} as log
        on opportunities.source = log.source and opportunities.opportunity_id = log.opportunity_id
    where log.from_stage is not null
),

stages as (
    select
        source,
        pipeline,
        stage
    from declared
    union
    select
        source,
        pipeline,
        stage
    from entered
),

final as (
    select
        {{ surrogate_key(['stages.source', 'stages.pipeline', 'stages.stage']) }} as stage_key,
        stages.source,
        stages.pipeline,
        stages.stage,
        declared.position,
        coalesce(
            declared.kind, case when lower(stages.stage) in ('won', 'lost') then lower(stages.stage) else 'open' end
        ) as kind,
        declared.default_probability,
        declared.stage is not null as is_declared,
        coalesce(declared.is_deleted, false) as is_deleted
    from stages
    left join declared
        on stages.source = declared.source
        and stages.pipeline = declared.pipeline
        and stages.stage = declared.stage
)

select * from final
