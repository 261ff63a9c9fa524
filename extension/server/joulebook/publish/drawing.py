"""A figure as a plain SVG picture, for where no script runs: lines, points and bars."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from .figures import describe, is_log, is_number, names_along_x, values_of

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 36
COLOURS = ("#1f77b4", "#d9730d", "#2a8a3e", "#c5312d", "#8356b4", "#7d5548")
TICKS = 4
MOST_POINTS = 2000
MOST_TRACES = 12
MOST_NAMES = 8
LONGEST_NAME = 14


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


class _Mark(NamedTuple):
    """A value at its place, and the bounds of its error; logarithms on logarithmic axes."""

    x: float
    y: float
    low: float
    high: float


def drawing(figure: dict[str, Any]) -> str:
    """Draws what can be drawn simply; of anything else the description stays.

    Args:
        figure: From `figures.figure_of`; categories and dates stand evenly spaced.
    """
    layout, data = figure["layout"], figure["data"][:MOST_TRACES]
    names = names_along_x(data)
    logs = [is_log(layout, axis) for axis in ("x", "y")]
    traces = [_marks(trace, names, logs) for trace in data]
    marks = [mark for trace in traces for mark in trace]
    if not marks or layout.get("barmode") in ("relative", "stack"):
        return f"<p>{html.escape(describe(figure))}</p>"
    bars = [trace.get("type") == "bar" for trace in data]
    x_range = _range([mark.x for mark in marks], 0.5 if any(bars) else 0)
    bounds = [bound for mark in marks for bound in (mark.low, mark.high)]
    y_range = _range([*bounds, 0.0] if any(bars) and not logs[1] else bounds, 0)
    width = _bar_width(marks, sum(bars))
    parts = [_grid(x_range, y_range, logs, names)]
    for index, trace in enumerate(traces):
        aside = (sum(bars[:index]) - (sum(bars) - 1) / 2) * width if bars[index] else 0
        moved = [mark._replace(x=mark.x + aside) for mark in trace]
        parts.append(
            _shape(data[index], COLOURS[index % len(COLOURS)], moved, x_range, y_range, width)
        )
    return (
        f'<svg class="joulebook-drawing" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>{_legend(data)}'
    )


def _marks(trace: dict[str, Any], names: Sequence[str], logs: Sequence[bool]) -> list[_Mark]:
    found = []
    for place, value, *errors in values_of(trace, names, MOST_POINTS):
        x = _number(place, logs[0] and not names)
        y = _number(value, logs[1])
        if x is None or y is None:
            continue
        up, down = (_number(each, False) for each in errors)
        high = _number(value + (up or 0), logs[1])
        low = _number(value - (down or 0), logs[1])
        found.append(_Mark(x, y, y if low is None else low, y if high is None else high))
    return found


def _number(value: object, log: bool) -> float | None:
    if not is_number(value):
        return None
    number = float(value)  # type: ignore[arg-type]
    if log:
        return math.log10(number) if number > 0 else None
    return number


def _bar_width(marks: Sequence[_Mark], bars: int) -> float:
    """Of one bar of a group, where the places along x are as near as the nearest two."""
    places = sorted({mark.x for mark in marks})
    gap = min((b - a for a, b in zip(places, places[1:], strict=False)), default=1.0)
    return 0.8 * gap / max(1, bars)


def _range(values: Sequence[float], margin: float) -> tuple[float, float]:
    low, high = min(values) - margin, max(values) + margin
    return (low, high) if high > low else (low - 1, high + 1)


def _across(x: float, bounds: tuple[float, float]) -> float:
    return LEFT + (x - bounds[0]) / (bounds[1] - bounds[0]) * (WIDTH - LEFT - RIGHT)


def _up(y: float, bounds: tuple[float, float]) -> float:
    return HEIGHT - BOTTOM - (y - bounds[0]) / (bounds[1] - bounds[0]) * (HEIGHT - TOP - BOTTOM)


def _grid(
    xs: tuple[float, float],
    ys: tuple[float, float],
    logs: Sequence[bool],
    names: Sequence[str],
) -> str:
    parts = []
    for tick in range(TICKS + 1):
        y = ys[0] + (ys[1] - ys[0]) * tick / TICKS
        at = _up(y, ys)
        parts.append(
            f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="currentColor" opacity=".15"/>'
            f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{_label(y, logs[1])}</text>'
        )
    every = max(1, math.ceil(len(names) / MOST_NAMES))
    ticks = [(float(at), name[:LONGEST_NAME]) for at, name in enumerate(names)][::every]
    if not names:
        places = [xs[0] + (xs[1] - xs[0]) * tick / TICKS for tick in range(TICKS + 1)]
        ticks = [(x, _label(x, logs[0])) for x in places]
    parts += [
        f'<text x="{_across(x, xs):.1f}" y="{HEIGHT - 12}" text-anchor="middle">'
        f"{html.escape(label)}</text>"
        for x, label in ticks
    ]
    return "".join(parts)


def _label(value: float, log: bool) -> str:
    return f"{10**value:.3g}" if log else f"{value:.4g}"


def _shape(
    trace: dict[str, Any],
    colour: str,
    marks: Sequence[_Mark],
    xs: tuple[float, float],
    ys: tuple[float, float],
    width: float,
) -> str:
    points = [(_across(mark.x, xs), _up(mark.y, ys)) for mark in marks]
    whiskers = "".join(
        f'<path d="M{x:.1f} {_up(mark.low, ys):.1f}V{_up(mark.high, ys):.1f}" '
        f'stroke="currentColor"/>'
        for mark, (x, _) in zip(marks, points, strict=True)
        if mark.high > mark.low
    )
    if trace.get("type") == "bar":
        wide = max(2.0, width / (xs[1] - xs[0]) * (WIDTH - LEFT - RIGHT))
        base = _up(max(0.0, ys[0]), ys)
        shape = "".join(
            f'<rect x="{x - wide / 2:.1f}" y="{min(y, base):.1f}" width="{wide:.1f}" '
            f'height="{abs(base - y):.1f}" fill="{colour}" opacity=".8"/>'
            for x, y in points
        )
    elif "lines" not in str(trace.get("mode", "lines")):
        shape = "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points
        )
    else:
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        shape = (
            f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>' if path else ""
        )
    return shape + whiskers


def _legend(data: list[dict[str, Any]]) -> str:
    names = [
        f'<li><span style="color:{COLOURS[i % len(COLOURS)]}" aria-hidden="true">■</span> '
        f"{html.escape(str(trace.get('name')))}</li>"
        for i, trace in enumerate(data[:MOST_TRACES])
        if trace.get("name")
    ]
    return f'<ul class="joulebook-legend">{"".join(names)}</ul>' if names else ""
