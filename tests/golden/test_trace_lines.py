"""A traced figure ends at lines of the source files whose own text, read and added up here again, makes the figure."""

import csv
import functools
import gzip
import json
import shutil
from collections import defaultdict
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import ConfigError, RapportError
from pipelines.trace.model import Line, Part, Trace
from pipelines.trace.selection import Wanted
from pipelines.trace.trace import find_release, trace
from tests.support import ask, one, rapport

pytestmark = pytest.mark.xdist_group("demo")
CENT = Decimal("0.01")


def traced(home: Path, mart: str, column: str, where: str, landing: Path | None = None) -> Trace:
    release = find_release(home / "releases", None)
    return trace(release, landing or home / "landing", mart, column, Wanted(where))


def largest(home: Path, mart: str, column: str, members: str, grain: str = "month") -> str:
    """The condition for the cell of a mart in which a figure is largest."""
    found = ask(
        home,
        f"select period_start, {members} from marts.{mart} where period_grain = '{grain}' and {column} is not null "
        f"and not contains(concat({members}), '(unknown)') order by {column} desc, all limit 1".replace(", all", ""),
    )
    (start, *values) = found[0]
    named = " and ".join(f"{name} = '{value}'" for name, value in zip(members.split(", "), values, strict=True))
    return f"period_grain = '{grain}' and period_start = '{start}' and {named}"


@functools.cache
def source_lines(file: Path) -> list[str]:
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8-sig", newline="") as text:
        return text.read().splitlines()


def source_row(home: Path, line: Line) -> dict[str, str]:
    """What the source file itself says at a line, by the names of its header."""
    lines = source_lines(home.parent / "demo" / "source" / line.file)
    delimiter = max(",;\t", key=lines[0].count)
    header, values = csv.reader([lines[0], lines[line.line - 1]], delimiter=delimiter)
    return dict(zip(header, values, strict=True))


def source_rows(home: Path, part: Part) -> list[dict[str, str]]:
    """The rows of the source files that a part ends at; each line is there once."""
    lines = [line for row in part.rows for line in row.lines]
    assert lines, "no line of a source was found"
    assert len({(line.file, line.line) for line in lines}) == len(lines)
    return [source_row(home, line) for line in lines]


def rates(part: Part) -> list[Decimal]:
    return [row.context["exchange_rate"] for row in part.rows]


def revenue(home: Path, part: Part) -> Decimal:
    """Lines at the rate of their order, and each order rounded once."""
    orders = defaultdict(Decimal)
    for row, rate in zip(source_rows(home, part), rates(part), strict=True):
        worth = Decimal(row["quantity"]) * Decimal(row["unit_price"]) - Decimal(row["discount_amount"] or 0)
        orders[row["order_id"]] += worth * rate
    return sum(order.quantize(CENT, ROUND_HALF_UP) for order in orders.values())


def total(column: str) -> Callable[[Path, Part], Decimal]:
    return lambda home, part: sum(Decimal(row[column]) for row in source_rows(home, part))


def converted(home: Path, part: Part) -> Decimal:
    pairs = zip(source_rows(home, part), rates(part), strict=True)
    return sum((Decimal(row["amount"]) * rate).quantize(CENT, ROUND_HALF_UP) for row, rate in pairs)


def number(home: Path, part: Part) -> int:
    return len(source_rows(home, part))


# mart, figure, members of the cell, what the files say
FIGURES = [
    ("rpt_sales_by_region", "revenue", "country, province", revenue),
    ("rpt_sales_by_channel", "revenue", "channel", revenue),
    ("rpt_sales_by_product", "units", "product_line, product", total("quantity")),
    ("rpt_lead_sources", "leads", "channel, campaign", number),
    ("rpt_customer_satisfaction", "mean_score_numerator", "survey_kind, dimension", total("score")),
    ("rpt_receivables", "due", "age_bucket", converted),
    ("rpt_sales_cost", "cost", "channel", converted),
    ("rpt_interactions", "interactions", "kind", number),
]


