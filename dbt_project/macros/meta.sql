{# What the YAML files say about the published tables, as rows. dbt knows it only while it runs. #}

{% macro text_or_null(value) -%}
    {%- if value is none -%} cast(null as varchar)
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

{# A select per published column. #}
{% macro documented_columns() -%}
    {%- for node in published_nodes() -%}
    {%- for column in node.columns.values() -%}
    select
        {{ text_or_null(node.schema) }} as "schema",
        {{ text_or_null(node.name) }} as "table",
        {{ text_or_null(column.name) }} as "column",
        cast({{ loop.index }} as bigint) as "position",
        {{ text_or_null((column.data_type or '') | replace(' ', '')) }} as data_type,
        {{ text_or_null(column.description) }} as description,
        {{ text_or_null(column.meta.get('unit')) }} as unit,
        {{ text_or_null(column.meta.get('personal')) }} as personal_data_class,
        {{ text_or_null(column.meta.get('metric')) }} as metric
    union all
    {% endfor -%}
    {%- endfor -%}
    select
        cast(null as varchar) as "schema",
        cast(null as varchar) as "table",
        cast(null as varchar) as "column",
        cast(null as bigint) as "position",
        cast(null as varchar) as data_type,
        cast(null as varchar) as description,
        cast(null as varchar) as unit,
        cast(null as varchar) as personal_data_class,
        cast(null as varchar) as metric
    where 1 = 0
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
        cast(null as varchar) as mart,
        cast(null as varchar) as report
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
        cast(null as varchar) as mart,
        cast(null as varchar) as entity,
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
