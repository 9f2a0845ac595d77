"""What the sources say differently than at an earlier release: row by row, from the staged rows of both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.landing.batches import BatchManifest
from pipelines.releases.names import quote_name, quote_text, table_name
from pipelines.restatements.causes import CORRECTION, DELETION, NEW_ROWS, NEW_SOURCE, cause_of_column
from pipelines.warehouse.register import live_batches

SCHEMA = "restatement"
CHANGED_ROWS = f"{SCHEMA}.changed_rows"
_LANDED = (
    "_system",
    "_source",
    "_table",
    "_batch_id",
    "_batch_number",
    "_landed_at",
    "_row_number",
    "_file",
    "_line",
    "_is_live",
    "_time_zone",
    "_currency",
    "_decimal_mark",
)
# what a row has of its batch, and how the list of batches calls it
_OF_BATCH = {
    "_batch_id": "batch_id",
    "_batch_number": "batch_number",
    "_landed_at": "landed_at",
    "_is_live": "is_live",
}
_OWN = ("source_updated_at", "is_deleted", "is_test", "row_key")
# which of two versions is the newer, rather than what they say
_WHEN = ("source_updated_at", "row_key")
# of the rows of a key the newest is the first
_POSITION = """
    row_number() over (
        partition by _source, _key
        order by try_cast(source_updated_at as timestamp) desc nulls last, _batch_number desc nulls last,
            row_key asc nulls last, _row_number asc nulls last
    )
"""
# dates that are no event
_OF_PERSONS = ("birth_date", "hired_on", "left_on")


@dataclass(frozen=True)
class Staged:
    """A staging model: the rows that a system has of one entity.

    `sql` is its own, which reads what was landed, or (`reads_staged`) other staging models.
    """

    unique_id: str
    schema: str
    name: str
    entity: str
    contract: Mapping[str, Any]
    sql: str
    reads_staged: bool

    @property
    def columns(self) -> list[str]:
        """The contract's columns, and those that every entity has."""
        return [*self.contract["columns"], *_OWN]

    def cause(self, column: str) -> str:
        """The cause of a difference in `column`."""
        return cause_of_column(self.entity, column, self.contract)

    @property
    def day(self) -> str | None:
        """The column that says when it happened: the first date or instant that is required, else the first at all."""
        dates = [column for column, kind in self.contract["columns"].items() if kind in ("date", "timestamp")]
        required = [column for column in dates if column in self.contract.get("required", [])]
        return next(iter([*required, *(column for column in dates if column not in _OF_PERSONS)]), None)

    def place(self, what: str) -> str:
        """The name of the table that keeps `what` of this model's rows."""
        return table_name(SCHEMA, f"{what}__{self.name}")


@dataclass(frozen=True)
class Deliveries:
    """What was landed: by the earlier release, what of it counted then, and which later batches replace a table.

    Each is a set of (source, table, batch id).
    """

    known: frozenset[tuple[str, str, str]]
    live_then: frozenset[tuple[str, str, str]]
    later_snapshots: frozenset[tuple[str, str, str]]


def deliveries(batches: list[BatchManifest], known_ids: set[tuple[str, str, str]]) -> Deliveries:
    """Return how `batches` (of the newer release) divide, where the earlier release had those in `known_ids`."""
    known = [batch for batch in batches if (batch.source, batch.table, batch.batch_id) in known_ids]
    later = [batch for batch in batches if (batch.source, batch.table, batch.batch_id) not in known_ids]
    return Deliveries(
        known=frozenset((b.source, b.table, b.batch_id) for b in known),
        live_then=frozenset(live_batches(known)),
        later_snapshots=frozenset((b.source, b.table, b.batch_id) for b in later if b.load == "snapshot"),
    )


