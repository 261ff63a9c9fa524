"""A figure as pgfplots draws it in LaTeX: lines, points and bars on one pair of axes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from .cleaning import plain_text
from .drawing import COLOURS
from .figures import errors_of, is_log, is_number, list_of, names_along_x, values_of
from .tex_text import tex_text

MOST_POINTS = 400
"""Of one trace: TeX takes long for each, and paper shows no more."""
MOST_TICKS = 12
"""Of named places along x."""
PREAMBLE = r"\usepackage{pgfplots}\pgfplotsset{compat=1.14}"
_TAG = re.compile(r"<[^<>]*>")
_LOOK = (
    r"width=0.9\linewidth, height=0.5\linewidth, grid=major, grid style={black!12}, "
    r"tick label style={font=\footnotesize}, label style={font=\small}, "
    r"title style={font=\small}, unbounded coords=jump, "
    r"legend style={at={(0.5,-0.25)}, anchor=north, legend columns=3, draw=none, font=\small}"
)


def figure_tex(figure: dict[str, Any]) -> str | None:
    """Draws a figure.

    Args:
        figure: From `figures.figure_of`.

    Returns:
        None if it has more axes than two or traces of other types: words have to do then.
    """
    traces, layout = figure["data"], figure["layout"]
    if not traces or not all(map(_is_drawable, traces)):
        return None
    names = names_along_x(traces)
    bars = all(trace.get("type") == "bar" for trace in traces)
    width = _bars(traces, layout, names) if bars else ["enlarge x limits=0.03"]
    options = [_LOOK, *width, *_title(layout)]
    options += [*_axis("x", layout), *_axis("y", layout), *_ticks(names)]
    logs = [is_log(layout, axis) for axis in ("x", "y")]
    plots = [_plot(trace, at, names, logs, bars) for at, trace in enumerate(traces)]
    body = "\n".join(plots)
    return (
        "\\begin{center}\\begin{tikzpicture}\n"
        f"\\begin{{axis}}[{', '.join(options)}]\n{body}\n\\end{{axis}}\n"
        "\\end{tikzpicture}\\end{center}"
    )


def _is_drawable(trace: dict[str, Any]) -> bool:
    upright = trace.get("orientation") != "h"
    one_pair = (trace.get("xaxis", "x"), trace.get("yaxis", "y")) == ("x", "y")
    known = trace.get("type", "scatter") in ("bar", "scatter")
    return known and upright and one_pair and isinstance(trace.get("y"), list)


def _title(layout: dict[str, Any]) -> list[str]:
    text = _text(layout.get("title"))
    return [f"title={{{text}}}"] if text else []


def _axis(name: str, layout: dict[str, Any]) -> list[str]:
    axis = layout.get(f"{name}axis")
    if not isinstance(axis, dict):
        return []
    label = _text(axis.get("title"))
    options = [f"{name}label={{{label}}}"] if label else []
    log = is_log(layout, name)
    if log:
        options.append(f"{name}mode=log")
    bounds = list_of(axis.get("range"))
    if len(bounds) == 2 and all(map(is_number, bounds)):
        low, high = (10 ** max(-300, min(300, bound)) if log else bound for bound in bounds)
        options += [f"{name}min={low:.6g}", f"{name}max={high:.6g}"]
    return options


def _ticks(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    shown = range(0, len(names), math.ceil(len(names) / MOST_TICKS))
    labels = ",".join(f"{{{_text(names[at])}}}" for at in shown)
    slanted = ["x tick label style={rotate=30, anchor=east}"] if max(map(len, names)) > 12 else []
    places = ",".join(map(str, shown))
    return [f"xtick={{{places}}}", f"xticklabels={{{labels}}}", *slanted]


def _bars(
    traces: Sequence[dict[str, Any]], layout: dict[str, Any], names: Sequence[str]
) -> list[str]:
    stacked = layout.get("barmode") == "stack"
    options = ["ybar stacked" if stacked else "ybar=0pt"]
    heights = [y for trace in traces for y in trace["y"] if is_number(y)]
    if not is_log(layout, "y") and all(y >= 0 for y in heights):
        options.append("ymin=0, enlarge y limits={value=0.1, upper}")
    if names:
        width = 0.8 if stacked else 0.8 / len(traces)
        options.append(f"bar width={width:.3g}, enlarge x limits={{abs=0.5}}")
    return options


def _plot(
    trace: dict[str, Any], at: int, names: Sequence[str], logs: Sequence[bool], bars: bool
) -> str:
    points = _points(trace, names, logs)
    options = [_mode(trace, bars), f"color={_ink(at)}"]
    if trace.get("type") == "bar":
        options.append(f"fill={_ink(at)}, fill opacity=0.8")
    if any(errors_of(trace)):
        options.append("error bars/.cd, y dir=both, y explicit")
    drawn = f"\\addplot[{', '.join(options)}] coordinates {{{' '.join(points)}}};"
    name = _text(trace.get("name"))
    return f"{drawn}\n\\addlegendentry{{{name}}}" if name else drawn


def _ink(at: int) -> str:
    colour = COLOURS[at % len(COLOURS)]
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{{rgb,255:red,{red};green,{green};blue,{blue}}}"


def _points(trace: dict[str, Any], names: Sequence[str], logs: Sequence[bool]) -> list[str]:
    has_errors = any(errors_of(trace))
    points = []
    for x, y, *errors in values_of(trace, names, MOST_POINTS):
        point = f"({_number(x, logs[0])},{_number(y, logs[1])})"
        up, down = (_number(each, False) for each in errors)
        points.append(f"{point} += (0,{up}) -= (0,{down})" if has_errors else point)
    return points


def _mode(trace: dict[str, Any], bars: bool) -> str:
    if trace.get("type") == "bar":
        return "draw" if bars else "ybar"
    # Where nothing is said plotly marks the points of short lines.
    mode = str(trace.get("mode") or ("lines+markers" if len(trace["y"]) < 20 else "lines"))
    marks = "mark=*, mark size=1.2pt" if "markers" in mode else "mark=none"
    return f"{'sharp plot, thick' if 'lines' in mode else 'only marks'}, {marks}"


def _number(value: object, log: bool) -> str:
    if not is_number(value) or (log and float(value) <= 0):  # type: ignore[arg-type]
        return "nan"
    return f"{value:.6g}"


def _text(value: object) -> str:
    """A text of the figure in one line, without plotly's markup."""
    found = plain_text(value.get("text") if isinstance(value, dict) else value)
    return tex_text(" ".join(_TAG.sub(" ", found).split()))
