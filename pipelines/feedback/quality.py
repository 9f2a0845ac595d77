"""Holds readings against comments that people have labelled: `python -m pipelines.feedback.quality FILE`."""

import csv
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from pipelines.feedback.read import NEGATIVE, POSITIVE, SENTIMENTS, read
from pipelines.paths import PROJECT

SAMPLE = PROJECT / "tests" / "feedback" / "sample.csv"


@dataclass(frozen=True)
class Labelled:
    """A comment with what a person says of it; `part` is of the sample: the lists were written knowing some of it."""

    part: str
    language: str
    sentiment: str
    topics: frozenset[str]
    text: str


@dataclass(frozen=True)
class Quality:
    """How many comments there are, and how many of them are read as a person does.

    `baseline` is how many would be if each were given the commonest sentiment; `turned` how many positive ones are read
    as negative or the other way round. Precision and recall of topics are over all pairs of comment and topic.
    """

    comments: int
    sentiment: int
    baseline: int
    turned: int
    topics: int
    precision: float
    recall: float


def load_sample(file: Path = SAMPLE) -> list[Labelled]:
    """Return the comments of a file with the columns part, language, sentiment, topics (separated by |) and text."""
    with file.open(encoding="utf-8", newline="") as rows:
        return [
            Labelled(row["part"], row["language"], row["sentiment"], frozenset(row["topics"].split("|")), row["text"])
            for row in csv.DictReader(rows)
        ]


def measure(sample: list[Labelled]) -> dict[tuple[str, str], Quality]:
    """Return (part, language) -> quality."""
    parts: dict[tuple[str, str], list[Labelled]] = defaultdict(list)
    for comment in sample:
        parts[comment.part, comment.language].append(comment)
    return {part: _quality(comments) for part, comments in parts.items()}


def _quality(comments: list[Labelled]) -> Quality:
    readings = [read(comment.text) for comment in comments]
    pairs = list(zip(comments, readings, strict=True))
    found = [frozenset(topic for topic, _ in reading.topics) for reading in readings]
    right = sum(len(comment.topics & topics) for comment, topics in zip(comments, found, strict=True))
    return Quality(
        comments=len(comments),
        sentiment=sum(comment.sentiment == reading.sentiment for comment, reading in pairs),
        baseline=max(Counter(comment.sentiment for comment in comments).values()),
        turned=sum({comment.sentiment, reading.sentiment} == {POSITIVE, NEGATIVE} for comment, reading in pairs),
        topics=sum(comment.topics == topics for comment, topics in zip(comments, found, strict=True)),
        precision=right / sum(map(len, found)),
        recall=right / sum(len(comment.topics) for comment in comments),
    )


def table(sample: list[Labelled]) -> str:
    """Return what was measured as two tables in Markdown: shares, and what each label was read as."""
    names = ("part", "language", "comments", "sentiment right", "commonest label", "turned round", "topics all right")
    lines = [_row(*names, "precision", "recall"), _row(*["---"] * 9)]
    for (part, language), one in measure(sample).items():
        shares = [f"{count / one.comments:.0%}" for count in (one.sentiment, one.baseline, one.turned, one.topics)]
        lines.append(_row(part, language, one.comments, *shares, f"{one.precision:.0%}", f"{one.recall:.0%}"))
    taken = Counter((c.part, c.language, c.sentiment, read(c.text).sentiment) for c in sample)
    lines += ["", _row("part", "language", "labelled", *(f"read as {name}" for name in SENTIMENTS))]
    lines.append(_row(*["---"] * (3 + len(SENTIMENTS))))
    for part, language in measure(sample):
        for label in SENTIMENTS:
            lines.append(_row(part, language, label, *(taken[part, language, label, name] for name in SENTIMENTS)))
    return "\n".join(lines)


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Print the quality on a file, or on the sample of the tests."""
    print(table(load_sample(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)))


if __name__ == "__main__":
    main()
