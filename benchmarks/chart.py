"""Draws what was measured: the multiple of the floor by size, and where the time goes."""

from pathlib import Path
from statistics import median
from typing import Any

_NAMES = {
    "floor": "floor",
    "run": "rapport run, full",
    "next_floor": "floor, next night",
    "next": "rapport run, next night",
    "postgres": "dbt on PostgreSQL",
    "pandas": "pandas, ten marts",
}
_PAIRS = {"run": "floor", "next": "next_floor"}
_COLOURS = {
    "start": "#c9ccd1",
    "ingest": "#8fb8de",
    "register": "#8fb8de",
    "load": "#8fb8de",
    "build": "#2f6690",
    "prove": "#e0a458",
    "explain": "#b5651d",
    "publish": "#6a994e",
}
_MERGED = {
    "register": "ingest",
    "load": "ingest",
    "parse": "start",
    "read": "ingest",
    "compute": "build",
    "close": "build",
}
_MERGED |= {"check": "publish", "stop": "publish", "write": "publish"}
_STEPS = {
    "start": "start", "ingest": "ingest or load", "build": "build", "prove": "prove", "explain": "explain",
    "publish": "publish",
}  # fmt: skip


def write_chart(results: dict[str, Any], file: Path) -> None:
    """Write the chart of `results` to `file` (SVG)."""
    import altair as alt

    multiples, steps = _multiples(results), _steps(results)
    sizes = sorted(results["sizes"], key=lambda size: results["sizes"][size]["orders"])
    charts = [_bars(alt, [row for row in steps if row["size"] == size], size) for size in sizes]
    parts = alt.vconcat(*charts, spacing=18).resolve_scale(color="shared")
    if multiples:
        parts = alt.vconcat(_ratios(alt, multiples, sizes), parts, spacing=26).resolve_scale(color="independent")
    whole = (
        parts.properties(padding=16, background="white")
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12, titleFontSize=12, titleFontWeight="normal", gridColor="#ececec")
        .configure_legend(labelFontSize=12, title=None, orient="bottom")
        .configure_title(anchor="start", fontSize=14, fontWeight="bold", offset=10)
    )
    whole.save(file)


def _ratios(alt: Any, rows: list[dict[str, Any]], sizes: list[str]) -> Any:
    names = [_NAMES[name] for name in _PAIRS]
    scale = alt.Scale(domain=names, range=["#2f6690", "#e0a458"])
    panels = []
    for panel in dict.fromkeys(row["panel"] for row in rows):
        base = alt.Chart(alt.InlineData([row for row in rows if row["panel"] == panel])).encode(
            x=alt.X("size:N", sort=sizes, title="orders", axis=alt.Axis(labelAngle=0)),
            xOffset=alt.XOffset("variant:N", sort=names),
        )
        top = alt.Y("ratio:Q", title="times the floor", scale=alt.Scale(zero=True, nice=True))
        bar = base.mark_bar().encode(y=top, color=alt.Color("variant:N", sort=names, scale=scale))
        rule = base.mark_rule(strokeWidth=1.5, color="#333333").encode(y="least:Q", y2="most:Q")
        text = base.mark_text(dy=-8, fontSize=12).encode(y="most:Q", text=alt.Text("ratio:Q", format=".1f"))
        panels.append(alt.layer(bar, rule, text).properties(width=295, height=200, title=panel))
    return alt.hconcat(*panels, spacing=40)


def _bars(alt: Any, rows: list[dict[str, Any]], size: str) -> Any:
    order = [_NAMES[name] for name in _NAMES]
    steps = list(_STEPS.values())
    return (
        alt.Chart(alt.InlineData(rows))
        .mark_bar(height=18)
        .encode(
            y=alt.Y("variant:N", sort=order, title=None, axis=alt.Axis(labelLimit=220, domain=False, ticks=False)),
            x=alt.X("seconds:Q", title="seconds by the clock, median", stack="zero"),
            color=alt.Color(
                "step:N", sort=steps, scale=alt.Scale(domain=steps, range=[_COLOURS[step] for step in _STEPS])
            ),
            order=alt.Order("position:Q"),
        )
        .properties(title=f"Where the time goes: {size} orders", width=620, height=alt.Step(26))
    )


def _multiples(results: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for size, one in results["sizes"].items():
        for name, beside in _PAIRS.items():
            if name not in one["variants"] or beside not in one["variants"]:
                continue
            for panel, what in (("By the clock", "wall"), ("Processor", "cpu")):
                pairs = zip(one["variants"][name], one["variants"][beside], strict=True)
                values = [a["total"][what] / b["total"][what] for a, b in pairs]
                rows.append(
                    {
                        "size": size,
                        "variant": _NAMES[name],
                        "panel": f"{panel}: a run as a multiple of its SQL alone",
                        "ratio": median(values),
                        "least": min(values),
                        "most": max(values),
                    }
                )
    return rows


def _steps(results: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for size, one in results["sizes"].items():
        for name, runs in one["variants"].items():
            named = {step for run in runs for step in run["steps"]}
            spent: dict[str, float] = {}
            for step in named:
                merged = _MERGED.get(step, step)
                seconds = median(run["steps"].get(step, {"wall": 0.0})["wall"] for run in runs)
                spent[merged] = spent.get(merged, 0.0) + seconds
            rows += [
                {
                    "size": size,
                    "variant": _NAMES[name],
                    "step": _STEPS[step],
                    "seconds": seconds,
                    "position": list(_STEPS).index(step),
                }
                for step, seconds in spent.items()
            ]
    return rows
