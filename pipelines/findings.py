"""What verification finds."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was recorded: where, what is wrong, and what to do."""

    place: Path
    wrong: str
    advice: str

    def __str__(self) -> str:
        """Return the finding as one line for a person."""
        return f"{self.place}: {self.wrong} {self.advice}"
