"""What each reason for quarantine means to the person who has to do something about it."""

_ADVICE = {
    "wrong_field_count": "The line has too few or too many fields. Write the row's values into its columns.",
    "unreadable_line": "The line is not a row. Write the row's values into its columns.",
    "bad_json": "The line is not a JSON object. Write the row's values into its columns.",
    "missing_key": "Fill in the key: without it nobody knows which record this is.",
    "missing_value": "Fill in the column; the contract requires it.",
    "duplicate_key": "Nothing to do: it is an exact copy, and the other one counts. Stop delivering it twice.",
    "conflicting_key": "Rows with one key contradict each other. Correct one of them: it replaces all of them.",
    "bad_integer": "Write a whole number.",
    "bad_decimal": "Write a number with no more decimals than its type has, and with the source's decimal mark.",
    "bad_fraction": "Write a number from 0 to 1.",
    "bad_date": "Write a date as YYYY-MM-DD.",
    "bad_timestamp": "Write an instant as YYYY-MM-DDTHH:MM:SSZ.",
    "bad_boolean": "Write true or false.",
    "bad_currency": "Write the currency as three capital letters.",
    "bad_choice": "Write one of the values that the contract allows, or map the source's word to one in staging.",
    "out_of_range": "Write a value that the contract allows.",
    "unknown_reference": "Name a record that is there. If that record is in quarantine itself, correct that one: "
    "this row returns with it.",
}


def advice(reason: str) -> str:
    """Return what to do about a row that is in quarantine for `reason` (a reason_code)."""
    return _ADVICE.get(reason, "Look at docs/operations.md, Quarantine.")
