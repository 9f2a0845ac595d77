"""One row per comment and topic: how its writer feels and what it is about, without the text."""

from typing import Any

import pyarrow as pa

from pipelines.feedback.rows import reading_rows

SCHEMA = pa.schema(
    {name: pa.string() for name in ("source", "kind", "comment_id", "language", "sentiment", "topic", "words")}
)


def model(dbt: Any, session: Any) -> pa.Table:
    """Return the readings as an Arrow table; the rules are in pipelines/feedback."""
    dbt.config(materialized="table")
    answers = dbt.ref("int_survey_response").filter("comment is not null")
    tickets = dbt.ref("int_ticket").filter("subject is not null")
    texts = (
        answers.project("source, 'survey' as kind, response_id as comment_id, comment as text, language"),
        tickets.project("source, 'ticket' as kind, ticket_id as comment_id, subject as text, null as language"),
    )
    rows = [row for relation in texts for row in relation.order("source, comment_id").to_arrow_table().to_pylist()]
    return pa.Table.from_pylist(list(reading_rows(rows)), SCHEMA)
