"""One row per comment and topic: how its writer feels and what it is about, without the text."""

from typing import Any

import pyarrow as pa

from pipelines.feedback.rows import reading_rows
from pipelines.warehouse.frames import rows_of

SCHEMA = pa.schema(
    {name: pa.string() for name in ("source", "kind", "comment_id", "language", "sentiment", "topic", "words")}
)


def model(dbt: Any, session: Any) -> pa.Table:
    """Return the readings as an Arrow table; the rules are in pipelines/feedback."""
    dbt.config(materialized="table")
    answers = dbt.ref("int_survey_response").filter("comment is not null")
    tickets = dbt.ref("int_ticket").filter("subject is not null")
    rows = [
        {
            "source": row["source"],
            "kind": "survey",
            "comment_id": row["response_id"],
            "text": row["comment"],
            "language": row["language"],
        }
        for row in rows_of(answers.select("source", "response_id", "comment", "language"), "source", "response_id")
    ]
    rows += [
        {
            "source": row["source"],
            "kind": "ticket",
            "comment_id": row["ticket_id"],
            "text": row["subject"],
            "language": None,
        }
        for row in rows_of(tickets.select("source", "ticket_id", "subject"), "source", "ticket_id")
    ]
    return pa.Table.from_pylist(list(reading_rows(rows)), SCHEMA)
