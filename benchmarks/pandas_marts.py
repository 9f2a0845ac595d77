"""Ten marts as one pandas program, straight from the source files: a few key measures of each, in every period.

What a careful analyst would write instead of a warehouse: it leaves out bad rows without saying which, keeps no
history and proves nothing. Money is in whole cents.
"""

from pathlib import Path

import click
import numpy as np
import pandas as pd

from benchmarks.pandas_clean import RULES, Cleaned, clean, day, of_periods, read
from benchmarks.steps import say

# mart: (its keys, its measures, those of them that are money)
MARTS: dict[str, tuple[list[str], list[str], set[str]]] = {
    "rpt_sales_summary": ([], ["revenue", "units", "orders"], {"revenue"}),
    "rpt_sales_by_product": (["product_line", "product"], ["revenue", "units", "orders"], {"revenue"}),
    "rpt_sales_by_channel": (["channel"], ["revenue", "orders"], {"revenue"}),
    "rpt_win_rate": (["measure"], ["won", "lost"], {"won", "lost"}),
    "rpt_lost_reasons": (["lost_reason", "competitor"], ["lost", "lost_amount"], {"lost_amount"}),
    "rpt_returns": (
        ["dimension", "member"],
        ["shipped_units", "returned_units", "returned_amount"],
        {"returned_amount"},
    ),
    "rpt_service_requests": (["kind", "category", "channel"], ["created"], set()),
    "rpt_interactions": (["kind"], ["interactions", "emails_sent"], set()),
    "rpt_lead_sources": (["channel", "campaign"], ["leads"], set()),
    "rpt_campaign_trend": (["campaign"], ["cost"], {"cost"}),
}
_NOT_SOLD = ("draft", "cancelled", "unavailable")
_UNKNOWN = "(unknown)"


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def main(source: Path, out: Path) -> None:
    """Compute the marts from the files in SOURCE and write them to OUT, a Parquet file each."""
    say("read", "files")
    raw = {entity: read(source, entity) for entity in [*RULES, "exchange_rate"]}
    say("compute", "marts")
    marts = compute(raw)
    say("write", "Parquet files")
    out.mkdir(parents=True, exist_ok=True)
    for name, mart in marts.items():
        mart.to_parquet(out / f"{name}.parquet", index=False)


