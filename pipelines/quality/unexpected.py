"""Unexpected rows that are counted only where there are some. Importing this costs seconds: import it where needed."""

from typing import Any

from great_expectations.expectations.core import UnexpectedRowsExpectation
from great_expectations.validator.validator import ValidationDependencies

TYPE = "unexpected_rows_expectation"
_COUNT = "unexpected_rows_query.row_count"


class UnexpectedRows(UnexpectedRowsExpectation):
    """The expectation it extends runs every query twice: for the rows, of which it fetches 200, and for their count.

    Here they are counted by a query of their own only where the result is to show them, which is where there are some.
    """

    def get_validation_dependencies(self, *args: Any, **kwargs: Any) -> ValidationDependencies:
        """Return the metrics that the result format needs."""
        needed = super().get_validation_dependencies(*args, **kwargs)
        if needed.result_format["result_format"] != "COMPLETE":
            needed.remove_metric_configuration(_COUNT)
        return needed

    def _validate(self, metrics: dict, *args: Any, **kwargs: Any) -> Any:
        fetched = metrics["unexpected_rows_query.table"]
        return super()._validate({_COUNT: len(fetched), **metrics}, *args, **kwargs)
