"""The demo company with many branches: each is the small company once more, and what is known grows with them."""

import json
import os
import subprocess
import sys
from collections import Counter, namedtuple
from dataclasses import fields, replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.demo import branches, large_files
from pipelines.demo.answers import known_answers
from pipelines.demo.answers_at_size import answers_at_size
from pipelines.demo.branches import OF_THE_COMPANY, REPEATED, Block, blocks_of, carried
from pipelines.demo.company import build_company
from pipelines.demo.deliveries import ensure_large
from pipelines.demo.model import ENTITIES, Company, columns_of, plural, rows_of
from pipelines.demo.size import Size, of_size
from pipelines.demo.spoil import SpoiltCompany, spoil
from pipelines.demo.write import ensure_demo
from pipelines.errors import ConfigError, RapportError

SEED, SCALE = 7, 0.05
BRANCHES, ACTIVITIES = 3, 8  # copies of all activities of a branch: 3 + 3 + 2
REFERENCES = {
    "account_id": "account",
    "contact_id": "contact",
    "lead_id": "lead",
    "opportunity_id": "opportunity",
    "order_id": "order",
    "order_line_id": "order_line",
    "invoice_id": "invoice",
    "ticket_id": "ticket",
    "campaign_id": "campaign",
    "product_id": "product",
    "project_id": "project",
}


