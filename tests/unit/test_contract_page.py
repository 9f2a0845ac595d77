from pipelines.contract_page import render
from pipelines.paths import PROJECT


def test_the_page_says_what_the_contract_says():
    page = PROJECT / "docs" / "contract.md"
    assert page.read_text(encoding="utf-8") == render(), "docs/contract.md is out of date: run make docs"
