"""One row per comment and topic: how its writer feels and what it is about, without the text."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from pipelines.feedback.rows import reading_rows
from pipelines.warehouse.frames import batches_of

SCHEMA = pa.schema(
    {name: pa.string() for name in ("source", "kind", "comment_id", "language", "sentiment", "topic", "words")}
)


def model(dbt: Any, session: Any) -> pa.Table:
    """Return the readings as an Arrow table; the rules are in pipelines/feedback."""
    dbt.config(materialized="table")
    answers = dbt.ref("int_survey_response").filter("comment is not null")
    tickets = dbt.ref("int_ticket").filter("subject is not null")
    batches = [
        *_readings("survey", answers.select("source", "response_id", "comment", "language")),
        *_readings("ticket", tickets.select("source", "ticket_id", "subject")),
    ]
    return pa.Table.from_batches(batches, SCHEMA)


def _readings(kind: str, comments: Any) -> Iterator[pa.RecordBatch]:
    """Yield the readings of rows of a source, an id, a text and, for some, the language that the source names."""
    for batch in batches_of(comments):
        rows = (
            {"source": source, "kind": kind, "comment_id": comment_id, "text": text, "language": next(iter(rest), None)}
            for source, comment_id, text, *rest in zip(*(column.to_pylist() for column in batch.columns), strict=True)
        )
        yield pa.RecordBatch.from_pylist(list(reading_rows(rows)), SCHEMA)
