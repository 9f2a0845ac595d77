"""Every report answers its question on the demo company."""

import pytest

from pipelines.reports_page import load_reports
from tests.support import ask

pytestmark = pytest.mark.xdist_group("demo")


@pytest.mark.parametrize("report", load_reports(), ids=lambda report: report["report"])
def test_a_report_answers_its_question(demo_home, report):
    rows = ask(demo_home, report["sql"])
    assert rows
    figures = list(zip(*rows, strict=True))
    assert all(any(value is not None for value in column) for column in figures), "a column without any figure"
