"""Which mutants somebody has looked at and found not to be wrong, and why."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from tests.faults.models.catalogue import KINDS, Mutant

FILE = Path(__file__).parent / "judged.yml"


@dataclass(frozen=True)
class Judgement:
    """Why mutants of one kind in one or several models are equivalent; `*` stands for any text."""

    models: str | list[str]
    kind: str
    what: str
    reason: str

    @cached_property
    def _patterns(self) -> tuple[list[re.Pattern], re.Pattern]:
        models = [self.models] if isinstance(self.models, str) else self.models
        return [_pattern(model) for model in models], _pattern(self.what)

    def concerns(self, model: str) -> bool:
        """Return whether this is about mutants of a model."""
        return any(pattern.fullmatch(model) for pattern in self._patterns[0])

    def covers(self, mutant: Mutant) -> bool:
        """Return whether this is about a mutant."""
        same = self.kind == mutant.kind and self.concerns(mutant.model)
        return same and bool(self._patterns[1].fullmatch(mutant.what))


def _pattern(text: str) -> re.Pattern:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)


def judgements(file: Path = FILE) -> list[Judgement]:
    """Return what `file` says. Raises TypeError or ValueError where it cannot be understood."""
    found = [Judgement(**entry) for entry in yaml.safe_load(file.read_text(encoding="utf-8")) or []]
    for one in found:
        if one.kind not in KINDS or not one.reason.strip():
            raise ValueError(f"{file}: {one}: expected a kind of the catalogue and a reason.")
    return found


def reason(mutant: Mutant, known: list[Judgement]) -> str | None:
    """Return why a mutant is equivalent, if somebody has said so."""
    return next((one.reason for one in known if one.covers(mutant)), None)