def compute(raw: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the marts by name."""
    found: dict[str, Cleaned] = {name: clean(raw[name], RULES[name]) for name in ("account", "product", "campaign")}
    accounts = found["account"].known
    found["contact"] = clean(raw["contact"], RULES["contact"], {"account_id": accounts})
    found["lead"] = clean(raw["lead"], RULES["lead"], {"account_id": accounts})
    for name, parents in {
        "order": {"account_id": "account"},
        "order_line": {"order_id": "order"},
        "return_line": {"order_line_id": "order_line"},
        "opportunity": {"account_id": "account", "lead_id": "lead"},
        "ticket": {"account_id": "account", "order_id": "order"},
        "activity": {"account_id": "account"},
        "campaign_cost": {},
    }.items():
        found[name] = clean(raw[name], RULES[name], {column: found[p].known for column, p in parents.items()})
    rates = _Rates(raw["exchange_rate"])
    tests = set(found["account"].rows.loc[found["account"].rows["is_test"], "account_id"])
    lines = _lines(found, rates, tests)
    marts = _sales(lines, found, tests) | _deals(found, rates, tests)
    marts["rpt_returns"] = _returns(lines, found, rates)
    marts |= _contacts(found, tests) | _marketing(found, rates, tests)
    return {name: _summed(marts[name], name) for name in MARTS}


class _Rates:
    """What a unit of a currency is worth in euros on a day, in hundred-millionths."""

    def __init__(self, raw: pd.DataFrame) -> None:
        self._table = pd.DataFrame(
            {
                "currency": raw["from_currency"],
                "from": pd.to_datetime(raw["valid_from"]).astype("datetime64[us]"),
                "rate": (pd.to_numeric(raw["rate"]) * 1e8).round().astype("int64"),
            }
        ).sort_values("from")

    def of(self, currencies: pd.Series, days: pd.Series) -> pd.Series:
        """Return the rate of each row."""
        wanted = pd.DataFrame({"currency": currencies.fillna("EUR"), "on": days.astype("datetime64[us]")})
        wanted = wanted.sort_values("on", kind="stable")
        found = pd.merge_asof(wanted, self._table, left_on="on", right_on="from", by="currency")
        found.index = wanted.index
        return found["rate"].where(found["currency"] != "EUR", 10**8).reindex(currencies.index)


def _cents(exact: pd.Series, per_cent: int) -> pd.Series:
    """Round half away from zero: how many of `per_cent` go into each."""
    return np.sign(exact) * ((exact.abs() + per_cent // 2) // per_cent)


def _lines(found: dict[str, Cleaned], rates: _Rates, tests: set[str]) -> pd.DataFrame:
    """Order lines with their orders, worth in ten-thousandths of the currency and in cents of the euro."""
    lines = found["order_line"].rows.drop(columns=["is_test", "is_deleted", "source_updated_at"])
    lines = lines.merge(found["order"].rows, on="order_id", suffixes=("", "_of_order"))
    lines["ordered_on"] = day(lines["ordered_at"])
    products = found["product"].rows[["product_id", "product_line"]].rename(columns={"product_id": "product"})
    lines = lines.merge(products, how="left", left_on="product_id", right_on="product")
    lines[["product", "product_line"]] = lines[["product", "product_line"]].fillna(_UNKNOWN)
    worth = lines["quantity"] * lines["unit_price"] - lines["discount_amount"].fillna(0)
    lines["worth"] = (worth * 10_000).round().astype("int64")
    lines["is_sold"] = ~(lines["is_test"] | lines["account_id"].isin(tests) | lines["status"].isin(_NOT_SOLD))
    lines["shipped_on"] = day(lines["shipped_at"].fillna(lines["delivered_at"]).fillna(lines["ordered_at"]))
    lines = lines.sort_values(["order_id", "order_line_id"])
    # an order is rounded once: its lines get the differences of the rounded running sum
    lines["exact"] = lines["worth"] * rates.of(lines["currency"], lines["ordered_on"])
    until = _cents(lines.groupby("order_id")["exact"].cumsum(), 10**10)
    lines["revenue"] = until - until.groupby(lines["order_id"]).shift(fill_value=0)
    return lines


def _sales(lines: pd.DataFrame, found: dict[str, Cleaned], tests: set[str]) -> dict[str, pd.DataFrame]:
    sold = lines[lines["is_sold"]]
    sums = sold.groupby("order_id")[["revenue", "quantity"]].sum().rename(columns={"quantity": "units"})
    orders = found["order"].rows
    orders = orders[~(orders["is_test"] | orders["account_id"].isin(tests) | orders["status"].isin(_NOT_SOLD))]
    orders = orders.merge(sums, how="left", left_on="order_id", right_index=True)
    orders[["revenue", "units"]] = orders[["revenue", "units"]].fillna(0)
    orders = orders.assign(happened_on=day(orders["ordered_at"]), channel=orders["channel"].fillna(_UNKNOWN), orders=1)
    columns = ["happened_on", "channel", "revenue", "units", "orders"]
    by_product = sold.assign(happened_on=sold["ordered_on"], units=sold["quantity"])
    # an order counts once for each of its products, in each period
    by_product["orders"] = (~by_product.duplicated(["order_id", "product"])).astype(int)
    kept = ["happened_on", "product_line", "product", "revenue", "units", "orders"]
    return {
        "rpt_sales_summary": orders[columns],
        "rpt_sales_by_channel": orders[columns],
        "rpt_sales_by_product": by_product[kept],
    }


def _returns(lines: pd.DataFrame, found: dict[str, Cleaned], rates: _Rates) -> pd.DataFrame:
    shipped = lines[lines["is_sold"] & lines["status"].isin(("shipped", "delivered"))]
    back = found["return_line"].rows.merge(shipped, on="order_line_id", suffixes=("", "_of_line"))
    part = back["quantity"] * back["worth"] / back["quantity_of_line"] / 100
    exact = (back["amount"] * 100).fillna(np.floor(part + 0.5 + 1e-6)).round().astype("int64")
    back["returned_amount"] = _cents(exact * rates.of(back["currency"], day(back["returned_at"])), 10**8)
    events = pd.concat(
        [
            shipped.assign(shipped_units=shipped["quantity"], returned_units=0, returned_amount=0),
            back.assign(shipped_units=0, returned_units=back["quantity"]),
        ]
    )
    events["channel"] = events["channel"].fillna(_UNKNOWN)
    members = {"all": "(all)", "product_line": events["product_line"], "product": events["product"]}
    members["channel"] = events["channel"]
    measures = ["shipped_units", "returned_units", "returned_amount"]
    events = events.assign(happened_on=events["shipped_on"])
    return pd.concat(
        [events.assign(dimension=name, member=of)[["happened_on", "dimension", "member", *measures]]
         for name, of in members.items()]
    )  # fmt: skip


def _deals(found: dict[str, Cleaned], rates: _Rates, tests: set[str]) -> dict[str, pd.DataFrame]:
    deals = found["opportunity"].rows
    deals = deals[~(deals["is_test"] | deals["account_id"].isin(tests))]
    deals = deals[deals["outcome"].isin(("won", "lost")) & deals["closed_at"].notna()]
    deals = deals.assign(happened_on=day(deals["closed_at"]))
    cents = (deals["amount"] * 100).round()
    deals["cents"] = _cents(cents.fillna(0).astype("int64") * rates.of(deals["currency"], deals["happened_on"]), 10**8)
    counted = [deals.assign(measure="count", value=100), deals.assign(measure="amount", value=deals["cents"])]
    both = pd.concat(counted)
    for outcome in ("won", "lost"):
        both[outcome] = both["value"].where(both["outcome"] == outcome, 0)
    lost = deals[deals["outcome"] == "lost"]
    lost = lost.assign(lost=1, lost_amount=lost["cents"])
    for name in ("lost_reason", "competitor"):
        lost[name] = lost[name].str.strip().replace("", None).fillna(_UNKNOWN)
    return {"rpt_win_rate": both, "rpt_lost_reasons": lost}


def _contacts(found: dict[str, Cleaned], tests: set[str]) -> dict[str, pd.DataFrame]:
    contacts = found["contact"].rows.set_index("contact_id")["account_id"]
    orders = found["order"].rows.set_index("order_id")
    tickets = found["ticket"].rows
    tickets = tickets[~tickets["order_id"].isin(found["order"].deleted)]
    of_order = tickets["order_id"].map(orders["account_id"])
    account = tickets["account_id"].fillna(tickets["contact_id"].map(contacts)).fillna(of_order)
    is_test_order = orders["is_test"] | orders["account_id"].isin(tests)
    is_test = tickets["is_test"] | account.isin(tests) | tickets["order_id"].isin(orders.index[is_test_order])
    tickets = tickets[~is_test].assign(created=1)
    tickets["happened_on"] = day(tickets["created_at"])
    for name in ("kind", "category", "channel"):
        tickets[name] = tickets[name].fillna(_UNKNOWN)
    deals = found["opportunity"].rows.set_index("opportunity_id")
    leads = found["lead"].rows.set_index("lead_id")
    done = found["activity"].rows
    own = done["account_id"].fillna(done["contact_id"].map(contacts))
    gone = done["opportunity_id"].isin(found["opportunity"].deleted) | done["lead_id"].isin(found["lead"].deleted)
    account = own.fillna(done["opportunity_id"].map(deals["account_id"])).fillna(
        done["lead_id"].map(leads["account_id"])
    )
    is_test = done["is_test"] | account.isin(tests)
    is_test |= done["opportunity_id"].isin(deals.index[deals["is_test"]])
    is_test |= done["lead_id"].isin(leads.index[leads["is_test"]])
    done = done[~is_test & ~(gone & own.isna())].assign(interactions=1)
    done["happened_on"] = day(done["occurred_at"])
    done["emails_sent"] = ((done["kind"] == "email") & (done["direction"].fillna("out") == "out")).astype(int)
    return {"rpt_service_requests": tickets, "rpt_interactions": done}


def _marketing(found: dict[str, Cleaned], rates: _Rates, tests: set[str]) -> dict[str, pd.DataFrame]:
    campaigns = found["campaign"].rows["campaign_id"]
    leads = found["lead"].rows
    leads = leads[~(leads["is_test"] | leads["account_id"].isin(tests))].assign(leads=1)
    leads["happened_on"] = day(leads["created_at"])
    leads["channel"] = leads["channel"].fillna(_UNKNOWN)
    costs = found["campaign_cost"].rows
    costs = costs[~costs["is_test"]]
    costs = costs.assign(happened_on=costs["spent_on"])
    cents = (costs["amount"] * 100).round().astype("int64")
    costs["cost"] = _cents(cents * rates.of(costs["currency"], costs["spent_on"]), 10**8)
    for rows in (leads, costs):
        rows["campaign"] = rows["campaign_id"].where(rows["campaign_id"].isin(campaigns), _UNKNOWN)
    return {"rpt_lead_sources": leads, "rpt_campaign_trend": costs}


def _summed(events: pd.DataFrame, mart: str) -> pd.DataFrame:
    keys, measures, _ = MARTS[mart]
    events = of_periods(events[["happened_on", *keys, *measures]], "happened_on")
    return events.groupby(["period_grain", "period_start", *keys], as_index=False)[measures].sum()


if __name__ == "__main__":
    main()
