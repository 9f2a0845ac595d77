"""One row per account ever landed: the number of the customer it belongs to."""

from typing import Any

import pyarrow as pa

from pipelines.identity.exact import Account, customer_numbers
from pipelines.warehouse.frames import rows_of


def model(dbt: Any, session: Any) -> pa.Table:
    """Return source, account_id, customer_number as an Arrow table; the rule is in pipelines/identity/exact.py."""
    dbt.config(materialized="table")
    rows = rows_of(dbt.ref("int_account_keys"))
    accounts = [
        Account(
            **{k: row[k] for k in ("source", "account_id", "email", "phone", "tax_id", "name")},
            first_seen=(row["first_landed_at"], row["first_batch_number"]),
        )
        for row in rows
    ]
    numbers = customer_numbers(accounts, dbt.config.get("max_accounts_per_key"))
    ids = [account.id for account in accounts]
    return pa.table(
        {
            "source": pa.array([source for source, _ in ids], pa.string()),
            "account_id": pa.array([account_id for _, account_id in ids], pa.string()),
            "customer_number": pa.array([numbers[i] for i in ids], pa.string()),
        }
    )