def quiet(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def small() -> SpoiltCompany:
    return spoil(build_company(SEED, SCALE))


@pytest.fixture(scope="module")
def folder(small: SpoiltCompany, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("branches") / "demo"
    orders, activities = len(small.rows["order"]) * 2 + 1, len(small.rows["activity"]) * ACTIVITIES
    ensure_large(place, orders, activities, seed=SEED, scale=SCALE, progress=quiet)
    return place


@pytest.fixture(scope="module")
def answers(folder: Path) -> dict:
    return json.loads((folder / "known_answers.json").read_text(encoding="utf-8"))


def rows(folder: Path, sql: str) -> list[tuple]:
    """Ask the files: {entity} is its Parquet file."""
    names = {entity: f"'{folder}/source/{entity}.parquet'" for entity in REPEATED}
    with duckdb.connect() as connection:
        return connection.execute(sql.format(**names)).fetchall()


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


# The files.


def test_every_table_is_delivered_in_one_format_only(folder: Path, answers: dict):
    found = sorted(path.name for path in (folder / "source").iterdir())
    assert sorted(name for names in answers["files"].values() for name in names) == found
    assert {e: n for e, n in answers["files"].items() if len(n) > 1} == {
        "order_line": ["order_line.malformed.csv", "order_line.parquet"]
    }
    assert all(answers["files"][entity][-1] == f"{entity}.parquet" for entity in REPEATED)


def test_there_are_as_many_rows_as_are_told(folder: Path, answers: dict, small: SpoiltCompany):
    for entity in ENTITIES:
        times = 1 if entity in OF_THE_COMPANY else ACTIVITIES if entity == "activity" else BRANCHES
        assert answers["rows_read"][entity] == len(small.rows[entity]) * times, entity
    for entity in REPEATED:
        malformed = BRANCHES * (entity == "order_line")
        assert (
            pq.read_metadata(folder / "source" / f"{entity}.parquet").num_rows + malformed
            == (answers["rows_read"][entity])
        )
    size = answers["size"]
    assert (size["branches"], size["orders"]) == (BRANCHES, BRANCHES * len(small.rows["order"]))
    assert size["rows"] == sum(answers["rows_read"].values())


def test_the_first_branch_is_the_small_company(folder: Path, small: SpoiltCompany):
    for entity in REPEATED:
        whole = [row.values for row in small.rows[entity] if len(row.values) == len(columns_of(entity))]
        names = ", ".join(f"coalesce({name}, '')" for name in columns_of(entity))
        first = rows(folder, f"select {names} from {{{entity}}} limit {len(whole)}")
        assert first == whole, entity


def test_every_other_branch_is_it_too_but_for_the_marks(folder: Path, small: SpoiltCompany):
    """The whole files, written a second time row by row."""
    for entity in REPEATED:
        names = columns_of(entity)
        whole = [row.values for row in small.rows[entity] if len(row.values) == len(names)]
        expected = [
            tuple(carried(entity, name, value, block) for name, value in zip(names, values, strict=True))
            for block in blocks_of(entity, BRANCHES, ACTIVITIES)
            for values in whole
        ]
        found = rows(folder, f"select {', '.join(f'''coalesce({name}, '')''' for name in names)} from {{{entity}}}")
        assert found == expected, entity


def test_what_carries_the_branch():
    block = Block(7)
    assert carried("order", "order_id", "O000001", block) == "O000001-7"
    assert carried("order", "opportunity_id", "", block) == ""
    assert carried("order", "channel", "web_shop", block) == "web_shop"
    assert carried("order", "campaign_id", "CMP-01", block) == "CMP-01"
    assert carried("account", "email", " Person1@example.com ", block) == " Person1-7@example.com "
    assert carried("account", "phone", "+49 30 23125001", block) == "+49 30 23125001-7"
    assert carried("ticket_event", "to_value", "Q00012", block) == "Q00012-7"
    assert carried("ticket_event", "to_value", "solved", block) == "solved"
    assert carried("activity", "activity_id", "K00001", Block(7, 2)) == "K00001-7.2"
    assert carried("activity", "account_id", "A00001", Block(7, 2)) == "A00001-7"
    assert carried("cost", "project_id", "J01", Block(0)) == "J01"
    assert carried("cost", "project_id", "J01", block) == ""


def test_activities_are_spread_evenly():
    blocks = list(blocks_of("activity", 3, 8))
    assert Counter(block.branch for block in blocks) == {0: 3, 1: 3, 2: 2}
    assert len(set(blocks)) == 8
    assert len(list(blocks_of("order", 3, 8))) == 3


def test_ids_are_as_unique_as_in_the_small_company(folder: Path, small: SpoiltCompany):
    for entity in REPEATED:
        key = columns_of(entity)[0]
        times = ACTIVITIES if entity == "activity" else BRANCHES
        once = {row.values[0] for row in small.rows[entity] if row.values[0] and len(row.values) > 1}
        malformed = sum(len(row.values) != len(columns_of(entity)) for row in small.rows[entity])
        ((found,),) = rows(folder, f"select count(distinct {key}) from {{{entity}}}")
        assert found == times * (len(once) - malformed), entity


def test_references_lead_where_they_led_in_the_small_company(folder: Path, small: SpoiltCompany):
    """Each to a row of its own branch, or, where a row was spoilt, to none."""
    for entity in REPEATED:
        times = ACTIVITIES if entity == "activity" else BRANCHES
        for column in set(columns_of(entity)[1:]) & REFERENCES.keys():
            parent = REFERENCES[column]
            if parent in OF_THE_COMPANY:
                continue
            known = {r.values[0] for r in small.rows[parent] if len(r.values) == len(columns_of(parent))}
            place = columns_of(entity).index(column)
            whole = [r.values for r in small.rows[entity] if len(r.values) == len(columns_of(entity))]
            lost = sum(bool(values[place]) and values[place] not in known for values in whole)
            there = f"select {column} from {{{parent}}} where {column} is not null"
            ((strangers, foreign),) = rows(
                folder,
                f"select count(*) filter ({column} not in ({there})), "
                f"count(*) filter (split_part(split_part({column}, '-', 2), '.', 1) "
                f"<> split_part(split_part({columns_of(entity)[0]}, '-', 2), '.', 1)) from {{{entity}}}",
            )
            assert (strangers, foreign) == (times * lost, 0), (entity, column)


def test_branches_share_no_customer(folder: Path, small: SpoiltCompany):
    """Counted as identity compares: e-mails without case and space, numbers by their digits, phones with the name."""
    keys = (
        "lower(trim(email))",
        "nullif(regexp_replace(tax_id, '[^A-Za-z0-9]', '', 'g'), '')",
        "nullif(regexp_replace(phone, '[^0-9]', '', 'g'), '') || name",
    )
    number = "split_part(account_id, '-', 2)"
    for key in keys:
        shared = (
            f"select {key} from {{account}} where {key} is not null group by all having count(distinct {number}) > 1"
        )
        assert rows(folder, shared) == []
        one, every = rows(
            folder, f"select count(distinct {key}) filter ({number} = ''), count(distinct {key}) from {{account}}"
        )[0]
        assert every == BRANCHES * one > 0


def test_the_same_company_gives_the_same_bytes_in_another_process(folder: Path, tmp_path: Path, small: SpoiltCompany):
    orders, activities = len(small.rows["order"]) * 2 + 1, len(small.rows["activity"]) * ACTIVITIES
    code = (
        "import sys; from pathlib import Path; from pipelines.demo.deliveries import ensure_large; "
        f"ensure_large(Path(sys.argv[1]), {orders}, {activities}, seed={SEED}, scale={SCALE})"
    )
    environment = os.environ | {"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "LC_ALL": "C", "OMP_NUM_THREADS": "1"}
    there = tmp_path / "there"
    subprocess.run([sys.executable, "-c", code, str(there)], check=True, env=environment, capture_output=True)
    assert content(folder) == content(there)


def test_no_more_than_a_group_of_rows_is_in_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small):
    """However many branches there are, what is written at once is as large as is set."""
    monkeypatch.setattr(branches, "GROUP_ROWS", 1_000)
    ensure_large(tmp_path / "demo", 20 * len(small.rows["order"]), seed=SEED, scale=SCALE, progress=quiet)
    for entity in REPEATED:
        metadata = pq.read_metadata(tmp_path / "demo" / "source" / f"{entity}.parquet")
        groups = [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
        assert max(groups) <= max(1_000, len(small.rows[entity])), entity
    assert len(groups) > 0


# What is known.


def bought(folder: Path) -> list[tuple]:
    """Orders and lines by status, added up from the files alone."""
    return rows(
        folder,
        """
        select orders.status, count(distinct orders.order_id),
            sum(try_cast(quantity as decimal(18, 4)) * try_cast(unit_price as decimal(18, 4))
                - coalesce(try_cast(discount_amount as decimal(18, 4)), 0))
        from {order} as orders inner join {order_line} as lines on orders.order_id = lines.order_id
        group by all order by all
        """,
    )


def test_sums_are_those_of_one_branch_times_the_branches(folder: Path, tmp_path: Path):
    ensure_large(tmp_path / "one", seed=SEED, scale=SCALE, progress=quiet)
    one = bought(tmp_path / "one")
    assert bought(folder) == [(status, BRANCHES * orders, BRANCHES * amount) for status, orders, amount in one]
    for sql in ("select count(*) from {ticket}", "select sum(cast(amount as decimal(18, 2))) from {campaign_cost}"):
        assert rows(folder, sql)[0][0] == BRANCHES * rows(tmp_path / "one", sql)[0][0]


def test_counts_of_orders_are_those_in_the_files(folder: Path, answers: dict):
    tests = "select account_id from {account} where is_test = 'true'"
    known = "select account_id from {account}"
    found = rows(
        folder,
        "select status, count(*) from {order} where is_test = 'false' and is_deleted = 'false' "
        f"and account_id not in ({tests}) and account_id in ({known}) and status <> 'teleported' "
        "and try_cast(ordered_at as timestamp) is not null group by all order by all",
    )
    assert dict(found) == answers["orders_by_status"]


def test_rows_that_are_quarantined_are_there_in_each_branch(folder: Path, answers: dict):
    counts = answers["quarantine"]["counts"]
    ((found,),) = rows(folder, "select count(*) from {activity} where kind = 'telepathy'")
    assert found == ACTIVITIES == counts["activity"]["bad_choice"]
    ((found,),) = rows(folder, "select count(*) from {order_line} where try_cast(unit_price as double) is null")
    assert found == BRANCHES == counts["order_line"]["bad_decimal"]
    lines = (folder / "source" / "order_line.malformed.csv").read_text(encoding="utf-8").splitlines()
    width = len(columns_of("order_line"))
    assert [len(line.split(",")) for line in lines] == [width] + [width - 1] * BRANCHES
    assert len({line.split(",")[0] for line in lines}) == 1 + BRANCHES
    assert counts["order_line"]["wrong_field_count"] == BRANCHES
    assert counts["target"]["bad_choice"] == 1
    listed = [row for row in answers["quarantine"]["rows"] if row["entity"] == "order" and row["key"]]
    for row in listed:
        ((key,),) = rows(folder, f"select order_id from {{order}} limit 1 offset {row['line'] - 1}")
        assert key == row["key"]


def test_every_answer_is_what_a_company_multiplied_row_by_row_has(small: SpoiltCompany):
    """The rules of growth, held against the answers worked out from all rows of all branches."""
    size = Size(BRANCHES, ACTIVITIES)
    big = SpoiltCompany({}, multiplied_by_hand(small.good))
    expected = known_answers(big)
    with of_size(size):
        one = known_answers(SpoiltCompany({}, branches.multiplied(small.good, BRANCHES)))
    found, unknown = answers_at_size(one, size)
    wanted = dict(leaves(expected))
    wrong = {p: (value, wanted.get(p)) for p, value in leaves(found) if value != wanted.get(p, "nothing")}
    assert {path: pair for path, pair in wrong.items() if path[:2] != ("customers", "merged")} == {}
    assert found.keys() == one.keys() - {"rows_read", "quarantine"}
    assert unknown.keys() - {"rows_read", "quarantine"} == {
        "customer_classes: abc_class",
        "customer_profiles: abc_class",
        "customer_segments: abc|*",
        "sales_by_segment: abc|*",
        "customer_journeys: steps",
    }


def leaves(value: object, path: tuple = ()):
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inner is None:
        yield path, value
    else:
        for key, one in inner:
            yield from leaves(one, (*path, key))


def multiplied_by_hand(company: Company) -> Company:
    """The company of all branches, row by row in plain Python."""
    found = {}
    for entity in ENTITIES:
        once = rows_of(company, entity)
        if entity in OF_THE_COMPANY:
            found[plural(entity)] = rows_of(branches.multiplied(company, BRANCHES), entity)
            continue
        blocks = blocks_of(entity, BRANCHES, ACTIVITIES)
        found[plural(entity)] = tuple(marked(entity, row, block) for block in blocks for row in once)
    return Company(**found)


def marked(entity: str, row, block: Block):
    texts = {f.name: getattr(row, f.name) for f in fields(row) if isinstance(getattr(row, f.name), str)}
    return replace(row, **{name: carried(entity, name, text, block) or None for name, text in texts.items()})


def test_an_answer_that_nobody_has_said_how_it_grows_is_not_known():
    found, unknown = answers_at_size({"weather": {"2025": 4}}, Size(2, 2))
    assert found == {}
    assert list(unknown) == ["weather"]


def test_one_branch_has_all_answers_of_the_small_company(tmp_path: Path):
    one = ensure_large(tmp_path / "one", seed=SEED, scale=SCALE, progress=quiet).answers
    ensure_demo(tmp_path / "small", seed=SEED, scale=SCALE)
    same = json.loads((tmp_path / "small" / "known_answers.json").read_text(encoding="utf-8"))
    assert one["not_known_at_this_size"] == {}
    assert {k: one[k] for k in same.keys() - {"stamp", "files", "quarantine"}} == {
        k: same[k] for k in same.keys() - {"stamp", "files", "quarantine"}
    }
    assert one["quarantine"]["counts"] == same["quarantine"]["counts"]


# The folder, and the command.


def test_sizes_take_each_others_place_and_other_files_stay(tmp_path: Path, small: SpoiltCompany):
    folder = ensure_demo(tmp_path / "demo", SEED, SCALE)
    before = content(folder)
    (folder / "source" / "notes.txt").write_text("mine", encoding="utf-8")
    ensure_large(folder, 2 * len(small.rows["order"]), nights=1, seed=SEED, scale=SCALE, progress=quiet)
    assert not (folder / "source" / "order.csv").exists()
    assert (folder / "nights" / "1").is_dir()
    ensure_demo(folder, SEED, SCALE)
    assert content(folder) == before | {"source/notes.txt": b"mine"}


def test_a_complete_company_is_left_alone_and_an_incomplete_one_is_completed(tmp_path: Path):
    done = ensure_large(tmp_path / "demo", seed=SEED, scale=SCALE, progress=quiet)
    before = content(done.folder)
    told: list[str] = []
    ensure_large(done.folder, seed=SEED, scale=SCALE, progress=told.append)
    assert told == []
    (done.folder / "source" / "lead.parquet").unlink()
    ensure_large(done.folder, seed=SEED, scale=SCALE, progress=told.append)
    assert content(done.folder) == before
    assert told[0].startswith("Writing 1 branch: ")
    assert done.bytes == sum(len(c) for name, c in before.items() if name.startswith("source/"))


def test_fewer_activities_than_there_are_anyway_are_refused(small: SpoiltCompany, tmp_path: Path):
    with pytest.raises(ConfigError, match="activities anyway"):
        ensure_large(tmp_path / "demo", activities=1, seed=SEED, scale=SCALE)


def test_a_disk_that_is_too_small_is_refused_before_anything_is_written(monkeypatch, tmp_path: Path):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(large_files.shutil, "disk_usage", lambda _: usage(10, 9, 1))
    with pytest.raises(RapportError, match="1 bytes are free there"):
        ensure_large(tmp_path / "deep" / "demo", seed=SEED, scale=SCALE, progress=quiet)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--orders", "0"], "'0' is not a whole number above 0"),
        (["--orders", "-5"], "'-5' is not a whole number above 0"),
        (["--orders", "many"], "'many' is not a whole number above 0. Write it like 100000 or 10_000_000."),
        (["--orders", "10_00"], "'10_00' is not a whole number above 0"),
        (["--orders", "1.5"], "'1.5' is not a whole number above 0"),
        (["--nights", "0"], "0 is not in the range 1<=x<=31"),
        (["--night", "1", "--orders", "5"], "--night delivers what is there"),
    ],
)
def test_what_the_command_cannot_do_is_said_plainly(tmp_path: Path, arguments: list[str], said: str):
    done = CliRunner().invoke(cli, ["demo", "--folder", str(tmp_path / "demo"), *arguments])
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_said_so(tmp_path: Path):
    (tmp_path / "demo").write_text("mine", encoding="utf-8")
    with pytest.raises(RapportError, match="is a file; the demo needs a folder"):
        ensure_large(tmp_path / "demo", 10, seed=SEED, scale=SCALE)


@pytest.mark.parametrize("written", ["8001", "8_001", "8,001"])
def test_the_command_says_what_it_wrote(tmp_path: Path, written: str, monkeypatch: pytest.MonkeyPatch):
    asked = []

    def pretend(folder, orders, activities, nights, progress):
        asked.append((orders, activities, nights))
        raise RapportError("enough")

    monkeypatch.setattr("pipelines.demo.deliveries.ensure_large", pretend)
    CliRunner().invoke(cli, ["demo", "--folder", str(tmp_path / "demo"), "--orders", written])
    assert asked == [(8001, None, 0)]
