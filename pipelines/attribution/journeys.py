"""What attribution is about: touches, and the journeys that they make."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, order=True)
class Place:
    """Where somebody was touched: a channel and a campaign, by the id that its source gives it."""

    source: str
    channel: str
    campaign: str


UNATTRIBUTED = Place("(unattributed)", "(unattributed)", "(unattributed)")


@dataclass(frozen=True)
class Touch:
    """One touch; `at` is a UTC instant without zone."""

    place: Place
    at: datetime


@dataclass(frozen=True)
class Journey:
    """The touches of somebody, the first one first, and what they led to.

    `ended_on` is the local day of the conversion, or else of when it was clear that there would be none. `value` is
    what the conversion is worth in cents, None where there was none. Only a conversion can be without touches.
    """

    ended_on: date
    touches: tuple[Touch, ...]
    value: int | None

    @property
    def converted(self) -> bool:
        """Whether it led to anything."""
        return self.value is not None
