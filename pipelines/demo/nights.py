"""What happens to the small company in the nights after its first delivery: a few rows of each night's files.

A night's files hold only what is new or changed, each with the time of the change: beside the files that were
delivered before, they are what the sources hold now.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from pipelines.demo.calendar import AS_OF
from pipelines.demo.model import Company

# What a night brings, as a share of the rows of the first delivery; at least one row in each branch.
SHARES = {
    "new_orders": Decimal("0.001"),
    "late_orders": Decimal("0.00025"),
    "new_activities": Decimal("0.001"),
    "corrected_lines": Decimal("0.0005"),
    "cancelled_orders": Decimal("0.00025"),
    "deleted_orders": Decimal("0.00025"),
    "merged_accounts": Decimal("0.0005"),
}
MEANINGS = {
    "new_orders": "Orders that were not there the night before, with their lines; those that are late included. "
    "Of orders.",
    "late_orders": "Orders that were not there the night before, and were placed 5 to 60 days ago. Of orders.",
    "new_activities": "Activities of the last day. Of the activities that each branch has of its own.",
    "corrected_lines": "Lines of sold orders of which one more was sold than was said before. Of orders.",
    "cancelled_orders": "Delivered orders that are cancelled now. Of orders.",
    "deleted_orders": "Delivered orders that are marked as deleted now. Of orders.",
    "merged_accounts": "Accounts that have the e-mail address of another customer now: both are one. Of accounts.",
}
_OF_ACCOUNTS = frozenset(("merged_accounts",))


@dataclass(frozen=True)
class Night:
    """One night of the small company: the rows that were delivered, and the company as it is with them.

    `counts` says how many rows of each kind of change there are; `rows` holds texts by entity, with the time of the
    change as their last value where the table has one.
    """

    number: int
    as_of: datetime
    company: Company
    counts: dict[str, int]
    rows: dict[str, list[tuple[str, ...]]]


def instant_of(night: int) -> datetime:
    """Return the instant as of which a night is reported: night 0 is the first delivery."""
    return AS_OF + timedelta(days=night)


def counts_of(company: Company) -> dict[str, int]:
    """Return how many rows of each kind of change a night of the company has."""
    counts = {
        name: max(1, round(share * len(company.accounts if name in _OF_ACCOUNTS else company.orders)))
        for name, share in SHARES.items()
        if name != "new_activities"
    }
    counts["new_activities"] = max(1, round(SHARES["new_activities"] * len(company.activities)))
    counts["new_orders"] = max(counts["new_orders"], counts["late_orders"] + 1)
    return {name: counts[name] for name in SHARES}
