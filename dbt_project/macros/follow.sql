{# The rows of an entity, following what changed since they were judged last: see macros/materializations.

   A row is judged again where its key can have changed: rows of the key are in a batch that is new, or that staging
   reads otherwise than last time (it is live no longer, or a correction has come or gone), or the row names a parent
   that has appeared or vanished since. Of such a key all rows are judged again, but for those of batches that no row
   counts of, neither now nor then: in a snapshot source that is all its past. A row that is not live takes nothing
   from another but whether its key lives: only its disposition can change, and that is set.

   Only for entities whose staging is row by row: what it says of a landed row depends on that row and its batch alone. #}

{# Where a landed row is. #}
{% macro same_row(left, right) -%}
    {{ left }}._source = {{ right }}._source and {{ left }}._table = {{ right }}._table
    and {{ left }}._batch_id = {{ right }}._batch_id and {{ left }}._row_number = {{ right }}._row_number
{%- endmacro %}

{# The staged rows that are judged again. The batches are named, so that the files of the others are not opened. #}
{% macro stage_judged_rows(entity, batches) -%}
    create or replace temp table conform_staged as
    select s.*
    from (
        {{ staged(entity) }}
    ) as s
    inner join conform_touched as touched
        on {{ same_row('s', 'touched') }}
        and touched.is_judged
    where s._batch_id in ({% for batch in batches %}'{{ batch }}', {% endfor %}'')
{%- endmacro %}

{# The ids of an entity that other rows may name. #}
{% macro known_parents(entity, rows) -%}
    select distinct _source as source, "{{ var('contract')[entity]['key'][0] }}" as parent_id
    from {{ rows }}
    where disposition in ('conformed', 'deleted')
{%- endmacro %}

{# Whether rows of another entity name this one. #}
{% macro is_parent(entity) -%}
    {%- set found = [] -%}
    {%- for other in var('contract').values() if entity in other.get('references', {}).values() -%}
        {%- do found.append(1) -%}
    {%- endfor -%}
    {{ return(found | length > 0) }}
{%- endmacro %}

{# Every staged row of the entity: its key, and whether it can have another judgement than before. #}
{% macro find_seen_rows(entity, references) -%}
    create or replace temp table conform_seen as
    select
        s._source,
        s._table,
        s._batch_id,
        s._row_number,
        s._is_live,
        {{ key_hash(entity) }} as key_hash,
        changed.batch_id is not null as is_changed,
        batches.is_live as is_of_live_batch,
        {% for column in references %}changed_{{ column }}.parent_id is not null or {% endfor %}false as has_changed_parent
    from (
        {{ staged(entity) }}
    ) as s
    inner join landing.batches as batches
        on s._source = batches.source and s._table = batches.source_table and s._batch_id = batches.batch_id
    left join landing.changed as changed
        on s._source = changed.source and s._table = changed.source_table and s._batch_id = changed.batch_id
    {%- for column in references %}
    left join landing.changed_parents as changed_{{ column }}
        on changed_{{ column }}.entity = '{{ var('contract')[entity]['references'][column] }}'
        and s._source = changed_{{ column }}.source
        and s."{{ column }}" = changed_{{ column }}.parent_id
    {%- endfor %}
{%- endmacro %}

{# All rows of the keys that can have changed: judged again, or with the disposition of a row that is not live. #}
{% macro find_touched_rows() -%}
    create or replace temp table conform_touched as
    select
        seen._source,
        seen._table,
        seen._batch_id,
        seen._row_number,
        seen.is_of_live_batch or seen.is_changed or seen.has_changed_parent as is_judged,
        case
            when
                seen.key_hash is not null
                and max(case when seen._is_live then 1 else 0 end) over (partition by seen._source, seen.key_hash) = 0
                then 'deleted'
            else 'superseded'
        end as disposition
    from conform_seen as seen
    inner join (
        select distinct _source, key_hash
        from conform_seen
        where is_changed or has_changed_parent
    ) as changed
        on seen._source = changed._source and seen.key_hash is not distinct from changed.key_hash
{%- endmacro %}

{% macro find_judged_batches() -%}
    select distinct _batch_id from conform_touched where is_judged order by _batch_id asc nulls last
{%- endmacro %}

{% macro dispose_of_dead_rows(rows) -%}
    update {{ rows }} as r
    set disposition = touched.disposition
    from conform_touched as touched
    where {{ same_row('r', 'touched') }} and not touched.is_judged and r.disposition <> touched.disposition
{%- endmacro %}

{% macro remove_judged_rows(rows) -%}
    delete from {{ rows }} as r
    using conform_touched as touched
    where {{ same_row('r', 'touched') }} and touched.is_judged
{%- endmacro %}

{% macro judge_again(entity, references, rows) -%}
    insert into {{ rows }}
    {{ conform_query(entity, references, 'select * from conform_staged') }}
{%- endmacro %}

{# The ids that others may name, as they were: taken before the rows change. #}
{% macro remember_parents(entity, rows) -%}
    create or replace temp table conform_parents as
    {{ known_parents(entity, rows) }}
{%- endmacro %}

{# Those that have appeared or vanished since. #}
{% macro tell_changed_parents(entity, rows) -%}
    insert into landing.changed_parents
    with
    now_known as (
        {{ known_parents(entity, rows) }}
    ),
    appeared as (
        select * from now_known
        except
        select * from conform_parents
    ),
    vanished as (
        select * from conform_parents
        except
        select * from now_known
    )
    select '{{ entity }}' as entity, source, parent_id from appeared
    union all
    select '{{ entity }}' as entity, source, parent_id from vanished
{%- endmacro %}

{# How many batches are new or read otherwise, of these systems and of these tables (pairs of system and table). #}
{% macro count_changed_batches(systems, tables) -%}
    select count(*) from landing.changed
    where
        false
        {%- for system in systems %}
        or system = '{{ system }}'
        {%- endfor %}
        {%- for table in tables %}
        or (system = '{{ table[0] }}' and source_table = '{{ table[1] }}')
        {%- endfor %}
{%- endmacro %}

{# How many parents that rows of the entity may name have appeared or vanished. #}
{% macro count_changed_parents(entity, references) -%}
    select count(*) from landing.changed_parents
    where
        false
        {%- for column in references %}
        or entity = '{{ var('contract')[entity]['references'][column] }}'
        {%- endfor %}
{%- endmacro %}
