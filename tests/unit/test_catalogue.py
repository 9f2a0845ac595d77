"""What is published is described: every table says its grain, every column its meaning, every figure its definition."""

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import duckdb
import pytest
import yaml

from pipelines.paths import DBT_PROJECT, EXPECTATIONS
from pipelines.quality.store import store_verdict
from pipelines.quality.verdict import Verdict
from pipelines.sources.catalog import load_contract

LAYERS = ("core", "marts", "audit", "meta")
MEASURELESS_UNITS = {"text", "local date", "UTC instant", "boolean"}
DERIVED = re.compile(r"_(previous|last_year|growth|growth_yoy|numerator|denominator)$")
PERIODIC = re.compile(r"_(previous|last_year|growth|growth_yoy)$")


def documents(folder: Path) -> Iterator[dict]:
    for file in sorted(folder.rglob("*.yml")):
        yield yaml.safe_load(file.read_text(encoding="utf-8")) or {}


@cache
def described(*layers: str) -> dict[str, dict]:
    """The models and seeds of the layers that have columns in YAML, by name."""
    folders = [DBT_PROJECT / "models" / layer for layer in layers]
    if "meta" in layers:
        folders.append(DBT_PROJECT / "seeds")
    found = {}
    for folder in folders:
        for document in documents(folder):
            for node in [*document.get("models", []), *document.get("seeds", [])]:
                found[node["name"]] = node
    return found


def columns(*layers: str) -> list:
    return [
        pytest.param(column, id=f"{name}.{column['name']}")
        for name, model in described(*layers).items()
        for column in model["columns"]
    ]


def meta(node: dict) -> dict:
    return node.get("config", {}).get("meta", {})


