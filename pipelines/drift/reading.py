"""What is watched, and what was read of it on a night."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """Something of a source's entity that was counted: `observed` of `of_rows` rows.

    `kind` says what (the keys of the sentences below), `subject` is the column, or `(rows)`. `expected` is the usual
    count, `nights` how many nights that was learned from. `chance` is the probability of as much or more, if nothing
    is wrong.
    """

    source: str
    entity: str
    subject: str
    kind: str
    observed: int
    of_rows: int
    expected: float
    chance: float
    nights: int = 0

    @property
    def says(self) -> str:
        """The reading in a sentence."""
        share = self.observed / self.of_rows if self.of_rows else 0
        return _SENTENCES[self.kind].format(self=self, share=share)


_USUAL = " ({share:.1%}); usual are {self.expected:.1f}."
_SENTENCES = {
    "vanished": "{self.observed} of {self.of_rows} known records are gone" + _USUAL,
    "changed": "{self.observed} of {self.of_rows} known records say otherwise" + _USUAL,
    "late": "{self.observed} new records to {self.of_rows} known ones are of before the last release" + _USUAL,
    "new rows": "{self.observed} records came of the time since the last release; usual are {self.expected:.1f}.",
    "empty": "{self.observed} of {self.of_rows} new records have no value" + _USUAL,
    "filled": "{self.observed} of {self.of_rows} new records have a value" + _USUAL,
    "unseen value": "{self.observed} of {self.of_rows} new records have a value that was never seen" + _USUAL,
    "common value": "{self.observed} of {self.of_rows} new records have one and the same value" + _USUAL,
    "low": "{self.observed} of {self.of_rows} new values are below 99 % of the known ones" + _USUAL,
    "high": "{self.observed} of {self.of_rows} new values are above 99 % of the known ones" + _USUAL,
    "old file": "What was delivered is what was landed on {self.subject} (UTC), and something newer had come since.",
    "future": "{self.observed} of {self.of_rows} new records are of after the release's instant" + _USUAL,
}
