-- One row per logged change of an opportunity, numbered in the order in which the changes happened.
with

opportunities as (
    select
        source,
        opportunity_id,
        coalesce(pipeline, '(unknown)') as pipeline
    from {{ ref('int_opportunity') }}
),

-- of several changes at one instant the greatest id is the last, and of two numbers the longer is greater
final as (
    select
        opportunities.source,
        opportunities.opportunity_id,
        row_number() over (
            partition by opportunities.source, opportunities.opportunity_id
            order by
                changes.changed_at asc nulls last, length(changes.change_id) asc nulls last,
                changes.change_id asc nulls last
        ) as number,
        changes.changed_at,
        changes.from_stage,
        changes.to_stage,
        coalesce(stages.kind, 'open') as state,
        changes.amount,
        changes.probability,
        changes.expected_close_on
    from opportunities
    inner join {{ ref('int_opportunity_stage_change') }} as changes
        on opportunities.source = changes.source and opportunities.opportunity_id = changes.opportunity_id
    left join {{ ref('dim_stage') }} as stages
        on opportunities.source = stages.source
        and opportunities.pipeline = stages.pipeline
        and changes.to_stage = stages.stage
    where not changes.is_test
)

select * from final
