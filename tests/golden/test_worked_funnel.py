"""Worked numbers of funnel, win rate and cycle, from raw files to the published marts."""

import csv
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support import ask, one, rapport

pytestmark = pytest.mark.xdist_group("worked_funnel")

CONFIG = """
company: {{name: Example, currency: EUR, time_zone: Europe/Berlin}}
home: {home}
as_of: 2026-01-01T00:00:00
sources:
  - {{name: crm, system: generic, kind: files, location: {source}}}
"""
DECLARED = {
    "article": ("first contact", "visit", "offer", "won", "lost"),
    "rules": ("contact", "demo", "offer", "won", "lost"),
}
NEGOTIATION = {"pipeline": "digital", "stage": "negotiation", "channel": "web marketing", "amount": "1000000"}
BEGUN = datetime(2025, 1, 6, 9)


class Crm:
    """A CRM whose deals enter one stage a day, the first on the day they were created, at nine in the morning UTC."""

    def __init__(self) -> None:
        self.deals: list[dict] = []
        self.log: list[dict] = []

    def deal(self, pipeline: str, *path: str, **columns: str) -> None:
        """Add a deal with the stages it enters; it is closed if the last of them is won or lost."""
        name = f"D{len(self.deals):04}"
        end = path[-1] if path[-1] in ("won", "lost") else "open"
        moments = [BEGUN + timedelta(days=day) for day in range(len(path))]
        self.deals.append(
            {
                "opportunity_id": name,
                "pipeline": pipeline,
                "stage": path[-1],
                "outcome": end,
                "created_at": instant(BEGUN),
                "closed_at": "" if end == "open" else instant(moments[-1]),
                **columns,
            }
        )
        for number, (before, moment, stage) in enumerate(zip(["", *path], moments, path, strict=False)):
            self.log.append(
                {
                    "change_id": f"{name}-{number}",
                    "opportunity_id": name,
                    "changed_at": instant(moment),
                    "from_stage": before,
                    "to_stage": stage,
                }
            )

    def write(self, folder: Path) -> None:
        """Write the files of a source."""
        folder.mkdir(parents=True)
        stages = [
            {"pipeline": pipeline, "stage": stage, "position": place, "kind": stage if place > 3 else "open"}
            for pipeline, names in DECLARED.items()
            for place, stage in enumerate(names, start=1)
        ]
        for name, rows in {"stage": stages, "opportunity": self.deals, "opportunity_stage_change": self.log}.items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(rows)


def instant(moment: datetime) -> str:
    return f"{moment.isoformat()}Z"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    crm = Crm()
    for path, count in {
        ("first contact", "lost"): 80,
        ("first contact", "visit", "lost"): 18,
        ("first contact", "visit", "offer", "lost"): 1,
        ("first contact", "visit", "offer", "won"): 1,
    }.items():
        for _ in range(count):
            crm.deal("article", *path)
    crm.deal(NEGOTIATION["pipeline"], "negotiation", channel="web marketing", amount=NEGOTIATION["amount"])
    crm.deal("rules", "contact", "offer")
    crm.deal("rules", "contact", "demo", "contact", "demo", "lost", lost_reason="price", amount="100")
    crm.deal("rules", "contact", "lost", "contact", "won", amount="300")
    crm.deal("rules", "contact", "trial", "demo")
    folder = tmp_path_factory.mktemp("worked_funnel")
    crm.write(folder / "source")
    config = folder / "rapport.yml"
    config.write_text(CONFIG.format(home=folder / "home", source=folder / "source"), encoding="utf-8")
    done = rapport("run", "--config", config)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "home"


def funnel(home: Path, pipeline: str, columns: str) -> list[tuple]:
    return ask(
        home,
        f"select stage, {columns} from marts.rpt_sales_funnel where period_grain = 'year' and pipeline = '{pipeline}' "
        "order by stage_position nulls last",
    )


def test_the_funnel_of_the_article(home):
    """100 contacts, 20 visits, 2 offers, 1 won: "won" is no step, so it has no rate."""
    assert funnel(
        home, "article", "reached, advanced, lost, still_open, conversion_rate, loss_rate, is_bottleneck"
    ) == [
        ("first contact", 100, 20, 80, 0, 0.2, 0.8, False),
        ("visit", 20, 2, 18, 0, 0.1, 0.9, True),
        ("offer", 2, 1, 1, 0, 0.5, 0.5, False),
        ("won", 1, None, None, None, None, None, False),
    ]


def test_the_funnel_of_the_article_overall(home):
    """One in a hundred is won, by stages as by win rate."""
    reached = dict(funnel(home, "article", "reached"))
    assert reached["won"] / reached["first contact"] == 0.01
    won = "select count(*) filter (where outcome = 'won') / count(*) from core.fct_opportunities"
    assert one(home, f"{won} where pipeline = 'article'") == 0.01


def test_one_deal_of_web_marketing_in_negotiation_is_there_once(home):
    rows = ask(
        home,
        "select channel, stage, count(*), sum(amount) from core.fct_opportunity_spans "
        "where is_current and is_open and pipeline = 'digital' group by channel, stage",
    )
    assert rows == [("web marketing", "negotiation", 1, Decimal("1000000.00"))]
    assert funnel(home, "digital", "stage_position, reached, still_open") == [("negotiation", None, 1, 1)]


def test_stages_that_are_skipped_gone_back_to_and_undeclared(home):
    """The first deal skips the demo, the second does it twice, the third is won, the fourth passes through a trial."""
    assert funnel(home, "rules", "reached, advanced, lost, still_open, median_days") == [
        ("contact", 4, 4, 0, 0, 1.5),
        ("demo", 4, 2, 1, 1, 2.0),
        ("offer", 2, 1, 0, 1, None),
        ("won", 1, None, None, None, None),
        ("trial", 1, 1, 0, 0, 1.0),
    ]


def test_a_reopened_deal_counts_by_its_last_closing(home):
    """It was lost and is won: there are the 99 losses of the article, and the one for its price."""
    reasons = "select lost_reason, lost, lost_amount from marts.rpt_lost_reasons where period_grain = 'year'"
    assert ask(home, f"{reasons} order by lost") == [("price", 1, 100), ("(unknown)", 99, 0)]
    cycle = "select won, median_days, open_count from marts.rpt_sales_cycle where period_grain = 'year'"
    assert ask(home, f"{cycle} and pipeline = 'rules'") == [(1, 3.0, 2)]


def test_amounts_that_are_not_known_are_in_neither_part_of_the_win_rate(home):
    """Two wins, of which one has an amount, and a hundred losses, of which one has."""
    rows = ask(
        home,
        "select measure, won, lost, win_rate, without_amount from marts.rpt_win_rate "
        "where period_grain = 'year' and basis = 'period' order by measure",
    )
    assert rows == [("amount", 300, 100, 0.75, 100), ("count", 2, 100, 2 / 102, 0)]


def test_a_cohort_that_is_too_young_has_no_rate(home):
    """The youngest deal of the year may be of December 31st: only the cohort of January is 180 days old."""
    ages = "select age_days, win_rate from marts.rpt_win_rate where basis = 'cohort' and measure = 'count' and "
    january = f"period_grain = 'month' and period_start = date '{date(2025, 1, 1)}' order by age_days"
    assert ask(home, f"{ages} {january}") == [(30, 2 / 105), (90, 2 / 105), (180, 2 / 105), (365, None)]
    assert ask(home, f"{ages} period_grain = 'year' order by age_days") == [
        (30, None),
        (90, None),
        (180, None),
        (365, None),
    ]