def keep_staged(connection: duckdb.DuckDBPyConnection, staged: Staged, delivered: Deliveries) -> None:
    """Show the rows of `staged` with their keys, and keep those by which anything can differ.

    `rows` are all; `known` those that counted at the earlier release, the newest of a key first; `before` and `after`
    those that counted then and count now, of keys of which a row is new, counts no longer or counts again. Of other
    keys both releases say the same.
    """
    connection.execute(f"create schema if not exists {SCHEMA}")
    key = " || '|' || ".join(f'"{column}"' for column in staged.contract["key"])
    sources = sorted({source for source, _, _ in delivered.known})
    place = "(_source, _table, _batch_id)"
    rows, known, touched = (staged.place(what) for what in ("rows", "known", "touched"))
    connection.execute(
        f"""
        create or replace {"table" if staged.reads_staged else "view"} {rows} as
        select *, {key} as _key, {place} in ({_places(delivered.known)}) as _is_known,
            {place} in ({_places(delivered.live_then)}) as _was_live,
            _source in ({", ".join(map(quote_text, sources)) or "''"}) as _is_of_known_source
        from ({staged.sql})
        """
    )
    connection.execute(
        f"create or replace view {known} as select *, {_POSITION} as _position from {rows} "
        "where _was_live and _key is not null"
    )
    connection.execute(
        f"create or replace table {touched} as select distinct _source, _key from {rows} "
        "where not _is_known or _was_live is distinct from _is_live"
    )
    for name, counts in (("before", "_was_live"), ("after", "_is_live")):
        connection.execute(
            f"""
            create or replace table {staged.place(name)} as
            select *, count(*) over (partition by _source, _batch_id, _key) as _copies, {_POSITION} as _position
            from {rows} semi join {touched} using (_source, _key) where {counts} and _key is not null
            """
        )


def find_changes(connection: duckdb.DuckDBPyConnection, staged: Staged) -> set[str]:
    """Fill the table `changes` of `staged`, one row per source and key that differs, and return the causes in it.

    Call `keep_staged` first. Where each side has one row of the key (`is_mixable`) the causes are those of the
    columns that differ; a key that came or went, or was there in several copies, has one cause.
    """
    compared = [column for column in staged.columns if column not in _WHEN]
    causes: dict[str, list[str]] = {}
    for column in compared:
        causes.setdefault(staged.cause(column), []).append(column)
    connection.execute(
        f"""
        create or replace table {staged.place("changes")} as
        with compared as (
            select
                coalesce(a._source, b._source) as _source,
                coalesce(a._key, b._key) as _key,
                b._key is not null and not {_says_deleted("b")} as was_there,
                a._key is not null and not {_says_deleted("a")} as is_there,
                coalesce(a._is_of_known_source, true) as is_of_known_source,
                coalesce(b._copies = 1 and a._copies = 1, false) as is_single,
                [{", ".join(f"case when {_differs(c)} then {quote_text(c)} end" for c in compared)}] as columns,
                [{", ".join(f"case when {_any_differs(c)} then {quote_text(k)} end" for k, c in causes.items())}]
                    as causes_of_columns
            from (select * from {staged.place("before")} where _position = 1) as b
            full outer join (select * from {staged.place("after")} where _position = 1) as a
                on b._source = a._source and b._key = a._key
        )
        select
            _source,
            _key,
            was_there and is_there and is_single as is_mixable,
            was_there,
            is_there,
            list_filter(columns, c -> c is not null) as columns,
            case
                when not was_there and not is_of_known_source then [{quote_text(NEW_SOURCE)}]
                when not was_there then [{quote_text(NEW_ROWS)}]
                when not is_there then [{quote_text(DELETION)}]
                when not is_single then [{quote_text(CORRECTION)}]
                else list_filter(causes_of_columns, c -> c is not null)
            end as causes
        from compared
        where (was_there or is_there) and (was_there <> is_there or len(list_filter(columns, c -> c is not null)) > 0)
        """
    )
    found = connection.execute(f"select distinct unnest(causes) from {staged.place('changes')}").fetchall()
    return {cause for (cause,) in found}


