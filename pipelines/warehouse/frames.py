"""What dbt's Python models read, whichever engine they run on."""

from typing import Any

import pyarrow as pa


def arrow_of(relation: Any) -> pa.Table:
    """Return the rows of what `dbt.ref` gave, a relation of DuckDB or a data frame of Spark, as an Arrow table.

    Instants are UTC without zone, as everywhere; Spark's have one.
    """
    table = relation.to_arrow_table() if hasattr(relation, "to_arrow_table") else relation.toArrow()
    fields = [
        field.with_type(pa.timestamp("us")) if pa.types.is_timestamp(field.type) else field for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def rows_of(relation: Any, *order: str) -> list[dict[str, Any]]:
    """Return the rows of what `dbt.ref` gave, sorted by the columns `order`, as dictionaries."""
    table = arrow_of(relation)
    return (table.sort_by([(name, "ascending") for name in order]) if order else table).to_pylist()
