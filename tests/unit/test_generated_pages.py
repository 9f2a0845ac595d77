"""The generated pages say what they were generated from."""

import re
from types import ModuleType

import pytest

from pipelines import contract_page, metrics_page, reports_page
from pipelines.paths import PROJECT

PAGES = {"contract.md": contract_page, "metrics.md": metrics_page, "reports.md": reports_page}


@pytest.mark.parametrize(("page", "module"), PAGES.items())
def test_a_page_says_what_its_source_says(page: str, module: ModuleType):
    written = (PROJECT / "docs" / page).read_text(encoding="utf-8")
    assert written == module.render(), f"docs/{page} is out of date: run make docs"


def test_every_metric_of_the_catalogue_is_on_the_page_with_the_marts_that_show_it():
    page = metrics_page.render()
    assert page.count("\n## ") == len(metrics_page.load_metrics()) + 1  # the parameters
    assert "rpt_sales_summary" in metrics_page.marts_by_metric()["revenue"]


def test_every_report_is_there_once_and_every_mart_is_in_a_report():
    reports = reports_page.load_reports()
    numbers = [report["report"] for report in reports]
    assert sorted(numbers) == sorted({f"R{number}" for number in range(1, 38)} | {"X17"})
    assert {mart for report in reports for mart in report["marts"]} == set(reports_page.load_marts())


def test_a_question_is_answered_from_a_mart_of_its_report():
    for report in reports_page.load_reports():
        assert set(re.findall(r"rpt_\w+", report["sql"])) <= set(report["marts"]), report["report"]
        assert "rpt_" in report["sql"], report["report"]


def test_the_page_says_the_grain_of_every_mart():
    grains = re.findall(r"^\* `rpt_\w+`: (.*)", reports_page.render(), flags=re.MULTILINE)
    assert grains
    assert all(grain.startswith("One row per ") for grain in grains)
