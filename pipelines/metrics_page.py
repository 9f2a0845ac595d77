"""docs/metrics.md: the metric catalogue as a page, made from the one place where metrics are defined."""

import csv
import re
from collections.abc import Iterator

import yaml

from pipelines.config import Metrics
from pipelines.paths import DBT_PROJECT

_DERIVED = re.compile(r"_(previous|last_year|growth|growth_yoy|numerator|denominator)$")
_HEAD = """\
<!-- Made by `make docs` from metrics.csv, the marts' YAML and the settings; a test compares them. -->
# The metrics

One name, one definition. A column of a mart that is called like a metric is that metric; where a column has another
name, the mart's YAML says which metric it is, and `meta.columns` repeats it. The same definitions are in every release
as `meta.metrics`.

Beside a measure `x` can stand `x_previous` and `x_last_year` (the period before, and the same one a year before; an
incomplete period is compared with the same elapsed days), `x_growth` and `x_growth_yoy`; beside a ratio stand its
numerator and its denominator.
"""


def load_metrics() -> list[dict[str, str]]:
    """Return the metrics in the order of the catalogue: one dict per metric, its columns as in meta.metrics."""
    with (DBT_PROJECT / "seeds" / "metrics.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def marts_by_metric() -> dict[str, list[str]]:
    """Return metric -> the marts that have a column of it, by name."""
    found: dict[str, set[str]] = {}
    for mart, column in _columns():
        metric = column.get("config", {}).get("meta", {}).get("metric") or _DERIVED.sub("", column["name"])
        found.setdefault(metric, set()).add(mart)
    return {metric: sorted(marts) for metric, marts in found.items()}


def render() -> str:
    """Return the page as Markdown."""
    marts = marts_by_metric()
    return "\n".join(
        [_HEAD, _parameters(), *(_section(metric, marts.get(metric["name"], [])) for metric in load_metrics())]
    )


def _parameters() -> str:
    rows = [
        f"| `{name}` | {_default(field.default)} | {field.description} |"
        for name, field in Metrics.model_fields.items()
    ]
    head = ["## Parameters", "", "Set in `rapport.yml` under `metrics`.", "", "| parameter | default | meaning |"]
    return "\n".join([*head, "|---|---|---|", *rows, ""])


def _default(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _columns() -> Iterator[tuple[str, dict]]:
    for file in sorted((DBT_PROJECT / "models" / "marts").rglob("rpt_*.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", []):
            for column in model["columns"]:
                yield model["name"], column


def _section(metric: dict[str, str], marts: list[str]) -> str:
    lines = [
        f"## {metric['name']} · {metric['name_zh']}",
        "",
        metric["definition"],
        "",
        f"* Formula: `{metric['formula']}`",
        f"* Counted: {metric['grain']}, by the date *{metric['date_role']}*",
        f"* Population: {metric['population']}",
        f"* Unit: {metric['unit']}. Adds up: {metric['adds_up']}",
    ]
    if marts:
        lines.append("* In: " + ", ".join(f"`{mart}`" for mart in marts))
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    print(render(), end="")
