"""docs/reports.md: every report, the marts that hold it, and a question with the SQL that answers it."""

from typing import Any

import yaml

from pipelines.paths import DBT_PROJECT, PROJECT

_REPORTS = PROJECT / "pipelines" / "reports.yml"
_HEAD = """\
<!-- Made by `make docs` from pipelines/reports.yml and the marts' YAML; a test compares them. -->
# The reports

Every report with the marts that hold it: what a row of each is, and which entities of the [contract](contract.md) it
needs (those in brackets add to it where a source has them). One question stands for the many that each answers; ask it
with `rapport query`, or in any tool that reads the release. What every figure means is in [metrics.md](metrics.md).
"""


def load_reports() -> list[dict[str, Any]]:
    """Return the reports in order, each with report (its number), name, name_zh, marts, question and sql."""
    return yaml.safe_load(_REPORTS.read_text(encoding="utf-8"))


def load_marts() -> dict[str, dict[str, Any]]:
    """Return mart -> its YAML, by name."""
    files = sorted((DBT_PROJECT / "models" / "marts").rglob("rpt_*.yml"))
    models = [model for file in files for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])]
    return {model["name"]: model for model in models}


def render() -> str:
    """Return the page as Markdown."""
    reports, marts = load_reports(), load_marts()
    return "\n".join([_HEAD, *_contents(reports), "", *(_section(report, marts) for report in reports)])


def _contents(reports: list[dict[str, Any]]) -> list[str]:
    rows = [f"| {r['report']} | {r['name']} | {r['name_zh']} | {_names(r['marts'])} |" for r in reports]
    return ["| report | | | marts |", "|---|---|---|---|", *rows]


def _section(report: dict[str, Any], marts: dict[str, dict[str, Any]]) -> str:
    lines = [f"## {report['report']} · {report['name']} · {report['name_zh']}", ""]
    lines += [f"* `{name}`: {_grain(marts[name])} From {_entities(marts[name])}." for name in report["marts"]]
    return "\n".join([*lines, "", report["question"], "", "```sql", report["sql"].rstrip(), "```", ""])


def _grain(mart: dict[str, Any]) -> str:
    """The first sentence of a mart's description; every one begins with the grain."""
    return mart["description"].partition(". ")[0].rstrip(".:") + "."


def _entities(mart: dict[str, Any]) -> str:
    meta = mart["config"]["meta"]
    optional = meta.get("optional_entities", [])
    return f"{_names(meta['entities'])} ({_names(optional)})".lstrip() if optional else _names(meta["entities"])


def _names(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    print(render(), end="")
