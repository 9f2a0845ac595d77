with

versions as (
    select * from {{ source('salesforce', 'opportunity_history') }}
),

-- one row per version, so that copies of one are told the same
instants as (
    select
        *,
        lag(stage_name) over (
            partition by _source, _is_live, id order by {{ wall_clock('_fivetran_start') }} asc nulls last
        ) as previous_stage
    from (
        select
            _source,
            _is_live,
            id,
            _fivetran_start,
            max(stage_name) as stage_name
        from versions
        group by _source, _is_live, id, _fivetran_start
    ) as instants
),

final as (
    select
        versions.id || '|' || versions._fivetran_start as change_id,
        versions.id as opportunity_id,
        {{ utc_text('versions._fivetran_start') }} as changed_at,
        instants.previous_stage as from_stage,
        versions.stage_name as to_stage,
        versions.amount,
        {{ from_percent('versions.probability') }} as probability,
        {{ day_text('versions.close_date') }} as expected_close_on,
        versions.last_modified_by_id as changed_by,
        cast(null as string) as source_updated_at,
        versions.is_deleted,
        cast(null as string) as is_test,
        versions.id || '|' || versions._fivetran_start as row_key,
        {{ landed_columns('versions') }}
    from versions
    left join instants
        on versions._source = instants._source
        and versions._is_live = instants._is_live
        and versions.id = instants.id
        and versions._fivetran_start = instants._fivetran_start
)

select * from final
