-- What the YAML files say about every published column, and the metric that a column of a mart shows.
with

documented as (
    {{ documented_columns() }}
),

metrics as (
    select name from {{ ref('metrics') }}
),

-- comparisons and the parts of a ratio show the metric that they are named after
named as (
    select
        *,
        case
            when "schema" = 'marts'
                then
                    coalesce(
                        metric,
                        regexp_replace(
                            "column", '_(previous|last_year|growth|growth_yoy|numerator|denominator)$', ''
                        )
                    )
        end as metric_name
    from documented
),

final as (
    select
        named."schema",
        named."table",
        named."column",
        named."position",
        named.data_type,
        named.description,
        named.unit,
        named.personal_data_class,
        metrics.name as metric
    from named
    left join metrics on named.metric_name = metrics.name
)

select * from final
