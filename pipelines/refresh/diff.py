"""What differs between two published releases, and why."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from pipelines.config import Settings
from pipelines.errors import ConfigError
from pipelines.refresh.compare import between, inputs_of, label_sql
from pipelines.refresh.reproduce import rebuilt
from pipelines.releases.catalog import Release, list_releases
from pipelines.releases.names import quote_text
from pipelines.restatements.changes import CHANGED_ROWS, deliveries
from pipelines.restatements.explain import compared, explain
from pipelines.restatements.figures import PARTS


@dataclass(frozen=True)
class Filter:
    """Which figures to show: of one mart, metric, period grain or begin of the period; None shows all."""

    mart: str | None = None
    metric: str | None = None
    grain: str | None = None
    period: str | None = None

    @property
    def condition(self) -> str:
        """The filter as a condition in SQL on the parts."""
        wanted = {"mart": self.mart, "metric": self.metric, "period_grain": self.grain}
        conditions = [f"{column} = {quote_text(value)}" for column, value in wanted.items() if value]
        if self.period:
            conditions.append(f"cast(period_start as varchar) like {quote_text(self.period + '%')}")
        return " and ".join(conditions) or "true"


@dataclass(frozen=True)
class Difference:
    """Two releases, and a connection with what differs between them while it is open."""

    earlier: Release
    later: Release
    connection: duckdb.DuckDBPyConnection

    def causes(self, only: Filter) -> list[tuple]:
        """Return (cause, marts, figures that it changed, figures of closed periods among them), in order of causes."""
        return self._ask(
            f"select {_cause}, count(distinct mart), count(*), count(*) filter (where is_closed) "
            f"from {PARTS} where {only.condition} group by all order by min(step), 1"
        )

    def marts(self, only: Filter) -> list[tuple]:
        """Return (mart, metric, figures that differ, greatest difference), the marts in the order of their names."""
        return self._ask(
            f"""
            with whole as (
                select mart, metric, period_grain, period_start, member, sum(part) as whole
                from {PARTS} where {only.condition} group by all
            )
            select mart, metric, count(*), max(abs(whole)) from whole where whole <> 0 group by all order by all
            """
        )

    def figures(self, only: Filter, limit: int | None) -> list[tuple]:
        """Return (mart, period grain, begin, member, metric, before, after, cause, part), one row per part.

        The parts of a figure stand together, in the order of the causes; the figures that differ most come first.
        """
        limited = f"where place <= {int(limit)}" if limit is not None else ""
        return self._ask(
            f"""
            with figures as (
                select mart, period_grain, period_start, member, metric,
                    min_by(before, step) as first, max_by(after, step) as last, sum(part) as whole
                from {PARTS} where {only.condition} group by all
            ),
            ranked as (
                select *, row_number() over (
                    order by abs(whole) desc, mart, metric, period_grain, period_start, member
                ) as place from figures
            )
            select ranked.mart, ranked.period_grain, ranked.period_start, ranked.member, ranked.metric,
                ranked.first, ranked.last, {_cause}, parts.part
            from ranked
            inner join {PARTS} as parts
                on ranked.mart = parts.mart and ranked.metric = parts.metric
                and ranked.period_grain is not distinct from parts.period_grain
                and ranked.period_start is not distinct from parts.period_start
                and ranked.member is not distinct from parts.member
            {limited}
            order by ranked.place, parts.step
            """
        )

    def rows(self, limit: int | None) -> list[tuple]:
        """Return the source rows that differ: cause, entity, source, record, day, columns, place before and after."""
        limited = f"where place <= {int(limit)}" if limit is not None else ""
        return self._ask(
            f"""
            with ranked as (
                select *, row_number() over (partition by cause order by entity, source, record) as place
                from {CHANGED_ROWS}
            )
            select cause, entity, source, record, happened_on, changed_columns,
                batch_before || ' ' || file_before || ':' || line_before,
                batch_after || ' ' || file_after || ':' || line_after
            from ranked {limited} order by cause, entity, source, record
            """
        )

    def _ask(self, sql: str) -> list[tuple]:
        return self.connection.execute(sql).fetchall()


_cause = label_sql("cause", "is_closed")


@contextmanager
def difference(
    settings: Settings, earlier_id: str | None, later_id: str | None, tell: Callable[[str], None] = lambda _: None
) -> Iterator[Difference]:
    """Give what differs between two releases: by default between the current one and the one before it.

    The later one is built again beside the home's own warehouse. Raises ConfigError for a release that is not there or
    two in the wrong order, and what `reproduce` raises.
    """
    earlier, later = _two(settings, earlier_id, later_id)
    tell(f"from {earlier.id} to {later.id}")
    with rebuilt(settings, later.id, tell) as again:
        two = between(again.settings, again.plan, earlier, later.folder, later.manifest["code_version"])
        delivered = deliveries(list(again.plan.batches), inputs_of(earlier))
        with compared(again.settings.folders.database, two.models, delivered) as comparison:
            explain(comparison, two, closed_only=False)
            yield Difference(earlier, later, comparison.connection)


def _two(settings: Settings, earlier_id: str | None, later_id: str | None) -> tuple[Release, Release]:
    found = list_releases(settings.folders.releases)
    by_id = {release.id: release for release in found}
    for wanted in (earlier_id, later_id):
        if wanted is not None and wanted not in by_id:
            raise ConfigError(f"release {wanted!r}: is not there. Those there are: {', '.join(by_id) or 'none'}.")
    later = by_id[later_id] if later_id else next((release for release in found if release.is_current), None)
    if later is None:
        raise ConfigError(f"{settings.folders.releases}: nothing was published yet. Run: rapport run")
    before = [release for release in found if release.number < later.number]
    earlier = by_id[earlier_id] if earlier_id else next(iter(before), None)
    if earlier is None:
        raise ConfigError(f"There is no release before {later.id}: with one release there is nothing to compare.")
    if earlier.manifest["as_of"] > later.manifest["as_of"] or earlier.id == later.id:
        raise ConfigError(f"{earlier.id} is not earlier than {later.id}. Name the earlier release first.")
    return earlier, later
