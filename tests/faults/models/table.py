"""The table: how many faults of each kind were made, and how many were noticed by what."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.faults.models.catalogue import KINDS, NAMED
from tests.faults.models.judgement import Judgement, reason
from tests.faults.models.laboratory import Outcome

LAYERS = ("error", "contract", "data test", "expectation")
HEADS = ("mutants", "stopped", "unit tests", "known answers", "equivalent", "survived", "caught")


@dataclass(frozen=True)
class Results:
    """The outcomes of valid mutants, and what has been judged."""

    outcomes: list[Outcome]
    judged: list[Judgement]

    def verdict(self, outcome: Outcome) -> str:
        """Return the column of the table that a mutant is counted in."""
        if outcome.stopped:
            return "stopped"
        if outcome.caught:
            return "unit tests" if outcome.unit_test else "known answers"
        return "equivalent" if reason(outcome.mutant, self.judged) else "survived"

    @property
    def survivors(self) -> list[Outcome]:
        """The mutants that nothing noticed and nobody judged."""
        return [one for one in self.outcomes if self.verdict(one) == "survived"]

    @property
    def equivalent(self) -> list[Outcome]:
        """The mutants that nothing noticed, and rightly so."""
        return [one for one in self.outcomes if self.verdict(one) == "equivalent"]

    @property
    def silent(self) -> list[Outcome]:
        """The mutants that change a table of the demo, and that a night would publish: tests alone notice them."""
        return [
            one
            for one in self.outcomes
            if one.changed and not one.restated and self.verdict(one) in ("unit tests", "known answers")
        ]

    def counted(self, key: Callable[[Outcome], str], order: Iterable[str] = ()) -> list[list[str]]:
        """Return the lines of a table by `key`, with a line for all at the end."""
        groups: dict[str, Counter[str]] = {name: Counter() for name in order}
        for outcome in self.outcomes:
            groups.setdefault(key(outcome), Counter())[self.verdict(outcome)] += 1
        lines = [_line(name, counts) for name, counts in groups.items() if counts]
        return [*lines, _line("all", sum(groups.values(), Counter()))]


def _line(name: str, counts: Counter[str]) -> list[str]:
    wrong = counts.total() - counts["equivalent"]
    share = f"{100 * (wrong - counts['survived']) / wrong:.1f} %" if wrong else "-"
    return [name, str(counts.total()), *(str(counts[head]) for head in HEADS[1:-1]), share]


def markdown(results: Results, left_out: int, made: int, seeds: list[int]) -> str:
    """Return the page docs/proof.md."""
    stopped = sum(bool(one.stopped) for one in results.outcomes)
    layers = Counter(one.stopped for one in results.outcomes if one.stopped)
    wrong = len(results.outcomes) - len(results.equivalent)
    named = Results([one for one in results.outcomes if one.mutant.kind in NAMED], results.judged)
    text = [
        _HEAD.format(
            made=made,
            examined=len(results.outcomes),
            seeds=", ".join(map(str, seeds)),
            left_out=left_out,
            caught=wrong - len(results.survivors),
            wrong=wrong,
            share=f"{100 * (wrong - len(results.survivors)) / max(wrong, 1):.1f}",
            stopped=stopped,
            stopped_share=f"{100 * stopped / max(wrong, 1):.1f}",
            layers=", ".join(f"{layers[layer]} by {_by(layer)}" for layer in LAYERS if layers[layer]),
            unit=sum(bool(one.unit_test) for one in results.outcomes),
            waiting=sum(bool(one.restated) for one in results.outcomes),
            held=stopped + sum(bool(one.restated) for one in results.outcomes),
            silent=len(results.silent),
            idle=wrong - stopped - sum(bool(one.restated) for one in results.outcomes) - len(results.silent),
        ),
        "### The faults that reports are known to suffer from\n",
        _grid("fault", named.counted(lambda one: one.mutant.kind, NAMED)),
        "### All kinds\n",
        _grid("fault", results.counted(lambda one: one.mutant.kind, KINDS)),
        "### All models\n",
        _grid(
            "model", results.counted(lambda one: one.mutant.model, sorted({o.mutant.model for o in results.outcomes}))
        ),
        "### Survivors\n",
        _listed(results.survivors, _seen),
        "### Noticed by tests alone\n",
        _listed(results.silent, lambda one: f"noticed by `{one.unit_test or one.known_answer}`"),
        "### Equivalent\n",
        _listed(results.equivalent, lambda one: reason(one.mutant, results.judged) or ""),
    ]
    return "\n".join(text)


def _seen(outcome: Outcome) -> str:
    if outcome.restated:
        return f"changes a closed period, `{outcome.restated}`: it would wait for somebody to accept it"
    return "changes the demo" if outcome.changed else "no difference on the demo"


def _by(layer: str) -> str:
    return {"error": "an error while building", "contract": "the contract of types"}.get(layer, f"{layer}s")


def _grid(head: str, lines: list[list[str]]) -> str:
    rows = [[head, *HEADS], ["---", *["---:"] * len(HEADS)], *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _listed(outcomes: list[Outcome], say: Callable[[Outcome], str]) -> str:
    lines = [f"* `{o.mutant.model}`, {o.mutant.kind}: `{o.mutant.what.replace('`', '')}`: {say(o)}" for o in outcomes]
    return "\n".join(sorted(lines) or ["None."]) + "\n"


_HEAD = """# How well wrong models are noticed

Generated by `make mutants`. A mutant is one model with one small fault, made mechanically on its parsed SQL: a filter
lost, an inner join for a left join, another date, and so on. Each is built, with everything that follows from it, on a
small demo company, and must be noticed.

* *Stopped*: it would not have been published: the build fails, a column has another type, or a data test or an
  expectation finds rows. This needs no test of ours: it holds in every run, on every company's data.
* *Unit tests*, *known answers*: published it would have been, but the tests notice it before it is merged.
* *Equivalent*: not a fault: the SQL says the same in other words, or the difference cannot occur. Judged one by one in
  `tests/faults/models/judged.yml`; not counted in the share.
* *Survived*: nothing noticed it.

Of {made} possible mutants of the SQL models of the layers intermediate, core and marts, {examined} were examined
(seeds {seeds}; {left_out} more are no SQL that can be planned, and are not counted). Of {wrong} that are wrong,
**{caught} were noticed ({share} %)** and {stopped} would have been stopped in production as well ({stopped_share} %):
{layers}. {waiting} more change a figure of a period that was closed: after a first release, they wait until
somebody accepts the change by name and with a reason (`rapport accept`). That makes {held} that no night would publish
by itself. Of the others, {idle} make no difference on this company: nothing that is wrong would have been published.
{silent} change a table in a way that no check looks at; tests notice them, and they are listed below.

Unit tests alone notice {unit}. Models in Python and those that macros make alone (`*_rows`) are left out.
"""
