"""What was checked and what came out."""

from dataclasses import dataclass
from typing import Any

MAX_ROWS = 20


@dataclass(frozen=True)
class Check:
    """One check of one table.

    `name` is unique within a verdict and the same from run to run. `evaluated` is False where there is no answer; then
    `error` says why and `passed` is False. `rows` are up to 20 of the rows that failed.
    """

    name: str
    subject: str
    says: str
    passed: bool
    evaluated: bool
    observed: str = ""
    expected: str = ""
    rows: tuple[dict[str, Any], ...] = ()
    error: str | None = None

    @property
    def is_proof(self) -> bool:
        """True only for a check that has an answer, and the answer is yes."""
        return self.passed is True and self.evaluated is True and self.error is None


@dataclass(frozen=True)
class Verdict:
    """All checks of a candidate, sorted by name."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """True if there is at least one check and every one was evaluated and passed."""
        return bool(self.checks) and not self.failed

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that did not pass or were not evaluated."""
        return tuple(check for check in self.checks if not check.is_proof)


def unanswered(name: str, subject: str, says: str, error: str, expected: str = "") -> Check:
    """Return the check of something that could not be evaluated, which therefore failed."""
    return Check(name, subject, says, passed=False, evaluated=False, expected=expected, error=error)
