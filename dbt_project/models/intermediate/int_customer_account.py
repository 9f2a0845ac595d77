"""One row per account ever landed: the number of the customer it belongs to, and whether it is a test."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from pipelines.identity.exact import Account, customer_numbers
from pipelines.warehouse.frames import batches_of

ORDER = ("first_landed_at", "first_batch_number", "source", "account_id")


def model(dbt: Any, session: Any) -> pa.Table:
    """Return source, account_id, is_test, customer_number as Arrow; the rule is in pipelines/identity/exact.py."""
    dbt.config(materialized="table")
    kept: list[pa.RecordBatch] = []

    def accounts() -> Iterator[Account]:
        for batch in batches_of(dbt.ref("int_account_keys"), *ORDER):
            kept.append(batch.select(["source", "account_id", "is_test"]))
            for row in batch.to_pylist():
                known = {name: row[name] for name in ("source", "account_id", "email", "phone", "tax_id", "name")}
                yield Account(**known, first_seen=(row["first_landed_at"], row["first_batch_number"]))

    numbers = customer_numbers(accounts(), dbt.config.get("max_accounts_per_key"))
    schema = pa.schema([("source", pa.string()), ("account_id", pa.string()), ("is_test", pa.bool_())])
    return pa.Table.from_batches(kept, schema).append_column("customer_number", pa.array(numbers, pa.string()))
