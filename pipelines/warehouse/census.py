"""Counts the landed rows themselves, without any model: what the row ledger holds the models against.

For each table the catalogue declares which columns identify an entity. From those alone it follows how many of a
batch's rows can have been replaced by newer ones or deleted; whatever is left must be found conformed or in quarantine.
"""

import duckdb

from pipelines.releases.names import quote_name
from pipelines.sources.catalog import TableSpec

_COLUMNS = (
    "source varchar, source_table varchar, batch_id varchar, rows_landed bigint, superseded bigint, "
    "deleted bigint, expected bigint"
)


def census(connection: duckdb.DuckDBPyConnection, specs: list[TableSpec]) -> None:
    """Fill `landing.census`: per source, table and batch the rows landed, replaced, deleted, and expected elsewhere."""
    connection.execute(f"create table landing.census ({_COLUMNS})")
    for spec in specs:
        connection.execute(f"insert into landing.census {_select(spec)}")


def _select(spec: TableSpec) -> str:
    view = f'landing."{spec.system}__{spec.name}"'
    if spec.entity is None:
        # A table that only completes others: each row is expected where it is, unless a newer batch replaced it.
        return (
            f"select _source, _table, _batch_id, count(*), count(*) filter (where not _is_live), 0, "
            f"count(*) filter (where _is_live) from {view} group by all"
        )
    has_key = " and ".join(f"trim(cast({quote_name(c)} as varchar)) <> ''" for c in spec.key)
    key = ", ".join(quote_name(c) for c in spec.key)
    row_key = ", ".join(quote_name(c) for c in spec.row_key)
    updated = f"try_cast({spec.updated_at} as timestamptz)" if spec.updated_at else "cast(null as timestamptz)"
    undatable = f"({spec.updated_at}) is not null and updated_at is null" if spec.updated_at else "false"
    gone = f"coalesce({spec.deleted}, false)" if spec.deleted else "false"
    return f"""
    with landed as (
        select *, {has_key} as has_key, {updated} as updated_at, {gone} as is_gone from {view}
    ),
    placed as (
        select
            *,
            row_number() over (
                partition by _source, {key}
                order by _is_live desc, updated_at desc nulls last, _batch_number desc, {row_key}, _row_number
            ) as place_in_key,
            max(_is_live) over (partition by _source, {key}) as key_is_live,
            max(case when _is_live then _batch_number end) over (partition by _source, {key}) as newest_batch,
            row_number() over (
                partition by _source, _batch_id, {key}, {row_key}, updated_at order by _row_number
            ) as copy
        from landed
    )
    select
        _source, _table, _batch_id, count(*),
        count(*) filter (where fate = 'superseded'),
        count(*) filter (where fate = 'deleted'),
        count(*) filter (where fate = 'expected')
    from (
        select
            *,
            case
                when not _is_live and has_key and not key_is_live then 'deleted'
                when not _is_live then 'superseded'
                when not coalesce(has_key, false) then 'expected'
                when copy > 1 or ({undatable})
                    then case when _batch_number < newest_batch then 'superseded' else 'expected' end
                when place_in_key > 1 then 'superseded'
                when is_gone then 'deleted'
                else 'expected'
            end as fate
        from placed
    )
    group by all"""