@pytest.mark.parametrize(("mart", "column", "members", "says"), FIGURES, ids=[row[0] for row in FIGURES])
def test_the_lines_of_the_source_files_make_the_figure(demo_home, mart, column, members, says):
    where = largest(demo_home, mart, column, members)
    found = traced(demo_home, mart, column, where)
    assert not found.problems
    assert found.figure == one(demo_home, f"select {column} from marts.{mart} where {where}")
    (part,) = found.parts
    assert says(demo_home, part) == found.figure > 0


def test_the_rows_of_a_member_are_the_members_own(demo_home):
    found = traced(demo_home, *(mart := ("rpt_interactions", "meetings")), largest(demo_home, *mart, "kind"))
    assert {row["kind"] for row in source_rows(demo_home, found.parts[0])} == {"meeting"}


def test_a_customer_counts_once_however_many_orders_there_are(demo_home):
    where = "period_grain = 'year' and period_start = '2025-01-01'"
    found = traced(demo_home, "rpt_sales_summary", "customers", where)
    (part,) = found.parts
    assert sum(row.value for row in part.rows) == found.figure < len(part.rows)
    assert not found.problems


def test_a_ratio_is_traced_by_both_its_parts(demo_home):
    where = "period_grain = 'quarter' and period_start = '2025-04-01'"
    found = traced(demo_home, "rpt_sales_summary", "average_order_value", where)
    sold, orders = found.parts
    assert found.figure == pytest.approx(float(revenue(demo_home, sold)) / number(demo_home, orders), rel=1e-12)


def test_every_line_that_is_in_no_figure_is_shown_in_its_year_or_counted(demo_home):
    excluded, listed = set(), []
    for (start,) in ask(demo_home, "select period_start from marts.rpt_sales_summary where period_grain = 'year'"):
        where = f"period_grain = 'year' and period_start = '{start}'"
        (part,) = traced(demo_home, "rpt_sales_summary", "revenue", where).parts
        excluded |= {(line.line, line.reason) for line in part.excluded if line.record}
        listed += [line for line in part.excluded if line.record is None]
    lines = "select line, reason from audit.exclusions where entity = 'order_line' and reason"
    assert excluded == set(ask(demo_home, f"{lines} not in ('deleted', 'duplicate')"))
    gone = ask(demo_home, f"{lines} in ('deleted', 'duplicate')")
    rejected = ask(
        demo_home,
        "select line from audit.quarantine where entity = 'order_line' and reason_code <> 'duplicate_key'",
    )
    assert len(listed) + sum(part.undated.values()) == len(gone) + len(rejected) > len(listed) > 0


def test_a_line_that_was_changed_after_it_was_landed_is_noticed(demo_home, tmp_path):
    landing = tmp_path / "landing"
    shutil.copytree(demo_home / "landing", landing)
    where = largest(demo_home, "rpt_sales_by_region", "revenue", "country, province")
    line = traced(demo_home, "rpt_sales_by_region", "revenue", where).parts[0].rows[0].lines[0]
    (file,) = landing.glob(f"*/*/order_line/{line.batch}/rows.parquet")
    file.parent.chmod(0o755)
    file.chmod(0o644)
    with duckdb.connect() as connection:
        connection.execute("create table rows as select * from read_parquet(?)", [str(file)])
        connection.execute("update rows set unit_price = '1000000' where _line = ?", [line.line])
        connection.execute(f"copy rows to '{file}' (format parquet)")
    (tmp_path / "releases").symlink_to((demo_home / "releases").resolve())
    done = rapport(
        *("trace", "--config", demo_home.parent / "rapport.yml", "--home", tmp_path),
        *("rpt_sales_by_region", "--metric", "revenue", "--where", where),
    )
    assert done.returncode == 3
    assert f"order_line {line.record}: its lines are worth" in done.stderr


def test_a_missing_batch_is_named(demo_home, tmp_path):
    with pytest.raises(RapportError, match=r"batch 000001-\w+ of demo/order_line is missing.*backup"):
        traced(
            demo_home, "rpt_sales_summary", "revenue", "period_grain = 'year' and period_start = '2025-01-01'", tmp_path
        )


