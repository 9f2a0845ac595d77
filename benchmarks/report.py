"""Writes the page of results and its chart out of what was measured."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.chart import write_chart

NAMES = {
    "floor": "floor: the same SQL, nothing else",
    "run": "`rapport run`, full",
    "next_floor": "floor of the next night",
    "next": "`rapport run`, the next night",
    "postgres": "dbt on PostgreSQL",
    "pandas": "pandas, ten marts",
}
BESIDE = {"run": "floor", "next": "next_floor"}
STEPS = {
    "run": ("start", "ingest", "build", "prove", "explain", "publish"),
    "floor": ("start", "register", "build", "close"),
    "postgres": ("start", "load", "parse", "build", "check", "stop"),
    "pandas": ("start", "read", "compute", "write"),
}
_STEPS_OF = {"next": "run", "next_floor": "floor"}
_MEASURES: dict[str, tuple[str, Callable[[dict], float]]] = {
    "Wall, seconds": ("{:.1f}", lambda one: one["total"]["wall"]),
    "Processor (user and system), seconds": ("{:.1f}", lambda one: one["total"]["cpu"]),
    "Peak memory, MiB": ("{:.0f}", lambda one: one["peak"] / 2**20),
    "Written, MiB": ("{:.0f}", lambda one: one["total"]["written"] / 2**20),
}


def write_report(results: dict[str, Any], folder: Path) -> None:
    """Write results.md and results.svg into `folder`."""
    write_chart(results, folder / "results.svg")
    (folder / "results.md").write_text("\n".join(_page(results)) + "\n", encoding="utf-8")


def spread(values: list[float], form: str = "{:.1f}") -> str:
    """The median, and in brackets the least and the greatest: `1.5 (1.4–1.9)`."""
    middle, least, most = (form.format(value) for value in (median(values), min(values), max(values)))
    return middle if least == most else f"{middle} ({least}–{most})"


def ratios(sizes: dict[str, Any], name: str, beside: str, take: Callable[[dict], float]) -> list[float]:
    """How often `beside` goes into `name`, repetition by repetition: what slows both down at a time does not count."""
    pairs = zip(sizes["variants"][name], sizes["variants"][beside], strict=True)
    return [take(one) / take(other) for one, other in pairs if take(other)]


def _page(results: dict[str, Any]) -> list[str]:
    sizes = dict(sorted(results["sizes"].items(), key=lambda item: item[1]["orders"]))
    page = [
        "# What a night costs",
        "",
        f"Measured on {results['date']} with",
        "",
        "```",
        *dict.fromkeys(one["command"] for one in sizes.values()),
        "```",
        "",
        "Each cell is the median, with the least and the greatest in brackets. [README.md](README.md) says what each",
        "variant does, and how it is measured. This page is generated; the numbers are in results.json.",
        "",
        "![Ratios to the floor, and where the time goes](results.svg)",
        "",
        "| machine | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in results["machine"].items()),
        "",
        "| size | orders | rows landed | repetitions | models, seeds and tests of the floor | of its tables differ |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for size, one in sizes.items():
        facts = (one["facts"].get("floor") or [{}])[0]
        differing = [f"{name}: {how}" for name, how in facts.get("differences", {}).items()]
        said = f"{facts.get('nodes', '')} | {'; '.join(differing) or 'none'}"
        page.append(f"| {size} | {one['orders']:,} | {one['rows']:,} | {_repetitions(one)} | {said} |")
    page += _ratios(sizes)
    for title, (form, take) in _MEASURES.items():
        page += _table(title, sizes, form, take)
    page += _by_step(sizes)
    for size, one in sizes.items():
        page += _postgres(size, one) + _pandas(size, one)
    return page


def _repetitions(one: dict[str, Any]) -> int:
    return max(len(runs) for runs in one["variants"].values())


def _variants(sizes: dict[str, Any]) -> list[str]:
    return [name for name in NAMES if any(name in one["variants"] for one in sizes.values())]


def _ratios(sizes: dict[str, Any]) -> list[str]:
    lines = ["", "## `rapport run` as a multiple of the floor", ""]
    lines += ["| | of | " + " | ".join(sizes) + " |", "|---|---|" + "---:|" * len(sizes)]
    for name, beside in BESIDE.items():
        for title, (_, take) in _MEASURES.items():
            cells = []
            for one in sizes.values():
                has = name in one["variants"] and beside in one["variants"]
                cells.append(spread(ratios(one, name, beside, take), "{:.2f}") if has else "")
            if any(cells):
                lines.append(f"| {NAMES[name]} | {title.partition(',')[0].lower()} | " + " | ".join(cells) + " |")
    return lines


def _table(title: str, sizes: dict[str, Any], form: str, take: Callable[[dict], float]) -> list[str]:
    lines = ["", f"## {title}", "", "| | " + " | ".join(sizes) + " |", "|---|" + "---:|" * len(sizes)]
    for name in _variants(sizes):
        runs = [one["variants"].get(name) for one in sizes.values()]
        cells = [spread([take(run) for run in found], form) if found else "" for found in runs]
        lines.append(f"| {NAMES[name]} | " + " | ".join(cells) + " |")
    return lines


def _by_step(sizes: dict[str, Any]) -> list[str]:
    lines = ["", "## By step", "", "Wall and processor seconds, and MiB written."]
    for size, one in sizes.items():
        lines += ["", f"### {size}", "", "| variant | step | wall | processor | written |", "|---|---|---:|---:|---:|"]
        for name in _variants(sizes):
            runs = one["variants"].get(name, [])
            for step in STEPS[_STEPS_OF.get(name, name)]:
                costs = [run["steps"][step] for run in runs if step in run["steps"]]
                if costs:
                    wall, cpu = (spread([cost[what] for cost in costs]) for what in ("wall", "cpu"))
                    written = spread([cost["written"] / 2**20 for cost in costs], "{:.0f}")
                    lines.append(f"| {NAMES[name]} | {step} | {wall} | {cpu} | {written} |")
    return lines


def _postgres(size: str, one: dict[str, Any]) -> list[str]:
    facts = one["facts"].get("postgres")
    if not facts:
        return []
    first = facts[0]
    times = [said["postgres"] / said["duckdb"] for said in facts]
    lines = ["", f"## The same models in PostgreSQL and in DuckDB: {size}", ""]
    lines += [
        f"{first['models']} of {first['of']} models ran in PostgreSQL, {first['marts']} of {first['marts_of']} marts;"
        f" of {first['compared']} tables rows and the sums of all numbers were compared.",
        "",
        "| models that ran on both | in DuckDB (floor), s | dbt build on PostgreSQL, s | ratio |",
        "|---:|---:|---:|---:|",
        f"| {first['models']} | {spread([said['duckdb'] for said in facts])} "
        f"| {spread([said['postgres'] for said in facts])} | {spread(times, '{:.2f}')} |",
        "",
    ]
    if first["different"]:
        lines += ["| table that differs | columns |", "|---|---|"]
        lines += [f"| {name} | {', '.join(columns)} |" for name, columns in first["different"].items()]
    else:
        lines.append("No table differs.")
    if first["missing"]:
        lines += ["", "| does not run there | why |", "|---|---|"]
        lines += [f"| {name} | {why} |" for name, why in first["missing"].items()]
    return lines


def _pandas(size: str, one: dict[str, Any]) -> list[str]:
    facts = one["facts"].get("pandas")
    if not facts:
        return []
    lines = ["", f"## The ten marts in pandas, compared with the published ones: {size}", ""]
    lines += ["| mart | measures | figures that are not zero | that differ |", "|---|---|---:|---:|"]
    lines += [f"| {f['mart']} | {f['measures']} | {f['figures']:,} | {f['different']:,} |" for f in facts[0]["marts"]]
    return lines
