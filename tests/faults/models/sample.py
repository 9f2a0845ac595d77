"""Which mutants are examined: always the same ones for a seed, as evenly as possible over kinds and models."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from tests.faults.models.catalogue import Mutant


def sample(mutants: Iterable[Mutant], seed: int, limit: int) -> list[Mutant]:
    """Return at most `limit` of the mutants: kinds take turns, and within a kind the models do."""
    chosen = random.Random(seed)  # noqa: S311 - a sample, not a secret
    by_kind: dict[str, dict[str, list[Mutant]]] = defaultdict(lambda: defaultdict(list))
    for mutant in sorted(mutants):
        by_kind[mutant.kind][mutant.model].append(mutant)
    turns = []
    for kind in sorted(by_kind):
        for found in by_kind[kind].values():
            chosen.shuffle(found)
        models = sorted(by_kind[kind])
        chosen.shuffle(models)
        turns.append(list(_in_turn([by_kind[kind][model] for model in models])))
    return list(islice(_in_turn(turns), limit))


def _in_turn(lists: list[list[Mutant]]) -> Iterator[Mutant]:
    for number in range(max(map(len, lists), default=0)):
        yield from (one[number] for one in lists if number < len(one))
