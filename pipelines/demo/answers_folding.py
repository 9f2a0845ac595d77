"""Which groups of persons are too small to be shown, worked out a second time for what the demo's persons are.

What a person of the demo is never changes, but for the age; ages and classes have groups large enough at full size.
"""

from collections import defaultdict
from functools import lru_cache

from pipelines.demo.answers_classes import attributes
from pipelines.demo.calendar import LAST_DAY
from pipelines.demo.customer_events import CustomerEvents
from pipelines.demo.size import size

MIN_GROUP = 5
OTHER = "(other)"
_KINDS = ("gender", "region", "industry", "tag")


def shown(events: CustomerEvents, customer: str, segments: dict[str, str]) -> dict[str, str]:
    """Return kind -> segment with `(other)` for what fewer than five persons share; organisations stay as they are."""
    if events.speaker[customer].account_type != "person":
        return segments
    hidden = _hidden(events)
    return {kind: OTHER if (kind, name) in hidden else name for kind, name in segments.items()}


@lru_cache(maxsize=1)
def _hidden(events: CustomerEvents) -> frozenset[tuple[str, str]]:
    persons = {c for c in events.population.customer.values() if events.speaker[c].account_type == "person"}
    found: set[tuple[str, str]] = set()
    for kind in _KINDS:
        groups: dict[str, set[str]] = defaultdict(set)
        for customer in persons:
            groups[attributes(events.speaker[customer], LAST_DAY)[kind]].add(customer)
        found |= {(kind, name) for name in _too_small(groups, set(events.sales))}
    return frozenset(found)


def _too_small(groups: dict[str, set[str]], buyers: set[str]) -> set[str]:
    """The groups to fold, smallest first, until those folded are enough persons and enough buyers, or none of them."""

    def sizes(members: set[str]) -> list[int]:
        return [count * size().branches for count in (len(members), len(members & buyers)) if count]

    def is_small(members: set[str]) -> bool:
        return min(sizes(members)) < MIN_GROUP

    hidden: set[str] = set()
    together: set[str] = set()
    for name in sorted(groups, key=lambda name: (not is_small(groups[name]), min(sizes(groups[name])), name)):
        if not is_small(groups[name]) and (not together or not is_small(together)):
            break
        hidden.add(name)
        together |= groups[name]
    return hidden
