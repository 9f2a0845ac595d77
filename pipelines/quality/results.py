"""What Great Expectations answered, as a check."""

from typing import Any

from pipelines.quality.suites import QUERY, Declared
from pipelines.quality.verdict import MAX_ROWS, Check

_LONGEST = 500


def to_check(declared: Declared, answer: Any) -> Check:
    """Return the check that `answer` (an ExpectationValidationResult, or None for no answer) gives `declared`."""
    if answer is None:
        return declared.unanswered("gave no answer.")
    errors = raised(answer.exception_info)
    if errors:
        return declared.unanswered(" | ".join(errors))
    result = answer.result or {}
    return Check(
        name=declared.name,
        subject=declared.table,
        says=declared.says,
        passed=answer.success is True,
        evaluated=True,
        observed=_observed(declared, result),
        expected=declared.expected,
        rows=() if answer.success is True else _rows(declared, result),
    )


def raised(info: Any) -> list[str]:
    """Return the distinct messages of the exceptions in `info`, however deep: it may be one, or one per metric."""
    if not isinstance(info, dict):
        return []
    if "raised_exception" in info:
        return [in_short(info.get("exception_message") or "an exception without a message")] * bool(
            info["raised_exception"]
        )
    return list(dict.fromkeys(message for inner in info.values() for message in raised(inner)))


def in_short(error: Any) -> str:
    """Return the first lines of an error, without the query and the traceback that follow them."""
    text = str(error).split("[SQL:")[0].split("Traceback")[0].strip()
    return " ".join(text.split())[:_LONGEST] or type(error).__name__


def _observed(declared: Declared, result: dict) -> str:
    if QUERY in declared.kwargs:
        return f"{result.get('observed_value')} rows"
    if "unexpected_count" in result:
        return f"{result['unexpected_count']} of {result.get('element_count')} values unexpected"
    return str(result["observed_value"])[:_LONGEST] if "observed_value" in result else ""


def _rows(declared: Declared, result: dict) -> tuple[dict[str, Any], ...]:
    """Whole rows where there are some, else the values that failed under the names of their columns."""
    rows = (result.get("details") or {}).get("unexpected_rows") or result.get("partial_unexpected_index_list")
    if not rows:
        rows = [_named(declared, value) for value in result.get("partial_unexpected_list") or []]
    return tuple(dict(row) for row in rows[:MAX_ROWS])


def _named(declared: Declared, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    if "column_A" in declared.kwargs and isinstance(value, tuple):
        return dict(zip((declared.kwargs["column_A"], declared.kwargs["column_B"]), value, strict=True))
    return {declared.kwargs.get("column", "value"): value}
