{# From staged text to judged, typed rows: what every `int_<entity>_rows` model does.

   Each landed row of the entity gets exactly one disposition:
     superseded   a newer version of the same key was landed (or, in a snapshot source, the whole file was),
                  or a person corrected the row: then it is not live, and the correction is
     deleted      the source says so, or the key is missing from the newest snapshot
     quarantined  with reason_code, reason_column and reason_value
     conformed    what the warehouse goes on with
   Copies of a row within one batch: identical ones leave one and quarantine the rest (duplicate_key); copies that
   contradict each other are all quarantined (conflicting_key), because nothing says which one is right. A later batch
   with the key settles either. #}

{# Where a row was landed: carried by every staging model. #}
{% macro landed_columns(relation='') -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- for column in ['_system', '_source', '_table', '_batch_id', '_batch_number', '_landed_at', '_row_number',
        '_file', '_line', '_is_live', '_time_zone', '_currency', '_decimal_mark'] -%}
        {{ prefix ~ column }}{% if not loop.last %}, {% endif %}
    {%- endfor -%}
{%- endmacro %}

{# For an entity that is read off another entity's table: its rows are not that table's rows, so the ledger must not count them. #}
{% macro derived_columns() -%}
    {{ landed_columns() | replace('_table', 'cast(null as string) as _table') }}
{%- endmacro %}

{# All enabled systems' staged rows of an entity, in the contract's column order; none is an empty relation. #}
{% macro staged(entity) -%}
    {%- set columns = var('contract')[entity]['columns'] -%}
    {%- set systems = [] -%}
    {%- for system in var('enabled_systems') if entity in var('systems')[system] -%}
        {%- do systems.append(system) -%}
    {%- endfor -%}
    {%- for system in systems %}
    select
        {% for column in columns %}"{{ column }}", {% endfor %}
        source_updated_at, is_deleted, is_test, row_key,
        {{ landed_columns() }}
    from {{ ref('stg_' ~ system ~ '__' ~ entity) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        {% for column in columns %}cast(null as string) as "{{ column }}", {% endfor %}
        cast(null as string) as source_updated_at, cast(null as string) as is_deleted,
        cast(null as string) as is_test, cast(null as string) as row_key,
        cast(null as string) as _system, cast(null as string) as _source, cast(null as string) as _table,
        cast(null as string) as _batch_id, cast(null as bigint) as _batch_number,
        cast(null as timestamp) as _landed_at, cast(null as bigint) as _row_number, cast(null as string) as _file,
        cast(null as bigint) as _line, cast(null as boolean) as _is_live, cast(null as string) as _time_zone,
        cast(null as string) as _currency, cast(null as string) as _decimal_mark
    from {{ source('landing', 'batches') }}
    where 1 = 0
    {%- endfor %}
{%- endmacro %}

{# Whether a value is in the wrong column, where it may be anything, a name or an address too: letters where a number
   or a date belongs, or an e-mail address where none belongs. #}
{% macro is_misplaced(value, kind) -%}
    {%- if kind == 'text' -%}
        position('@' in coalesce({{ value }}, '')) > 0
    {%- elif kind == 'boolean' -%}
        length(coalesce({{ value }}, '')) > 5
    {%- else -%}
        coalesce({{ matches(value, '([^-0-9 .,:;/+TZ].*){2}') }}, false)
    {%- endif -%}
{%- endmacro %}

{# What a model of an entity's rows says; `references` are the columns whose values other entities must know. #}
{% macro conform(entity, references={}) -%}
{{ config(materialized='conformed', meta={'entity': entity, 'references': references.keys() | list}) }}
{{- conform_query(entity, references) }}
{%- endmacro %}

{# The key of a staged row as one text, NULL where a column of it is empty. #}
{% macro key_hash(entity) -%}
{%- set written_key = [] -%}
{%- for column in var('contract')[entity]['key'] %}{% do written_key.append('s."' ~ column ~ '"') %}{% endfor -%}
case when {% for column in written_key %}trim({{ column }}) <> ''{% if not loop.last %} and {% endif %}{% endfor %} then {{ surrogate_key(written_key) }} end
{%- endmacro %}

{# Staged rows with what is typed read as its type, of the subquery `rows`. #}
{% macro typed_rows(entity, rows) -%}
{%- set columns = var('contract')[entity]['columns'] -%}
{%- set timestamps = ['source_updated_at'] -%}
{%- for column, kind in columns.items() if kind == 'timestamp' %}{% do timestamps.append(column) %}{% endfor -%}
select
        s.*,
        {%- for column, kind in columns.items() if kind != 'text' %}
        {% if kind == 'timestamp' %}{{ instant_of('s."' ~ column ~ '"', 'tz_' ~ column) }}{% else %}{{ guarded(kind, 's."' ~ column ~ '"', 's._decimal_mark') }}{% endif %} as "typed_{{ column }}",
        {%- endfor %}
        {{ instant_of('s.source_updated_at', 'tz_source_updated_at') }} as typed_source_updated_at,
        -- whether it is newer than another row of its key cannot be told
        s.source_updated_at is not null and {{ wall_clock('s.source_updated_at') }} is null as is_undatable,
        {{ guarded('boolean', 's.is_deleted') }} as typed_is_deleted,
        {{ guarded('boolean', 's.is_test') }} as typed_is_test,
        {{ key_hash(entity) }} as key_hash
    from (
        {{ rows }}
    ) as s
    {#- a joined time zone has a column of that name too #}
    {%- for column in timestamps %}
    {{ zone_of('s."' ~ column ~ '"', 'tz_' ~ column, 's') }}
    {%- endfor %}
{%- endmacro %}

{# Staged rows whose key several rows have, or the others. #}
{% macro rows_of_shared_keys(entity, rows, is_shared) -%}
select staged.*
        from (
            {{ rows }}
        ) as staged
        {{ 'inner' if is_shared else 'left' }} join shared_keys
            on staged._source = shared_keys._source
            {%- for column in var('contract')[entity]['key'] %}
            and staged."{{ column }}" = shared_keys."{{ column }}"
            {%- endfor %}
        {%- if not is_shared %}
        where shared_keys._source is null
        {%- endif %}
{%- endmacro %}

{# Every staged row judged or, where `rows` are given as a query, those (see follow.sql). #}
{% macro conform_query(entity, references={}, rows=none) -%}
{%- set contract = var('contract')[entity] -%}
{%- set columns = contract['columns'] -%}
{%- set key = contract['key'] -%}
{%- set rows = rows or staged(entity) -%}
{%- set written = [] -%}
{%- for column in columns %}{% do written.append('"' ~ column ~ '"') %}{% endfor -%}
{%- set shareable = {} -%}
{%- for column, kind in columns.items() if column not in contract.get('direct', []) -%}
    {%- do shareable.update({column: 'case when not ' ~ is_misplaced('"' ~ column ~ '"', kind) ~ ' then "' ~ column ~ '" end'}) -%}
{%- endfor -%}

with

-- whoever shares its key is compared, which sorts whole rows; in most deliveries nearly all are alone
shared_keys as (
    select
        _source,
        {%- for column in key %}
        "{{ column }}"{% if not loop.last %},{% endif %}
        {%- endfor %}
    from (
        {{ rows }}
    ) as staged
    where {% for column in key %}trim("{{ column }}") <> ''{% if not loop.last %} and {% endif %}{% endfor %}
    group by _source{% for column in key %}, "{{ column }}"{% endfor %}
    having count(*) > 1
),

alone as (
    {{ typed_rows(entity, rows_of_shared_keys(entity, rows, false)) }}
),

rivals as (
    {{ typed_rows(entity, rows_of_shared_keys(entity, rows, true)) }}
),

compared as (
    select
        *,
        {{ surrogate_key(written + ['source_updated_at', 'is_deleted', 'is_test']) }} as content
    from rivals
),

-- position 1 of a key is its newest row: live before replaced, then by the source's own clock, then by delivery
ranked as (
    select
        *,
        max(case when _is_live then 1 else 0 end) over (partition by _source, key_hash) as key_is_live,
        max(case when _is_live then _batch_number end) over (partition by _source, key_hash) as newest_batch,
        row_number() over (
            partition by _source, key_hash
            order by
                _is_live desc nulls last, typed_source_updated_at desc nulls last, _batch_number desc nulls last,
                row_key asc nulls last, content asc nulls last, _row_number asc nulls last
        ) as position_in_key,
        row_number() over (
            partition by _source, _batch_id, key_hash, row_key, typed_source_updated_at
            order by content asc nulls last, _row_number asc nulls last
        ) as copy,
        min(content) over (partition by _source, _batch_id, key_hash, row_key, typed_source_updated_at)
        <> max(content) over (partition by _source, _batch_id, key_hash, row_key, typed_source_updated_at) as is_contradicted
    from compared
    union all
    select
        *,
        cast(null as string) as content,
        case when _is_live then 1 else 0 end as key_is_live,
        case when _is_live then _batch_number end as newest_batch,
        1 as position_in_key,
        1 as copy,
        false as is_contradicted
    from alone
),

judged as (
    select
        r.*,
        case
            {%- for column, kind in columns.items() %}
            {%- if column in contract.get('required', []) %}
            when trim(coalesce(r."{{ column }}", '')) = '' then 'missing_value:{{ column }}'
            {%- endif %}
            {%- if column in contract.get('required_if', {}) %}
            when trim(coalesce(r."{{ column }}", '')) = '' and {{ contract['required_if'][column] }} then 'missing_value:{{ column }}'
            {%- endif %}
            {%- if kind != 'text' %}
            when r."{{ column }}" is not null and r."typed_{{ column }}" is null then '{{ 'bad_decimal' if kind in ('money', 'quantity', 'rate') else 'bad_' ~ kind }}:{{ column }}'
            {%- endif %}
            {%- if kind == 'timestamp' %}
            when r."typed_{{ column }}" < timestamp '1970-01-01' or r."typed_{{ column }}" >= timestamp '2100-01-01' then 'out_of_range:{{ column }}'
            {%- elif kind == 'date' %}
            when r."typed_{{ column }}" < date '1900-01-01' or r."typed_{{ column }}" >= date '2100-01-01' then 'out_of_range:{{ column }}'
            {%- elif kind == 'fraction' %}
            when r."typed_{{ column }}" < 0 or r."typed_{{ column }}" > 1 then 'out_of_range:{{ column }}'
            {%- elif column.endswith('currency') %}
            when not {{ matches('r."' ~ column ~ '"', '^[A-Z]{3}$') }} then 'bad_currency:{{ column }}'
            {%- endif %}
            {%- if column in contract.get('clock_times', []) %}
            when not {{ matches('r."' ~ column ~ '"', '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$') }} then 'out_of_range:{{ column }}'
            {%- endif %}
            {%- if column in contract.get('time_zones', []) %}
            when not {{ is_time_zone('r."' ~ column ~ '"') }} then 'bad_choice:{{ column }}'
            {%- endif %}
            {%- if column in contract.get('allowed', {}) %}
            when r."{{ column }}" not in ({% for value in contract['allowed'][column] %}'{{ value }}'{% if not loop.last %}, {% endif %}{% endfor %}) then 'bad_choice:{{ column }}'
            {%- endif %}
            {%- for rule, comparison in [('minimum', '<'), ('maximum', '>'), ('above', '<=')] if column in contract.get(rule, {}) %}
            {%- set bound = contract[rule][column] %}
            when r."typed_{{ column }}" {{ comparison }} {{ 'r."typed_' ~ bound ~ '"' if bound is string else bound }} then 'out_of_range:{{ column }}'
            {%- endfor %}
            {%- endfor %}
            {%- for column, condition in contract.get('impossible', {}).items() %}
            when {{ condition }} then 'out_of_range:{{ column }}'
            {%- endfor %}
            when r.is_test is not null and r.typed_is_test is null then 'bad_boolean:is_test'
            {%- for column, parent in references.items() %}
            when r."{{ column }}" is not null and parent_{{ column }}.parent_id is null then 'unknown_reference:{{ column }}'
            {%- endfor %}
        end as fault
    from ranked as r
    {%- for column, parent in references.items() %}
    left join (
        select distinct _source as parent_source, "{{ var('contract')[contract['references'][column]]['key'][0] }}" as parent_id
        from {{ parent }}
        where disposition in ('conformed', 'deleted')
    ) as parent_{{ column }}
        on r._source = parent_{{ column }}.parent_source and r."{{ column }}" = parent_{{ column }}.parent_id
    {%- endfor %}
),

disposed as (
    select
        *,
        case
            when not _is_live and key_hash is not null and key_is_live = 0 then 'deleted'
            when not _is_live then 'superseded'
            when key_hash is null then 'quarantined'
            when copy > 1 or is_undatable
                then case when _batch_number < newest_batch then 'superseded' else 'quarantined' end
            when position_in_key > 1 then 'superseded'
            when is_deleted is not null and typed_is_deleted is null then 'quarantined'
            when is_contradicted then 'quarantined'
            when typed_is_deleted then 'deleted'
            when fault is not null then 'quarantined'
            else 'conformed'
        end as disposition,
        case
            when key_hash is null then 'missing_key:{{ key | join('+') }}'
            when copy > 1 and not is_contradicted then 'duplicate_key:{{ key | join('+') }}'
            when is_undatable then 'bad_timestamp:source_updated_at'
            when is_contradicted then 'conflicting_key:{{ key | join('+') }}'
            when is_deleted is not null and typed_is_deleted is null then 'bad_boolean:is_deleted'
            else fault
        end as finding
    from judged
),

final as (
    select
        {%- for column, kind in columns.items() %}
        "{{ 'typed_' ~ column if kind != 'text' else column }}" as "{{ column }}",
        {%- endfor %}
        coalesce(typed_is_test, false) as is_test,
        typed_source_updated_at as source_updated_at,
        _system, _source, _table, _batch_id, _batch_number, _landed_at, _row_number, _file, _line, _is_live,
        _currency,
        row_key,
        disposition,
        fault is null as is_sound,
        case when disposition = 'quarantined' then split_part(finding, ':', 1) end as reason_code,
        case when disposition = 'quarantined' then split_part(finding, ':', 2) end as reason_column,
        case
            when disposition <> 'quarantined' then null
            {%- for column in columns %}
            when split_part(finding, ':', 2) = '{{ column }}' then "{{ column }}"
            {%- endfor %}
        end as reason_value,
        case when disposition = 'quarantined' then {{ json_object(columns.keys() | list) }} end as raw_row,
        case when disposition = 'quarantined' then {{ json_object(shareable.keys() | list, shareable) }} end as shareable_row
    from disposed
)

select * from final
{%- endmacro %}

{# The conformed rows of an entity: the columns of the contract and where each row was landed. #}
{% macro conformed(entity, rows) -%}
select
    {%- for column in var('contract')[entity]['columns'] %}
    "{{ column }}",
    {%- endfor %}
    is_test,
    source_updated_at,
    _source as source,
    _table as source_table,
    _batch_id as batch_id,
    _row_number as row_number,
    _currency as default_currency
from {{ rows }}
where disposition = 'conformed'
{%- endmacro %}