def test_the_condition_can_reach_no_file(demo_home):
    with pytest.raises(ConfigError, match="cannot be answered"):
        traced(
            demo_home, "rpt_sales_summary", "revenue", "period_grain in (select content from read_text('/etc/passwd'))"
        )


def test_a_condition_for_several_rows_says_what_tells_them_apart(demo_home):
    with pytest.raises(ConfigError, match=r"rows match; .*\n  channel: .*web_shop"):
        traced(demo_home, "rpt_sales_by_channel", "revenue", "period_grain = 'month' and period_start = '2025-06-01'")


def test_the_command_gives_json_with_lines_and_without_personal_values(demo_home):
    done = rapport(
        *("trace", "--config", demo_home.parent / "rapport.yml", "rpt_lead_sources", "--metric", "conversion_rate"),
        *("--where", largest(demo_home, "rpt_lead_sources", "leads", "channel, campaign"), "--format", "json"),
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    converted_leads, leads = found["parts"]
    assert found["figure"] == len(converted_leads["rows"]) / len(leads["rows"])
    assert found["metric"]["name_zh"] == "线索转化率"
    line = leads["rows"][0]["lines"][0]
    assert line["file"] == "lead.csv.gz"
    assert not {"name", "company", "email", "phone"} & line["raw"].keys()


def test_the_command_shows_rows_lines_and_their_sum(demo_home):
    where = largest(demo_home, "rpt_sales_by_region", "revenue", "country, province")
    named = ("trace", "--config", demo_home.parent / "rapport.yml", "rpt_sales_by_region", "--metric", "revenue")
    shown = rapport(*named, "--where", where, "--limit", "1")
    assert shown.returncode == 0, shown.stderr
    figure = one(demo_home, f"select revenue from marts.rpt_sales_by_region where {where}")
    for part in (f": {figure} reporting currency", "revenue (销售额)", "order_line.csv:", "quantity=", "more rows"):
        assert part in shown.stdout
    listed = rapport(*named, "--where", where, "--format", "csv")
    rows = [row for row in csv.DictReader(listed.stdout.splitlines()) if row["state"] == "counted"]
    assert sum(Decimal(row["value"]) for row in rows) == figure
    assert sum(Decimal(row["line_value"]) + Decimal(row["rounding"]) for row in rows) == figure


def test_what_is_empty_on_purpose_says_so(demo_home):
    where = "period_grain = 'year' and period_start = '2025-01-01' and kind = 'call'"
    with pytest.raises(
        ConfigError, match=r"open_rate is empty in this row on purpose; it is known where kind = 'email'"
    ):
        traced(demo_home, "rpt_interactions", "open_rate", where)


def test_a_row_that_no_release_can_trace_says_why(demo_home):
    named = largest(demo_home, "rpt_sales_by_segment", "revenue", "product_line, segment_kind, segment", "year")
    line, band = ask(
        demo_home,
        "select product_line, segment from marts.rpt_sales_by_segment where segment_kind = 'age_band' "
        "and period_grain = 'year' and period_start = '2025-01-01' limit 1",
    )[0]
    members = f"product_line = '{line}' and segment_kind = 'age_band' and segment = '{band}'"
    with pytest.raises(ConfigError, match="birth dates"):
        traced(
            demo_home,
            "rpt_sales_by_segment",
            "revenue",
            f"{members} and period_start = '2025-01-01' and period_grain = 'year'",
        )
    assert not traced(demo_home, "rpt_sales_by_segment", "revenue", named).problems


def test_the_rounding_of_the_lines_is_that_of_the_reconciliation(demo_home):
    start, rounding = ask(
        demo_home,
        "select period, rounding from audit.reconciliation where metric = 'revenue' and source = '(all)' "
        "order by abs(rounding) desc limit 1",
    )[0]
    where = f"period_grain = 'month' and period_start = '{start}'"
    (part,) = traced(demo_home, "rpt_sales_summary", "revenue", where).parts
    # the reconciliation says what rounding took, the trace what it added
    assert sum(row.rounding for row in part.rows) == -rounding != 0
