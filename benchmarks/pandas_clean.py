"""Reading the demo company's files with pandas, and leaving out what cannot be used: a script's own rules, no SQL."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

ZONE = "Europe/Berlin"
_SEMICOLONS = {"campaign", "campaign_cost"}


@dataclass(frozen=True)
class Rules:
    """What a row of an entity has to have to be used."""

    key: str
    required: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    allowed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    not_negative: tuple[str, ...] = ()


RULES = {
    "account": Rules("account_id", allowed={"account_type": ("person", "organisation")}),
    "contact": Rules("contact_id"),
    "campaign": Rules("campaign_id"),
    "product": Rules("product_id", numbers=("unit_cost", "list_price"), not_negative=("unit_cost", "list_price")),
    "order": Rules(
        "order_id",
        required=("account_id", "ordered_at", "status"),
        times=("ordered_at", "shipped_at", "delivered_at"),
        allowed={"status": ("draft", "confirmed", "shipped", "delivered", "cancelled", "unavailable")},
    ),
    "order_line": Rules(
        "order_line_id",
        required=("order_id", "quantity", "unit_price"),
        numbers=("quantity", "unit_price", "discount_amount", "tax_amount", "unit_cost", "shipping_amount"),
        not_negative=("unit_cost",),
    ),
    "return_line": Rules(
        "return_id",
        required=("order_line_id", "returned_at", "quantity"),
        numbers=("quantity", "amount"),
        times=("returned_at",),
        not_negative=("quantity",),
    ),
    "opportunity": Rules(
        "opportunity_id",
        required=("created_at", "outcome"),
        numbers=("amount",),
        times=("created_at", "closed_at"),
        allowed={"outcome": ("open", "won", "lost")},
    ),
    "lead": Rules(
        "lead_id",
        required=("created_at",),
        times=("created_at",),
        allowed={"status": ("new", "working", "qualified", "converted", "disqualified")},
    ),
    "ticket": Rules(
        "ticket_id",
        required=("status", "created_at"),
        times=("created_at",),
        allowed={
            "kind": ("question", "incident", "request", "complaint"),
            "status": ("new", "open", "pending", "on_hold", "solved", "closed"),
        },
    ),
    "activity": Rules(
        "activity_id",
        required=("kind", "occurred_at"),
        numbers=("duration_seconds",),
        times=("occurred_at", "opened_at", "replied_at"),
        allowed={"kind": ("email", "call", "meeting", "chat", "visit", "other"), "direction": ("in", "out")},
        not_negative=("duration_seconds",),
    ),
    "campaign_cost": Rules(
        "cost_id",
        required=("spent_on", "amount"),
        numbers=("amount",),
        dates=("spent_on",),
    ),
}


@dataclass(frozen=True)
class Cleaned:
    """The rows of an entity that can be used; `deleted` and `known` are ids that others may still refer to."""

    rows: pd.DataFrame
    deleted: set[str]
    known: set[str]


def read(source: Path, entity: str) -> pd.DataFrame:
    """Return the file of an entity as text, NA where nothing is written. Lines that are no rows are left out."""
    file = next(file for file in sorted(source.glob(f"{entity}.*")) if ".malformed" not in file.name)
    if file.suffix == ".parquet":
        return pd.read_parquet(file)
    if file.suffix == ".jsonl":
        rows = pd.read_json(file, lines=True, dtype=str)
        return rows.where(rows.notna() & (rows != "None"), None)
    delimiter = ";" if entity in _SEMICOLONS else ","
    return pd.read_csv(file, sep=delimiter, dtype=str, keep_default_na=False, na_values=[""], on_bad_lines="skip")


def clean(rows: pd.DataFrame, rules: Rules, references: dict[str, set[str]] | None = None) -> Cleaned:
    """Return the newest sound row of every key, typed: money and quantities as floats, instants as local time."""
    rows = rows[rows[rules.key].notna()].drop_duplicates()
    for name in ("source_updated_at", "is_deleted", "is_test"):
        if name not in rows:
            rows[name] = None
    rows = rows.sort_values("source_updated_at", na_position="first", kind="stable")
    is_twice = rows.duplicated([rules.key, "source_updated_at"], keep=False)
    rows, contradicted = rows[~rows.duplicated(rules.key, keep="last")].copy(), set(rows.loc[is_twice, rules.key])
    rows["is_test"] = rows["is_test"].eq("true")
    is_deleted = rows["is_deleted"].eq("true")
    is_sound = ~rows[rules.key].isin(contradicted)
    for name in rules.required:
        is_sound &= rows[name].notna()
    for name in rules.allowed:
        is_sound &= rows[name].isna() | rows[name].isin(rules.allowed[name])
    for name in rules.numbers:
        is_sound &= _typed(rows, name, pd.to_numeric(rows[name], errors="coerce"))
    for name in rules.not_negative:
        is_sound &= rows[name].isna() | (rows[name] >= 0)
    for name in rules.times:
        instants = pd.to_datetime(rows[name], format="ISO8601", utc=True, errors="coerce")
        is_sound &= _typed(rows, name, instants.dt.tz_convert(ZONE).dt.tz_localize(None))
    for name in rules.dates:
        is_sound &= _typed(rows, name, pd.to_datetime(rows[name], format="%Y-%m-%d", errors="coerce"))
    for name, known in (references or {}).items():
        is_sound &= rows[name].isna() | rows[name].isin(known)
    deleted = set(rows.loc[is_deleted, rules.key])
    used = rows[is_sound & ~is_deleted]
    return Cleaned(used, deleted, deleted | set(used[rules.key]))


def day(moments: pd.Series) -> pd.Series:
    """Return the day of each moment."""
    return moments.dt.normalize()


def of_periods(events: pd.DataFrame, on: str) -> pd.DataFrame:
    """Return the events once for each grain of period, with `period_grain` and `period_start`."""
    days = events[on]
    starts = {
        "day": days,
        "week": days - pd.to_timedelta(days.dt.weekday, unit="D"),
        "month": days.dt.to_period("M").dt.start_time,
        "quarter": days.dt.to_period("Q").dt.start_time,
        "year": days.dt.to_period("Y").dt.start_time,
    }
    parts: Iterable[pd.DataFrame] = (
        events.assign(period_grain=grain, period_start=start) for grain, start in starts.items()
    )
    return pd.concat(parts, ignore_index=True)


def _typed(rows: pd.DataFrame, name: str, values: pd.Series) -> pd.Series:
    """Put the typed values into the column; return whether each was one, or nothing was written."""
    is_valid = rows[name].isna() | values.notna()
    rows[name] = values
    return is_valid
