"""A figure as a plain SVG picture, for where no script runs: lines, points and bars."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Any

from .figures import describe

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 36
COLOURS = ("#1f77b4", "#d9730d", "#2a8a3e", "#c5312d", "#8356b4", "#7d5548")
TICKS = 4
MOST_POINTS = 2000
MOST_TRACES = 12


def fallback_html(figure: dict[str, Any], held: dict[str, Any]) -> str:
    """What stands in a figure's place until, or unless, plotly draws it.

    Args:
        figure: From `figures.figure_of`.
        held: The cleaned output, with its own picture or text under `fallback`.
    """
    picture = own_picture(held)
    if picture:
        return f'<img src="{html.escape(picture)}" alt="{html.escape(describe(figure))}">'
    return drawing(figure)


def own_picture(held: dict[str, Any]) -> str | None:
    """The address of the picture that a figure's output brought with it, if it did."""
    fallback = held.get("fallback")
    picture = fallback.get("picture") if isinstance(fallback, dict) else None
    return picture if isinstance(picture, str) and picture.startswith("data:image/") else None


def drawing(figure: dict[str, Any]) -> str:
    """Draws what can be drawn simply; of anything else the description stays.

    Args:
        figure: From `figures.figure_of`; categories and dates stand evenly spaced.
    """
    layout = figure["layout"]
    logs = [_is_log(layout.get(f"{axis}axis")) for axis in ("x", "y")]
    traces = [_points(trace, logs) for trace in figure["data"][:MOST_TRACES]]
    points = [point for trace in traces for point in trace]
    if not points:
        return f"<p>{html.escape(describe(figure))}</p>"
    bars = [trace.get("type") == "bar" for trace in figure["data"]]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x_range = _range(xs, 0.5 if any(bars) else 0)
    y_range = _range([*ys, 0.0] if any(bars) and not logs[1] else ys, 0)
    parts = [_grid(x_range, y_range, logs)]
    for index, trace in enumerate(traces):
        colour = COLOURS[index % len(COLOURS)]
        placed = [(_across(x, x_range), _up(y, y_range)) for x, y in trace]
        markers = "lines" not in str(figure["data"][index].get("mode", "lines"))
        parts.append(
            _shape(placed, colour, bars[index], markers, _up(max(0.0, y_range[0]), y_range))
        )
    return (
        f'<svg class="joulebook-drawing" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>{_legend(figure["data"])}'
    )


def _points(trace: dict[str, Any], logs: Sequence[bool]) -> list[tuple[float, float]]:
    ys = trace.get("y") if isinstance(trace.get("y"), list) else []
    xs = trace.get("x") if isinstance(trace.get("x"), list) else list(range(len(ys or [])))
    step = max(1, math.ceil(len(ys or []) / MOST_POINTS))
    found = []
    for index, (x, y) in enumerate(list(zip(xs or [], ys or [], strict=False))[::step]):
        place = _number(x, logs[0]) if isinstance(x, (int, float)) else float(index * step)
        height = _number(y, logs[1])
        if place is not None and height is not None:
            found.append((place, height))
    return found


def _number(value: object, log: bool) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    if log:
        return math.log10(value) if value > 0 else None
    return float(value)


def _range(values: Sequence[float], margin: float) -> tuple[float, float]:
    low, high = min(values) - margin, max(values) + margin
    return (low, high) if high > low else (low - 1, high + 1)


def _across(x: float, bounds: tuple[float, float]) -> float:
    return LEFT + (x - bounds[0]) / (bounds[1] - bounds[0]) * (WIDTH - LEFT - RIGHT)


def _up(y: float, bounds: tuple[float, float]) -> float:
    return HEIGHT - BOTTOM - (y - bounds[0]) / (bounds[1] - bounds[0]) * (HEIGHT - TOP - BOTTOM)


def _grid(xs: tuple[float, float], ys: tuple[float, float], logs: Sequence[bool]) -> str:
    parts = []
    for tick in range(TICKS + 1):
        x = xs[0] + (xs[1] - xs[0]) * tick / TICKS
        y = ys[0] + (ys[1] - ys[0]) * tick / TICKS
        at_x, at_y = _across(x, xs), _up(y, ys)
        parts.append(
            f'<path d="M{LEFT} {at_y:.1f}H{WIDTH - RIGHT}" stroke="currentColor" opacity=".15"/>'
            f'<text x="{LEFT - 6}" y="{at_y + 4:.1f}" text-anchor="end">{_label(y, logs[1])}</text>'
            f'<text x="{at_x:.1f}" y="{HEIGHT - 12}" text-anchor="middle">'
            f"{_label(x, logs[0])}</text>"
        )
    return "".join(parts)


def _label(value: float, log: bool) -> str:
    return f"{10**value:.3g}" if log else f"{value:.4g}"


def _shape(
    points: list[tuple[float, float]], colour: str, bar: bool, markers: bool, base: float
) -> str:
    if bar:
        width = max(2.0, (WIDTH - LEFT - RIGHT) / max(1, len(points)) * 0.6)
        return "".join(
            f'<rect x="{x - width / 2:.1f}" y="{min(y, base):.1f}" width="{width:.1f}" '
            f'height="{abs(base - y):.1f}" fill="{colour}" opacity=".8"/>'
            for x, y in points
        )
    if markers:
        return "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points
        )
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>' if path else ""


def _legend(data: list[dict[str, Any]]) -> str:
    names = [
        f'<li><span style="color:{COLOURS[i % len(COLOURS)]}" aria-hidden="true">■</span> '
        f"{html.escape(str(trace.get('name')))}</li>"
        for i, trace in enumerate(data[:MOST_TRACES])
        if trace.get("name")
    ]
    return f'<ul class="joulebook-legend">{"".join(names)}</ul>' if names else ""


def _is_log(axis: object) -> bool:
    return isinstance(axis, dict) and axis.get("type") == "log"
