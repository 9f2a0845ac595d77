"""Reads off a comparison what is watched: known rows that went or changed, and what the new ones are like."""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from pipelines.drift.chance import at_least, count_chance, share_chance
from pipelines.drift.reading import Reading
from pipelines.releases.names import quote_name, quote_text
from pipelines.restatements.changes import CHANGED_ROWS, Staged
from pipelines.restatements.explain import Comparison

Past = dict[tuple[str, str, str, str], list[tuple[int, int]]]

_NUMBERS = ("integer", "money", "quantity", "rate", "fraction")
_AMOUNTS = ("money", "quantity", "rate")
# the days from which the usual number of a day is learned, and the nights that it takes to learn from nights
_DAYS, _NIGHTS = 56, 3
# values of new records are looked at if there are a few of them, and enough known ones to compare with
_FEW, _KNOWN = 4, 100
# a column with more different values is no category
_CATEGORIES = 50


def measure(comparison: Comparison, since: date, until: date, past: Past) -> list[Reading]:
    """Return the readings of a night from local day `since` (of the release before) to `until` (of this one).

    `past` has, by source, entity, subject and kind, (observed, rows) of the nights before.
    """
    connection, found = comparison.connection, []
    for staged in comparison.staged:
        for source, known in connection.execute(
            f"select _source, count(distinct _key) from {staged.place('known')} group by 1 order by 1"
        ).fetchall():
            group = _Group(source, staged.entity, known, past)
            found += _known_rows(connection, staged, group)
            found += _new_rows(connection, staged, group, since, until)
    return found


def _known_rows(connection: duckdb.DuckDBPyConnection, staged: Staged, group: "_Group") -> list[Reading]:
    changes = f"{staged.place('changes')} where _source = {quote_text(group.source)} and was_there"
    (gone,) = connection.execute(f"select count(*) from {changes} and not is_there").fetchone()
    columns = dict(
        connection.execute(
            f"select c, count(*) from (select unnest(columns) as c from {changes} and is_there) group by c"
        ).fetchall()
    )
    readings = []
    for subject, kind, observed in [
        ("(rows)", "vanished", gone),
        *((column, "changed", columns.get(column, 0)) for column in staged.contract["columns"]),
    ]:
        nights = group.past.get((group.source, group.entity, subject, kind), [])
        chance, usual = share_chance(observed, group.known, nights)
        readings.append(
            Reading(group.source, group.entity, subject, kind, observed, group.known, usual, chance, len(nights))
        )
    return readings


def _new_rows(
    connection: duckdb.DuckDBPyConnection, staged: Staged, group: "_Group", since: date, until: date
) -> list[Reading]:
    source = quote_text(group.source)
    connection.execute(
        f"""
        create or replace temp table fresh as
        select a.*, r.happened_on from {staged.place("after")} as a
        inner join {staged.place("changes")} as c on a._source = c._source and a._key = c._key
        inner join {CHANGED_ROWS} as r
            on r.entity = {quote_text(staged.entity)} and r.source = a._source and r.record = a._key
        where a._position = 1 and a._source = {source} and not c.was_there and c.is_there
        """
    )
    readings = _counts(connection, staged, group, since, until)
    (fresh,) = connection.execute("select count(*) from fresh").fetchone()
    if fresh >= _FEW and group.known >= _KNOWN:
        connection.execute(
            f"create or replace temp table known as from {staged.place('known')} "
            f"where _position = 1 and _source = {source}"
        )
        for column, kind in staged.contract["columns"].items():
            if column not in staged.contract["key"]:
                readings += _values(connection, group, column, kind, fresh)
    return readings


def _counts(
    connection: duckdb.DuckDBPyConnection, staged: Staged, group: "_Group", since: date, until: date
) -> list[Reading]:
    """How many came of the days since the last release, of days before it, and of days that are still to come."""
    late, new, future, dated = connection.execute(
        "select count(*) filter (where happened_on < $since), "
        "count(*) filter (where happened_on >= $since and happened_on < $until), "
        "count(*) filter (where happened_on > $until), count(happened_on) from fresh",
        {"since": since, "until": until},
    ).fetchone()
    readings = []
    daily = _daily(connection, staged, group.source, since)
    if daily is not None:
        chance, usual = count_chance(new, daily, (until - since).days)
        readings.append(group.counted("new rows", new, new, chance, usual, len(daily)))
    nights = group.past.get((group.source, group.entity, "(rows)", "late"), [])
    chance, usual = share_chance(late, group.known, nights)
    readings.append(group.counted("late", late, group.known, chance, usual, len(nights)))
    if staged.day is not None and dated:
        (ahead,) = connection.execute(
            f"select count(*) from {staged.place('known')} where _position = 1 "
            f"and _source = {quote_text(group.source)} and {_day(staged.day)} > date {quote_text(since.isoformat())}"
        ).fetchone()
        share = (ahead + 1) / (group.known + 1)
        readings.append(group.counted("future", future, dated, at_least(future, dated, share), dated * share, 0))
    return readings


