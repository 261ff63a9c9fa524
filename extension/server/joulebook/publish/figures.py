"""Plotly figures: checked, put into words, and shown as an image where no script runs."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .reading import parse

MIME = "application/vnd.plotly.v1+json"
MARK = "joulebook-figure"
"""The class of a figure's element."""
MOST_NAMES = 6


def figure_of(value: object) -> dict[str, Any] | None:
    """Checks a figure.

    Args:
        value: Of the MIME type above: an object, or its text.

    Returns:
        Its data, layout and a `config` without links to servers; None if it is no figure.
    """
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    if isinstance(value, str):
        try:
            value = parse(value)
        except ValueError:
            return None
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        return None
    data = [trace for trace in value["data"] if isinstance(trace, dict)]
    layout = value.get("layout") if isinstance(value.get("layout"), dict) else {}
    # Images and map tiles would be fetched from elsewhere.
    kept = {key: each for key, each in (layout or {}).items() if key not in ("images", "mapbox")}
    return {"data": data, "layout": kept, "config": {"displaylogo": False, "responsive": True}}


def figures_in(cells: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The figures among the outputs of cleaned cells."""
    outputs = (output for cell in cells for output in cell.get("outputs", []))
    found = (figure_of(output.get("data", {}).get(MIME)) for output in outputs)
    return [figure for figure in found if figure]


def describe(figure: dict[str, Any]) -> str:
    """Puts a figure into words: its title, what is drawn, the axes and their ranges."""
    layout, data = figure["layout"], figure["data"]
    title = _text(layout.get("title")) or "Figure"
    names = [str(trace["name"]) for trace in data if trace.get("name")]
    shown = ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
    drawn = {str(trace.get("type", "scatter")) for trace in data}
    what = {"scatter": "line", "bar": "set of bars"}.get(drawn.pop()) if len(drawn) == 1 else None
    noun = what or "trace"
    count = f"{len(data)} {noun}" + ("s" if len(data) != 1 and noun != "set of bars" else "")
    if noun == "set of bars" and len(data) != 1:
        count = f"{len(data)} sets of bars"
    parts = [f"{title.rstrip('.')}. {count}" + (f": {shown}" if shown else "")]
    for axis in ("x", "y"):
        words = _axis(axis, layout.get(f"{axis}axis"), data)
        if words:
            parts.append(words)
    return "; ".join(parts) + "."


def names_along_x(traces: Iterable[Mapping[str, Any]]) -> list[str]:
    """The places along x where they have names, in order; none where they are numbers."""
    xs = [x for trace in traces for x in list_of(trace.get("x"))]
    named = any(isinstance(x, str) for x in xs)
    return list(dict.fromkeys(map(str, xs))) if named else []


def errors_of(trace: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """By how much each value of a trace may be larger, and smaller."""
    said = trace.get("error_y")
    if not isinstance(said, dict) or said.get("visible") is False:
        return [], []
    up = list_of(said.get("array"))
    return up, list_of(said.get("arrayminus")) or up


def values_of(
    trace: Mapping[str, Any], names: Sequence[str], most: int
) -> Iterator[tuple[Any, Any, Any, Any]]:
    """The values of a trace, at most so many, evenly left out.

    Args:
        trace: The trace.
        names: From `names_along_x`.
        most: How many values are enough.

    Yields:
        The place along x, the value, and by how much it may be larger, and smaller.
    """
    ys = list_of(trace.get("y"))
    xs = list_of(trace.get("x")) or list(range(len(ys)))
    places = {name: place for place, name in enumerate(names)}
    errors = errors_of(trace)
    for index in range(0, min(len(xs), len(ys)), max(1, math.ceil(len(ys) / most))):
        x = places[str(xs[index])] if names else xs[index]
        up, down = (each[index] if index < len(each) else 0 for each in errors)
        yield x, ys[index], up, down


def is_log(layout: Mapping[str, Any], axis: str) -> bool:
    """Whether the axis `x` or `y` is logarithmic."""
    said = layout.get(f"{axis}axis")
    return isinstance(said, dict) and said.get("type") == "log"


def is_number(value: object) -> bool:
    """Whether something can be drawn at its place."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and math.isfinite(value)  # type: ignore[arg-type]


def list_of(value: object) -> list[Any]:
    """A list, empty where something else stands."""
    return value if isinstance(value, list) else []


def figure_html(figure: dict[str, Any], fallback: str) -> str:
    """The figure as HTML: data for plotly, and what stands there until it draws.

    Args:
        figure: From `figure_of`.
        fallback: HTML of an image or of text.
    """
    # Only <, > and & can end the script or begin a comment in it.
    data = json.dumps(figure, allow_nan=False, default=str)
    for sign in "<>&":
        data = data.replace(sign, f"\\u{ord(sign):04x}")
    label = html.escape(describe(figure))
    return (
        f'<div class="{MARK}" role="figure" aria-label="{label}">'
        f'<script type="application/json">{data}</script>'
        f'<div class="joulebook-fallback">{fallback}</div></div>'
    )


def _axis(name: str, axis: object, data: list[dict[str, Any]]) -> str:
    axis = axis if isinstance(axis, dict) else {}
    values = [v for trace in data for v in _numbers(trace.get(name))]
    title = _text(axis.get("title"))
    label = f"{name}: {title}" if title else name
    if not values:
        return label if title else ""
    scale = ", logarithmic" if axis.get("type") == "log" else ""
    return f"{label} from {min(values):.4g} to {max(values):.4g}{scale}"


def _numbers(values: object) -> list[float]:
    return [float(v) for v in list_of(values) if is_number(v)]


def _text(title: object) -> str:
    found = title.get("text") if isinstance(title, dict) else title
    return found if isinstance(found, str) else ""
