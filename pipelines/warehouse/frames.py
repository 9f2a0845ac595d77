"""What dbt's Python models read, whichever engine they run on."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

_ROWS = 100_000


def batches_of(relation: Any, *order: str) -> Iterator[pa.RecordBatch]:
    """Yield the rows of what `dbt.ref` gave, a relation of DuckDB or a data frame of Spark, in batches.

    Sorted by the columns `order`, which must not be empty anywhere. DuckDB gives one batch after the other, and must
    not be asked anything else before the last; Spark gives all at once. Instants are UTC without zone, as everywhere;
    Spark's have one.
    """
    if hasattr(relation, "to_arrow_reader"):
        ordered = relation.order(", ".join(order)) if order else relation
        batches = ordered.to_arrow_reader(_ROWS)
    else:
        batches = (relation.orderBy(*order) if order else relation).toArrow().to_batches(_ROWS)
    for batch in batches:
        fields = [
            field.with_type(pa.timestamp("us")) if pa.types.is_timestamp(field.type) else field
            for field in batch.schema
        ]
        yield batch.cast(pa.schema(fields))


def rows_of(relation: Any, *order: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of what `dbt.ref` gave, sorted by the columns `order`, as dictionaries."""
    for batch in batches_of(relation, *order):
        yield from batch.to_pylist()
