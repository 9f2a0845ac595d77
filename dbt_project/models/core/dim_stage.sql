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

versions as (
    select
        opportunities.source,
        opportunities.pipeline,
        opportunities.opportunity_id,
        versions.number,
        versions.stage,
        versions.outcome
    from {{ ref('int_opportunity_versions') }} as versions
    inner join opportunities
        on versions.source = opportunities.source and versions.opportunity_id = opportunities.opportunity_id
),

-- the log names no pipeline: it is that of the opportunity
changes as (
    select
        opportunities.source,
        opportunities.pipeline,
        opportunities.opportunity_id,
        changes.from_stage,
        changes.to_stage
    from {{ ref('int_opportunity_stage_change') }} as changes
    inner join opportunities
        on changes.source = opportunities.source and changes.opportunity_id = opportunities.opportunity_id
    where not changes.is_test
),

entered as (
    select
        source,
        pipeline,
        stage
    from versions
    union
    select
        source,
        pipeline,
        to_stage as stage
    from changes
    union
    select
        source,
        pipeline,
        from_stage as stage
    from changes
    where from_stage is not null
    union
    -- closed when it was first landed: in which stage it was open, nobody says
    select
        versions.source,
        versions.pipeline,
        '(unknown)' as stage
    from versions
    left join changes
        on versions.source = changes.source and versions.opportunity_id = changes.opportunity_id
    where versions.number = 1 and versions.outcome <> 'open' and changes.opportunity_id is null
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
