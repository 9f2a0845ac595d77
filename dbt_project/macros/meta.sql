{# What the YAML files say about the published tables, as rows. dbt knows it only while it runs. #}

{% macro text_or_null(value) -%}
    {%- if value is none -%} cast(null as string)
    {%- else -%} '{{ value | string | replace("'", "''") }}'
    {%- endif -%}
{%- endmacro %}

{# The models, seeds and declared tables of the published schemas, by schema and name. #}
{% macro published_nodes() -%}
    {%- set nodes = [] -%}
    {%- if execute -%}
        {%- for node in (graph.nodes.values() | list) + (graph.sources.values() | list)
            if node.resource_type in ('model', 'seed', 'source') and node.schema in ('core', 'marts', 'audit', 'meta') -%}
            {%- do nodes.append(node) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(nodes | sort(attribute='schema,name')) }}
{%- endmacro %}

{# A row per published column: as values, since engines take seconds to plan a thousand selects. #}
{% macro documented_columns() -%}
    select *
    from (
        values
        {%- for node in published_nodes() -%}
        {%- for column in node.columns.values() %}
        (
            {{ text_or_null(node.schema) }},
            {{ text_or_null(node.name) }},
            {{ text_or_null(column.name) }},
            cast({{ loop.index }} as bigint),
            {{ text_or_null((column.data_type or '') | replace(' ', '')) }},
            {{ text_or_null(column.description) }},
            {{ text_or_null(column.meta.get('unit')) }},
            {{ text_or_null(column.meta.get('personal')) }},
            {{ text_or_null(column.meta.get('metric')) }}
        ),
        {%- endfor -%}
        {%- endfor %}
        (
            cast(null as string), cast(null as string), cast(null as string), cast(null as bigint),
            cast(null as string), cast(null as string), cast(null as string), cast(null as string),
            cast(null as string)
        )
    ) as listed (
        "schema", "table", "column", "position", data_type, description, unit, personal_data_class, metric
    )
    where "column" is not null
{%- endmacro %}

{# A select per mart. #}
{% macro marts() -%}
    {%- for node in published_nodes() if node.schema == 'marts' -%}
    select
        {{ text_or_null(node.name) }} as mart,
        {{ text_or_null(node.meta.get('report')) }} as report
    union all
    {% endfor -%}
    select
        cast(null as string) as mart,
        cast(null as string) as report
    where 1 = 0
{%- endmacro %}

{# A select per mart and entity of the contract that it is made from, by the mart's own meta. #}
{% macro needed_entities() -%}
    {%- for node in published_nodes() if node.schema == 'marts' -%}
    {%- for key in ['entities', 'optional_entities'] -%}
    {%- for entity in node.meta.get(key, []) -%}
    select
        {{ text_or_null(node.name) }} as mart,
        {{ text_or_null(entity) }} as entity,
        {{ loop.index }} as position,
        {{ 'true' if key == 'optional_entities' else 'false' }} as is_optional
    union all
    {% endfor -%}
    {%- endfor -%}
    {%- endfor -%}
    select
        cast(null as string) as mart,
        cast(null as string) as entity,
        cast(null as integer) as position,
        cast(null as boolean) as is_optional
    where 1 = 0
{%- endmacro %}

{# The values of a group in order, separated by a vertical bar; NULL where no row meets the condition. #}
{% macro joined_text(value, position, condition) -%}
    {{ return(adapter.dispatch('joined_text')(value, position, condition)) }}
{%- endmacro %}

{% macro default__joined_text(value, position, condition) -%}
    string_agg({{ value }}, '|' order by {{ position }} asc nulls last) filter (where {{ condition }})
{%- endmacro %}

{% macro spark__joined_text(value, position, condition) -%}
    nullif(
        array_join(
            transform(
                array_sort(collect_list(struct({{ position }} as place, {{ value }} as text)) filter (where {{ condition }})),
                pair -> pair.text
            ),
            '|'
        ),
        ''
    )
{%- endmacro %}