def apply_causes(
    connection: duckdb.DuckDBPyConnection, staged: Staged, causes: list[str], delivered: Deliveries
) -> None:
    """Put in the place of the staging model a table of its rows as if, of all that changed, only `causes` had."""
    wanted = "list_has_any(c.causes, [" + ", ".join(map(quote_text, causes)) + "]::varchar[])"
    mixed = ", ".join(_mixed(staged, column, causes, wanted) for column in staged.columns)
    own = ", ".join(f"b.{quote_name(column)}" for column in staged.columns)
    placed = ", ".join(f"n.{_OF_BATCH[name]}" if name in _OF_BATCH else f"b.{name}" for name in _LANDED)
    rows, changes, before = (staged.place(what) for what in ("rows", "changes", "before"))
    target = table_name(staged.schema, staged.name)
    (is_view,) = connection.execute(
        "select count(*) > 0 from duckdb_views() where database_name = current_database() "
        "and schema_name = ? and view_name = ?",
        [staged.schema, staged.name],
    ).fetchone()
    connection.execute(f"drop {'view' if is_view else 'table'} {target}")
    connection.execute(
        f"""
        create table {target} as
        select {", ".join(map(quote_name, [*staged.columns, *_LANDED]))} from {rows} where _is_known
        union all
        -- what came later, if it says the same, or if what it says is wanted
        select {mixed}, {", ".join(f"r.{name}" for name in _LANDED)}
        from {rows} as r
        left join {changes} as c on r._source = c._source and r._key = c._key
        left join (select * from {before} where _position = 1) as b on r._source = b._source and r._key = b._key
        where not r._is_known and (c._key is null or c.is_mixable or {wanted})
        union all
        -- what went or is unlike itself stays in every later snapshot, unless that is wanted
        select {own}, {placed}
        from {before} as b
        inner join {changes} as c on b._source = c._source and b._key = c._key
        inner join landing.batches as n
            on b._source = n.source and b._table = n.source_table
            and (n.source, n.source_table, n.batch_id) in ({_places(delivered.later_snapshots)})
        where not c.is_mixable and not {wanted}
        """
    )


def list_changed_rows(connection: duckdb.DuckDBPyConnection, staged: Staged, others: list[Staged]) -> None:
    """Add what `find_changes` found to the table `changed_rows`: one row per source, key and cause.

    Each with the batch, file and line on either side, and with the day that it, or else the row that it belongs to, is
    about, as the source writes it.
    """
    day, owner, reference = _happened(staged, others)
    happened = f"try_cast(left(trim(coalesce(a.{day}, b.{day})), 10) as date)" if day else "cast(null as date)"
    joined = ""
    if owner is not None:
        happened = f"try_cast(left(trim(o.{day}), 10) as date)"
        joined = (
            f"left join (select distinct on (_source, _key) * from {owner.place('rows')}) as o "
            f"on o._source = c._source and o._key = coalesce(a.{reference}, b.{reference})"
        )
    connection.execute(
        f"create table if not exists {CHANGED_ROWS} (cause varchar, entity varchar, source varchar, record varchar, "
        "happened_on date, changed_columns varchar, batch_before varchar, file_before varchar, line_before bigint, "
        "batch_after varchar, file_after varchar, line_after bigint)"
    )
    connection.execute(
        f"""
        insert into {CHANGED_ROWS}
        select unnest(c.causes), {quote_text(staged.entity)}, c._source, c._key, {happened},
            case when c.was_there and c.is_there then array_to_string(c.columns, ', ') end,
            b._batch_id, b._file, b._line, a._batch_id, a._file, a._line
        from {staged.place("changes")} as c
        left join (select * from {staged.place("before")} where _position = 1) as b
            on c._source = b._source and c._key = b._key
        left join (select * from {staged.place("after")} where _position = 1) as a
            on c._source = a._source and c._key = a._key
        {joined}
        """
    )


def _happened(staged: Staged, others: list[Staged]) -> tuple[str | None, Staged | None, str | None]:
    """The column that says when; the entity that the row belongs to, if that says it, and the reference to it."""
    if staged.day is not None:
        return quote_name(staged.day), None, None
    system = staged.name.partition("__")[0]
    for column, entity in staged.contract.get("references", {}).items():
        for other in others:
            if other.entity == entity and other.name.partition("__")[0] == system and other.day:
                return quote_name(other.day), other, quote_name(column)
    return None, None, None


def _mixed(staged: Staged, column: str, causes: list[str], wanted: str) -> str:
    name = quote_name(column)
    if column == "row_key" or (column not in _WHEN and staged.cause(column) in causes):
        return f"r.{name}"
    unwanted = f"c.is_mixable and not {wanted}" if column in _WHEN else "c.is_mixable"
    return f"case when {unwanted} then b.{name} else r.{name} end as {name}"


def _differs(column: str) -> str:
    return f"a.{quote_name(column)} is distinct from b.{quote_name(column)}"


def _any_differs(columns: list[str]) -> str:
    return " or ".join(map(_differs, columns))


def _says_deleted(side: str) -> str:
    return f"coalesce(lower(trim({side}.is_deleted)) in ('true', 't', 'yes', 'y', '1'), false)"


def _places(places: frozenset[tuple[str, str, str]]) -> str:
    return ", ".join(f"({', '.join(map(quote_text, place))})" for place in sorted(places)) or "('', '', '')"
