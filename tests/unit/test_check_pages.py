"""The pages of the checks: complete, the same every time, safe to open, and without personal data."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import ProofError
from pipelines.paths import Home
from pipelines.quality.ledgers import exact
from pipelines.quality.pages import WITHHELD, About, write_pages
from pipelines.quality.store import store_verdict
from pipelines.quality.verdict import Check, Verdict, unanswered
from pipelines.releases.candidate import export_parquet
from pipelines.releases.catalog import current_release
from pipelines.releases.publish import publish
from pipelines.releases.refused import CANDIDATE_FILE, QUARANTINE_FILE, keep_refused

ABOUT = About("r1", "2026-01-01 00:00", "0.1.0+abc", 3)
SOUND = Check(
    "marts.sales.sound", "marts.sales", "Every sale is sound.", True, True, "0 rows", "no rows from: select 1"
)
LEDGER = Check("audit.row_ledger.zero", "audit.row_ledger", "Nothing is lost.", True, True, "0 of 2 values unexpected")


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    folder = tmp_path / "releases" / ".candidate-r1"
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{folder / 'marts.duckdb'}' as candidate")
        connection.execute(
            """
            use candidate;
            create schema marts; create schema audit;
            create table marts.sales as select 1 as revenue;
            comment on table marts.sales is 'One row per <day>.';
            create table audit.row_ledger as
            select 'shop' as source, 'order' as "table", '000001-a' as batch, 10 as "read", 7 as conformed,
                1 as superseded, 0 as deleted, 2 as quarantined, 0 as difference
            union all select 'shop', 'order', '000002-b', 1234, 1233, 0, 0, 0, 1;
            create table audit.quarantine as
            select 'shop' as source, 'order' as "table", 'bad_date' as reason_code, 'ordered_on' as "column"
            from range(2);
            """
        )
    return folder


class _Page(HTMLParser):
    """What a browser would load, and the links between pages."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.links, self.open = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def pages(candidate: Path, *checks: Check) -> dict[str, str]:
    write_pages(candidate, Verdict(tuple(checks)), ABOUT)
    return {file.name: file.read_text(encoding="utf-8") for file in (candidate / "checks").iterdir()}


def test_every_check_of_every_table_is_on_its_page_in_words(candidate):
    found = pages(candidate, LEDGER, SOUND)
    assert set(found) == {"index.html", "001-audit.row_ledger.html", "002-marts.sales.html"}
    assert "Proven" in found["index.html"]
    assert "All 2 checks were answered" in found["index.html"]
    assert "Every sale is sound." in found["002-marts.sales.html"]
    assert "no rows from: select 1" in found["002-marts.sales.html"]
    assert "One row per &lt;day&gt;." in found["002-marts.sales.html"]


def test_pages_are_whole_and_need_nothing_but_each_other(candidate):
    found = pages(candidate, LEDGER, SOUND)
    for text in found.values():
        page = _Page(text)
        assert page.open == []
        assert not page.tags & {"script", "link", "img", "iframe"}
        assert set(page.links) <= set(found)
        assert "url(" not in text
        assert '<meta name="viewport"' in text
    assert set(_Page(found["index.html"]).links) == set(found) - {"index.html"}


def test_the_same_verdict_gives_the_same_bytes(candidate):
    assert pages(candidate, SOUND, LEDGER) == pages(candidate, LEDGER, SOUND)


def test_what_failed_comes_first_with_its_rows_and_without_a_verdict_of_proven(candidate):
    rows = ({"order_id": "o<1>", "difference": 3}, {"order_id": "o2", "difference": None, "note": "late"})
    bad = replace(SOUND, passed=False, observed="2 rows", rows=rows)
    silent = unanswered("marts.sales.other", "marts.sales", "It is another.", "Binder Error: no column <x>")
    index = pages(candidate, LEDGER, bad, silent)["index.html"]
    assert "2 of 3 checks failed or gave no answer" in index
    assert "Proven" not in index
    assert index.index("Every sale is sound.") < index.index("To the cent")
    assert "o&lt;1&gt;" in index
    assert "o<1>" not in index
    assert "No answer, so it counts as failed: Binder Error: no column &lt;x&gt;" in index
    assert "2 of 2 failed" in index


