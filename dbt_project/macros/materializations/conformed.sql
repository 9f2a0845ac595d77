{# The rows of an entity: a table that is kept from one night to the next and follows what changed (see follow.sql).

   Only where the run has said that it builds on the last night's warehouse: then there is a table landing.changed. On
   an entity whose staging is not row by row nothing can be told apart: its table is built anew if anything changed in
   the systems that it is read from, or among the parents that its rows name. #}

{% materialization conformed, adapter='duckdb', supported_languages=['sql'] %}
    {%- set kept = load_cached_relation(this) -%}
    {%- if kept is none or not kept.is_table or adapter.get_relation(this.database, 'landing', 'changed') is none -%}
        {{ return(materialization_table_duckdb()) }}
    {%- endif -%}

    {%- set entity = model.config.meta['entity'] -%}
    {%- set columns = model.config.meta['references'] -%}
    {%- set references = {} -%}
    {%- for column in columns -%}
        {%- do references.update({column: ref('int_' ~ var('contract')[entity]['references'][column] ~ '_rows')}) -%}
    {%- endfor -%}

    {%- set read = conform_inputs(entity) -%}
    {%- set changes = conform_count(count_changed_batches(read['systems'], read['tables'])) + conform_count(count_changed_parents(entity, columns)) -%}
    {%- set result = {'relations': [this.incorporate(type='table')]} -%}

    {%- if changes > 0 and is_parent(entity) -%}
        {%- do run_query(remember_parents(entity, this)) -%}
    {%- endif -%}

    {%- if changes == 0 -%}
        {% call statement('main') -%}
            select 'nothing changed'
        {%- endcall %}
    {%- elif read['systems'] -%}
        {%- set result = materialization_table_duckdb() -%}
    {%- else -%}
        {% call statement('seen') -%}
            {{ find_seen_rows(entity, columns) }}
        {%- endcall %}
        {% call statement('touched') -%}
            {{ find_touched_rows() }}
        {%- endcall %}
        {%- set batches = run_query(find_judged_batches()).columns[0].values() -%}
        {% call statement('dead') -%}
            {{ dispose_of_dead_rows(this) }}
        {%- endcall %}
        {% call statement('removed') -%}
            {{ remove_judged_rows(this) }}
        {%- endcall %}
        {% call statement('staged') -%}
            {{ stage_judged_rows(entity, batches) }}
        {%- endcall %}
        {% call statement('main') -%}
            {{ judge_again(entity, references, this) }}
        {%- endcall %}
    {%- endif -%}

    {%- if changes > 0 and is_parent(entity) -%}
        {% call statement('parents') -%}
            {{ tell_changed_parents(entity, this) }}
        {%- endcall %}
    {%- endif -%}
    {%- for relation in ['conform_seen', 'conform_touched', 'conform_staged', 'conform_parents'] -%}
        {% call statement('cleared') -%}
            drop table if exists temp.{{ relation }}
        {%- endcall %}
    {%- endfor -%}
    {{ adapter.commit() }}
    {{ return(result) }}
{% endmaterialization %}

{# Where nothing is kept from one night to the next. #}
{% materialization conformed, adapter='spark', supported_languages=['sql'] %}
    {{ return(materialization_table_spark()) }}
{% endmaterialization %}

{# The single number that a query gives. #}
{% macro conform_count(sql) -%}
    {{ return(run_query(sql).columns[0].values()[0]) }}
{%- endmacro %}

{# What an entity is read from: the tables of systems whose staging of it is row by row, and other systems as a whole. #}
{% macro conform_inputs(entity) -%}
    {%- set systems = [] -%}
    {%- set tables = [] -%}
    {%- for system in var('enabled_systems') if entity in var('systems')[system] -%}
        {%- set staging = graph.nodes['model.' ~ model.package_name ~ '.stg_' ~ system ~ '__' ~ entity] -%}
        {%- if staging.config.meta.get('is_row_by_row') and staging.sources | length == 1 and not staging.refs -%}
            {%- do tables.append(staging.sources[0]) -%}
        {%- else -%}
            {%- do systems.append(system) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return({'systems': systems, 'tables': tables}) }}
{%- endmacro %}
