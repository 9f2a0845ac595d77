-- Read from the landing, replaced and deleted by census of the landed rows, conformed and quarantined as the models
-- did.
with

census as (
    select * from {{ source('landing', 'census') }}
),

batches as (
    select
        batches.source,
        batches.source_table,
        batches.batch_id,
        batches.rows + batches.rejected as rows_read,
        coalesce(batches.is_correction, false) as is_correction,
        tables.entity
    from {{ source('landing', 'batches') }} as batches
    left join {{ source('landing', 'tables') }} as tables
        on batches.system = tables.system and batches.source_table = tables.source_table
),

-- lines that could not be read, in batches that were replaced or corrected since
replaced_lines as (
    select
        source,
        source_table,
        batch_id,
        count(*) as replaced
    from {{ source('landing', 'rejects') }}
    where not is_live
    group by source, source_table, batch_id
),

conformed_rows as (
    {%- for entity in var('contract') %}
    select
        source,
        source_table,
        batch_id
    from {{ ref('int_' ~ entity) }}
    where source_table is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

conformed as (
    select
        source,
        source_table,
        batch_id,
        count(*) as conformed
    from conformed_rows
    group by source, source_table, batch_id
),

quarantined as (
    select
        source,
        source_table,
        batch_id,
        count(*) as quarantined
    from {{ ref('int_quarantine') }}
    group by source, source_table, batch_id
),

-- the rows of a table that only completes others are taken as they are: none can be rejected
counted as (
    select
        batches.source,
        batches.source_table,
        batches.batch_id,
        batches.rows_read,
        batches.is_correction,
        case when batches.entity is null then coalesce(census.expected, 0) else coalesce(conformed.conformed, 0) end
            as conformed,
        coalesce(census.superseded, 0) + coalesce(replaced_lines.replaced, 0) as superseded,
        coalesce(census.deleted, 0) as deleted,
        coalesce(quarantined.quarantined, 0) as quarantined
    from batches
    left join census
        on batches.source = census.source
        and batches.source_table = census.source_table
        and batches.batch_id = census.batch_id
    left join conformed
        on batches.source = conformed.source
        and batches.source_table = conformed.source_table
        and batches.batch_id = conformed.batch_id
    left join replaced_lines
        on batches.source = replaced_lines.source
        and batches.source_table = replaced_lines.source_table
        and batches.batch_id = replaced_lines.batch_id
    left join quarantined
        on batches.source = quarantined.source
        and batches.source_table = quarantined.source_table
        and batches.batch_id = quarantined.batch_id
),

final as (
    select
        source,
        source_table as "table",
        batch_id as batch,
        rows_read as "read",
        conformed,
        superseded,
        deleted,
        quarantined,
        rows_read - conformed - superseded - deleted - quarantined as difference,
        -- a few bad rows are normal; more, or nothing but bad rows, is a source that has changed
        case
            when rows_read <= 1 or is_correction or {{ var('max_quarantined_share') }} >= 1 then rows_read
            else
                least(
                    rows_read - 1,
                    greatest(10, cast(floor(cast(rows_read as double) * {{ var('max_quarantined_share') }}) as bigint))
                )
        end as quarantine_limit
    from counted
)

select * from final