def test_a_verdict_without_checks_is_not_called_proven(candidate):
    assert "Proven" not in pages(candidate)["index.html"]


def test_values_of_personal_columns_are_on_no_page(candidate):
    row = {"account_id": "a1", "Email": "ada@example.com", "name": "Ada", "phone": "030 123"}
    bad = replace(SOUND, passed=False, rows=(row,))
    stray = Check(
        "audit.quarantine.x", "audit.quarantine", "No leak.", False, True, rows=({"value": "Ada", "line": 7},)
    )
    text = "".join(pages(candidate, bad, stray).values())
    assert "ada@example.com" not in text
    assert "Ada" not in text
    assert "030 123" not in text
    assert "a1" in text
    assert WITHHELD in text


def test_ledgers_add_up_the_batches_of_a_table_and_mark_a_difference(candidate):
    index = pages(candidate, SOUND)["index.html"]
    cells = re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", index[index.index("shop.order") - 20 :])[:8]
    assert cells == ["shop.order", "1", "1,244", "1,240", "1", "0", "2", "2"]
    assert '<td class="off">1</td>' in index
    assert "bad_date" in index


def test_a_ledger_that_is_not_there_is_said_to_be_missing(candidate):
    index = pages(candidate, SOUND)["index.html"]
    assert index.count("This ledger cannot be shown") == 2


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("select 1234.5::decimal(38, 12)", "1,234.50"),
        ("select 0::decimal(38, 12)", "0"),
        ("select -0.005::decimal(38, 12)", "-0.005"),
        ("select 7::decimal(38, 12)", "7"),
        ("select 1234567", "1,234,567"),
        ("select true", "yes"),
        ("select null", ""),
    ],
)
def test_no_digit_of_an_amount_is_rounded_away(sql, shown):
    with duckdb.connect() as connection:
        assert exact(connection.execute(sql).fetchone()[0]) == shown


def ready(candidate: Path, verdict: Verdict) -> Path:
    store_verdict(candidate / "marts.duckdb", verdict)
    export_parquet(candidate)
    write_pages(candidate, verdict, ABOUT)
    return candidate


def test_pages_are_published_sealed_and_named_by_the_manifest(candidate):
    ready(candidate, Verdict((SOUND,)))
    publish(candidate, candidate.parent, {"release_id": "r1", "number": 1}, keep=3)
    release = current_release(candidate.parent)
    assert {"checks/index.html", "checks/001-marts.sales.html"} < set(release.manifest["files"])
    assert (release.folder / "checks" / "index.html").stat().st_mode & 0o222 == 0


def test_a_page_that_belongs_to_no_check_is_not_published(candidate):
    ready(candidate, Verdict((SOUND,)))
    (candidate / "checks" / "002-marts.other.html").write_text("all is well", encoding="utf-8")
    with pytest.raises(ProofError, match=r"002-marts\.other\.html"):
        publish(candidate, candidate.parent, {"release_id": "r1", "number": 1}, keep=3)


def test_of_a_refused_candidate_pages_and_quarantine_are_kept_until_the_next(candidate, tmp_path):
    home = Home(tmp_path)
    ready(candidate, Verdict((replace(SOUND, passed=False),)))
    (home.refused).mkdir(parents=True)
    (home.refused / "of_an_earlier_one").touch()
    index = keep_refused(candidate, home, "r1")
    assert "Refused" in index.read_text(encoding="utf-8")
    assert {file.name for file in home.refused.iterdir()} == {"checks", "verdict.json", QUARANTINE_FILE, CANDIDATE_FILE}
    (count,) = duckdb.sql(f"select count(*) from '{home.refused / QUARANTINE_FILE}'").fetchone()
    assert count == 2