def _daily(connection: duckdb.DuckDBPyConnection, staged: Staged, source: str, since: date) -> list[int] | None:
    """How many known records are of each of the days before `since`; None for an entity without a day of its own."""
    column = staged.day
    if column is None:
        return None
    first = since - timedelta(days=_DAYS)
    counted = dict(
        connection.execute(
            f"select {_day(column)} as d, count(*) "
            f"from {staged.place('known')} where _position = 1 and _source = {quote_text(source)} "
            f"and d >= date {quote_text(first.isoformat())} and d < date {quote_text(since.isoformat())} group by d"
        ).fetchall()
    )
    return [counted.get(first + timedelta(days=n), 0) for n in range(_DAYS)] if counted else None


def _day(column: str) -> str:
    return f"try_cast(left(trim({quote_name(column)}), 10) as date)"


def _values(
    connection: duckdb.DuckDBPyConnection, group: "_Group", column: str, kind: str, fresh: int
) -> list[Reading]:
    """What the values of new records are like, compared with the known ones."""
    name = quote_name(column)
    empty, different = connection.execute(
        f"select (select count(*) from fresh where trim(coalesce({name}, '')) = ''), "
        f"(select count(distinct {name}) from known)"
    ).fetchone()
    readings = [group.learned(column, "empty", empty, fresh), group.learned(column, "filled", fresh - empty, fresh)]
    if kind in _NUMBERS:
        plain = f"case _decimal_mark when ',' then replace(replace({name}, '.', ''), ',', '.') else {name} end"
        number = f"try_cast({plain} as double)"
        low, high, of = connection.execute(
            f"""
            with limits as (
                select quantile_disc({number}, 0.01) as lowest, quantile_disc({number}, 0.99) as highest from known
            )
            select count(*) filter (where {number} < lowest), count(*) filter (where {number} > highest),
                count({number})
            from fresh, limits
            """
        ).fetchone()
        for side, observed in (("low", low), ("high", high)):
            share = 0.01 if kind in _AMOUNTS else None
            readings.append(group.learned(column, side, observed, of, share))
    elif kind == "text" and 0 < different <= _CATEGORIES and different * 4 <= group.known:
        unseen, most = connection.execute(
            f"""
            with counted as (
                select {name} as value, count(*) as n from fresh where trim({name}) <> '' group by 1
            )
            select
                coalesce(sum(n) filter (
                    where value not in (select {name} from known where {name} is not null)
                ), 0)::bigint,
                coalesce(max(n), 0)
            from counted
            """
        ).fetchone()
        readings.append(group.learned(column, "unseen value", unseen, fresh))
        readings.append(group.learned(column, "common value", most, fresh))
    return readings


@dataclass(frozen=True)
class _Group:
    """The records of an entity of one source: how many are known, and what was read of them before."""

    source: str
    entity: str
    known: int
    past: Past

    def learned(self, subject: str, kind: str, observed: int, rows: int, share: float | None = None) -> Reading:
        """A reading whose usual share is learned from the nights before; until there are enough, it is `share`.

        New records are unlike known ones in many ways: open, unpaid, without an end. Only nights can tell how.
        """
        nights = self.past.get((self.source, self.entity, subject, kind), [])
        if len(nights) >= _NIGHTS:
            chance, usual = share_chance(observed, rows, nights)
        else:
            usual = rows * (share if share is not None else observed / rows if rows else 0)
            chance = at_least(observed, rows, share) if share is not None else 1.0
        return Reading(self.source, self.entity, subject, kind, observed, rows, usual, chance, len(nights))

    def counted(self, kind: str, observed: int, rows: int, chance: float, usual: float, nights: int) -> Reading:
        """A reading of whole records."""
        return Reading(self.source, self.entity, "(rows)", kind, observed, rows, usual, chance, nights)