@cache
def metrics() -> dict[str, dict]:
    with (DBT_PROJECT / "seeds" / "metrics.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def metric_of(column: dict) -> str:
    return meta(column).get("metric") or DERIVED.sub("", column["name"])


def measures() -> list:
    return [param for param in columns("marts") if meta(param.values[0])["unit"] not in MEASURELESS_UNITS]


def test_every_model_of_a_published_layer_is_described():
    files = {file.stem for layer in LAYERS for file in (DBT_PROJECT / "models" / layer).rglob("*.sql")}
    assert files == set(described(*LAYERS)) - {"metrics"}
    assert files >= {"rpt_sales_summary", "fct_orders", "row_ledger", "columns"}


@pytest.mark.parametrize("name", described(*LAYERS))
def test_a_description_begins_with_the_grain(name: str):
    assert described(*LAYERS)[name]["description"].startswith("One row per ")


@pytest.mark.parametrize("name", described("intermediate"))
def test_an_intermediate_description_begins_with_the_grain(name: str):
    assert described("intermediate")[name]["description"].startswith("One row per ")


@pytest.mark.parametrize("name", sorted(described("core", "marts", "audit", "meta").keys() - {"metrics"}))
def test_the_types_of_a_published_model_are_a_contract(name: str):
    assert described(*LAYERS)[name]["config"]["contract"] == {"enforced": True}


@pytest.mark.parametrize("column", columns(*LAYERS))
def test_a_column_has_a_meaning_a_type_a_unit_and_a_class_of_personal_data(column: dict):
    assert column["description"].strip().endswith(".")
    assert column["data_type"].strip()
    assert meta(column)["unit"].strip()
    assert meta(column)["personal"] in {"none", "indirect", "direct"}


@pytest.mark.parametrize("column", columns(*LAYERS))
def test_nothing_published_names_a_person(column: dict):
    assert meta(column)["personal"] != "direct"


@pytest.mark.parametrize("column", columns("restricted"))
def test_a_restricted_column_is_described_like_any_other(column: dict):
    assert column["description"].strip().endswith(".")
    assert column["data_type"].strip()
    assert meta(column)["personal"] in {"none", "indirect", "direct"}


def test_every_direct_column_of_the_contract_is_in_the_restricted_edition():
    tables = {"account": "customer_person", "contact": "contact_person", "lead": "lead_person", "user": "user_person"}
    texts = (DBT_PROJECT / "models" / "restricted" / "texts.sql").read_text(encoding="utf-8")
    for entity, rules in load_contract().items():
        for column in rules.get("direct", []):
            if entity in tables:
                names = {one["name"] for one in described("restricted")[tables[entity]]["columns"]}
                assert column in names, f"{entity}.{column}"
            else:
                assert re.search(rf"\('{entity}', '\w+', '{column}'\)", texts), f"{entity}.{column}"


@pytest.mark.parametrize("entity", load_contract())
def test_every_column_of_the_contract_has_one_class_of_personal_data(entity: str):
    rules = load_contract()[entity]
    classed = [column for name in ("direct", "indirect", "none") for column in rules.get(name, [])]
    assert sorted(classed) == sorted(rules["columns"])


def test_columns_that_the_contract_calls_direct_are_not_published_for_people():
    project = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    contract = project["vars"]["contract"]
    published = {
        "account": ["dim_customer"],
        "user": ["dim_user"],
        "lead": ["fct_leads"],
        "opportunity": ["fct_opportunities"],
        "survey_response": ["fct_survey_responses"],
        "ticket": ["fct_tickets"],
        "activity": ["fct_activities"],
        "contact": [],
        "report_decision": [],
        "competitor_observation": ["fct_competitor_observations"],
        "project": ["dim_project"],
        "project_task": ["fct_project_tasks"],
    }
    assert {entity for entity, rules in contract.items() if rules.get("direct")} == set(published)
    for entity, models in published.items():
        for model in models:
            names = {column["name"] for column in described("core")[model]["columns"]}
            assert not names & set(contract[entity]["direct"]), model


@pytest.mark.parametrize("column", measures())
def test_a_figure_of_a_mart_is_a_metric_with_a_definition(column: dict):
    assert metric_of(column) in metrics()


@pytest.mark.parametrize("column", [param for param in measures() if not DERIVED.search(param.id)])
def test_a_figure_has_the_unit_of_its_metric(column: dict):
    assert meta(column)["unit"] == metrics()[metric_of(column)]["unit"]


@pytest.mark.parametrize("column", [param for param in measures() if PERIODIC.search(param.id)])
def test_a_comparison_says_what_an_incomplete_period_is_compared_with(column: dict):
    assert "incomplete" in column["description"]
    assert "elapsed days" in column["description"]


@pytest.mark.parametrize("name", described("marts"))
def test_a_ratio_stands_with_both_of_its_parts(name: str):
    names = {column["name"] for column in described("marts")[name]["columns"]}
    for part in (one for one in names if one.endswith(("_numerator", "_denominator"))):
        ratio = DERIVED.sub("", part)
        assert {ratio, f"{ratio}_numerator", f"{ratio}_denominator"} <= names


@pytest.mark.parametrize("metric", metrics().values(), ids=metrics().keys())
def test_a_definition_is_complete(metric: dict):
    fields = ("name", "name_zh", "definition", "formula", "grain", "date_role", "population", "unit", "adds_up")
    assert tuple(metric) == fields
    assert all(metric[field].strip() for field in fields)
    assert re.search(r"[\u4e00-\u9fff]", metric["name_zh"])


def test_names_of_metrics_are_unique_in_both_languages():
    with (DBT_PROJECT / "seeds" / "metrics.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["name"] for row in rows}) == len({row["name_zh"] for row in rows}) == len(rows)


@pytest.mark.parametrize("name", described("marts"))
def test_a_mart_says_its_report_and_what_it_is_made_from(name: str):
    about = meta(described("marts")[name])
    assert re.fullmatch(r"[RMX]\d+", about["report"])
    assert about["report"] in described("marts")[name]["description"]
    assert about["entities"] or about["optional_entities"]
    assert not set(about["entities"]) & set(about.get("optional_entities", []))


@pytest.mark.parametrize("name", [*described("marts"), *described("audit"), *described("meta")])
def test_a_mart_a_ledger_and_a_catalogue_have_expectations(name: str):
    suite = yaml.safe_load((EXPECTATIONS / f"{name}.yml").read_text(encoding="utf-8"))
    layer = next(layer for layer in ("marts", "audit", "meta") if name in described(layer))
    assert suite["table"] == f"{layer}.{name}"


def test_the_verdict_is_described_as_it_is_written(tmp_path: Path):
    database = tmp_path / "marts.duckdb"
    duckdb.connect(str(database)).close()
    store_verdict(database, Verdict(()))
    with duckdb.connect(str(database), read_only=True) as connection:
        written = connection.execute(
            "select column_name, replace(lower(data_type), 'varchar', 'string'), comment from duckdb_columns() "
            "where table_name = 'verdict' order by column_index"
        ).fetchall()
    (source,) = [one for document in documents(DBT_PROJECT / "models" / "audit") for one in document.get("sources", [])]
    (table,) = source["tables"]
    assert written == [(column["name"], column["data_type"], column["description"]) for column in table["columns"]]
