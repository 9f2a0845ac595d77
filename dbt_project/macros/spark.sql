{# What dbt's own macros do not do on Spark. #}

{# The columns of a model have to be those of its contract. Spark's whole numbers and decimals may be narrower: it counts
   rows in an int and sums decimals with fewer digits, where DuckDB has a bigint and 38 digits. #}
{% macro spark__get_assert_columns_equivalent(sql) -%}
    {%- set found = get_column_schema_from_query(sql, config.get('sql_header', none)) -%}
    {%- set told = get_column_schema_from_query(get_empty_schema_sql(model['columns'])) -%}
    {%- set kinds = {} -%}
    {%- for column in told %}{% do kinds.update({column.name: column.dtype}) %}{% endfor -%}
    {%- if found | map(attribute='name') | sort != told | map(attribute='name') | sort -%}
        {%- do exceptions.raise_contract_error(told, found) -%}
    {%- endif -%}
    {%- for column in found if not holds(kinds[column.name], column.dtype) -%}
        {%- do exceptions.raise_contract_error(format_columns(told), format_columns(found)) -%}
    {%- endfor -%}
{%- endmacro %}

{# Whether a column of type `told` has room for every value of type `found`. #}
{% macro holds(told, found) -%}
    {%- if told == found or (told == 'bigint' and found == 'int') -%}
        {{ return(true) }}
    {%- elif told.startswith('decimal(') and found.startswith('decimal(') -%}
        {%- set wide = told[8:-1].split(',') -%}
        {%- set narrow = found[8:-1].split(',') -%}
        {{ return(wide[1] | int == narrow[1] | int and wide[0] | int >= narrow[0] | int) }}
    {%- else -%}
        {{ return(false) }}
    {%- endif -%}
{%- endmacro %}

{# What a model selects, in the order and with the types of its contract. #}
{% macro spark__get_select_subquery(sql) %}
    select
        {%- for column in model['columns'].values() %}
        cast({{ adapter.quote(column.name) }} as {{ column.data_type }}) as {{ adapter.quote(column.name) }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from (
        {{ sql }}
    ) as model_subq
{%- endmacro %}

{# dbt-spark writes NULL as the text `None`, and a quote in a text ends it. #}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set statements = [] -%}
    {%- for chunk in agate_table.rows | batch(get_batch_size()) -%}
        {%- set sql -%}
            insert into {{ this.render() }} values
            {%- for row in chunk %}
            (
                {%- for name in agate_table.column_names -%}
                {%- set type = types.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
                cast({{ text_literal(row[name]) }} as {{ type }}){% if not loop.last %}, {% endif %}
                {%- endfor -%}
            ){% if not loop.last %},{% endif %}
            {%- endfor %}
        {%- endset -%}
        {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
        {%- do statements.append(sql) -%}
    {%- endfor -%}
    {{ return(statements[0]) }}
{% endmacro %}

{% macro text_literal(value) -%}
    {%- if value is none -%} null {%- else -%} '{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}' {%- endif -%}
{%- endmacro %}
