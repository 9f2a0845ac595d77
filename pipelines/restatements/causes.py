"""The causes for which a figure can differ between two releases, in the order in which they are applied."""

from collections.abc import Mapping
from typing import Any

RULES = "rule change"
TIME = "passage of time"
NEW_SOURCE = "new source"
NEW_ROWS = "new rows"
LATE = "late arrival"
DELETION = "deletion"
MERGE = "merge or un-merge"
RECLASSIFICATION = "reclassification"
CORRECTION = "correction"
UNEXPLAINED = "not explained"

#: What a difference between rows can be caused by. Each step applies one more of them; the last is the newer release.
OF_ROWS = (NEW_SOURCE, NEW_ROWS, DELETION, MERGE, RECLASSIFICATION, CORRECTION)

# what a customer is recognised by (pipelines/identity)
_IDENTITY = {"account": ("name", "email", "phone", "tax_id")}

# text that says how far something has come or how it is measured, rather than where it belongs
_STATES = ("status", "source_status", "stage", "from_stage", "to_stage", "outcome", "currency", "from_currency")


def cause_of_column(entity: str, column: str, contract: Mapping[str, Any]) -> str:
    """Return the cause of a difference in `column` of rows of `entity` that both releases know.

    What tells who a customer is: a merge or un-merge. Texts that rows are grouped by, and references to other rows: a
    reclassification. Numbers, dates, states and everything else: a correction. `contract` is that of the entity.
    """
    if column in _IDENTITY.get(entity, ()):
        return MERGE
    kind = contract["columns"].get(column)
    if kind == "text" and column not in _STATES:
        return RECLASSIFICATION
    return CORRECTION
