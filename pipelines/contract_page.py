"""docs/contract.md: the canonical contract as a page, made from the one place where it is defined."""

from pipelines.sources.catalog import load_contract

_TYPES = {
    "text": "text",
    "integer": "whole number",
    "money": "amount, 2 decimals",
    "quantity": "number, 4 decimals",
    "rate": "rate, 8 decimals",
    "fraction": "share 0 to 1",
    "date": "date",
    "timestamp": "instant",
    "boolean": "yes or no",
}

CLASSES = ("direct", "indirect", "none")

_HEAD = """\
<!-- Made by `make docs` from dbt_project/dbt_project.yml; a test compares the two. -->
# The canonical contract

What every source system is turned into, and what the `generic` system reads directly: one file per entity, named after
it (`order.csv`, `order_line.xlsx`, ...), with these column names. Columns may be absent, but for the required ones.

* **Dates** are `YYYY-MM-DD`; they are never shifted. **Instants** are ISO 8601; an offset or `Z` is converted to UTC,
  and without one the source's configured time zone holds.
* **Numbers** have no thousands separator; the decimal mark is the source's `decimal_mark` (`.` or `,`). More decimals
  than the type holds reject the row: nothing is rounded on the way in.
* **Yes or no** is true/false, t/f, yes/no, y/n or 1/0.
* A `currency` is an ISO 4217 code; without one the source's configured currency holds.
* Ids are text, unique within source and entity, and refer to rows of the same source.
* Every entity may also have `source_updated_at` (instant; the newest version of a key wins), `is_deleted` and `is_test`
  (such rows are excluded, and counted).
* Revenue of an order line is quantity × unit_price − discount_amount, net of tax.

A row without its key or a required column, with a value that is not of its type, or with a reference that is not found,
goes to quarantine with its reason.

Every column has a class of personal data. *direct* names or reaches a person, or is free text in which anybody may be
named: it is in the restricted edition only. *indirect* says something about a person who is not named. *none* says
nothing about anybody.
"""


def render() -> str:
    """Return the page as Markdown."""
    return "\n".join([_HEAD, *(_entity(name, entity) for name, entity in load_contract().items())])


def _entity(name: str, entity: dict) -> str:
    rows = [
        f"| {_column(column, entity)} | {_TYPES[kind]} | {_rules(column, entity)} | {_class(column, entity)} |"
        for column, kind in entity["columns"].items()
    ]
    return "\n".join([f"## {name}", "", "| column | type | rules | personal data |", "|---|---|---|---|", *rows, ""])


def _column(column: str, entity: dict) -> str:
    return f"**{column}**" if column in entity["key"] else column


def _rules(column: str, entity: dict) -> str:
    words = {"minimum": "at least", "maximum": "at most", "above": "above"}
    rules = ["key"] if column in entity["key"] else []
    rules += ["required"] if column in entity.get("required", []) else []
    if column in entity.get("required_if", {}):
        rules.append(f"required if {entity['required_if'][column]}")
    if column in entity.get("allowed", {}):
        rules.append("one of " + ", ".join(f"`{value}`" for value in entity["allowed"][column]))
    rules += [f"{word} {entity[rule][column]}" for rule, word in words.items() if column in entity.get(rule, {})]
    rules += ["HH:MM, to 24:00"] if column in entity.get("clock_times", []) else []
    rules += ["a time zone, such as `Europe/Berlin`"] if column in entity.get("time_zones", []) else []
    if column in entity.get("references", {}):
        rules.append(f"refers to {entity['references'][column]}")
    return ", ".join(rules)


def _class(column: str, entity: dict) -> str:
    """The class as it is declared; a test holds that every column has exactly one."""
    return next((f"*{name}*" if name == "direct" else name for name in CLASSES if column in entity.get(name, [])), "")


if __name__ == "__main__":
    print(render(), end="")
