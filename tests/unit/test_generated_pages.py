"""The generated pages say what they were generated from."""

from types import ModuleType

import pytest

from pipelines import contract_page, metrics_page
from pipelines.paths import PROJECT


@pytest.mark.parametrize(("page", "module"), [("contract.md", contract_page), ("metrics.md", metrics_page)])
def test_a_page_says_what_its_source_says(page: str, module: ModuleType):
    written = (PROJECT / "docs" / page).read_text(encoding="utf-8")
    assert written == module.render(), f"docs/{page} is out of date: run make docs"


def test_every_metric_of_the_catalogue_is_on_the_page_with_the_marts_that_show_it():
    page = metrics_page.render()
    assert page.count("\n## ") == len(metrics_page.load_metrics()) + 1  # the parameters
    assert "rpt_sales_summary" in metrics_page.marts_by_metric()["revenue"]
