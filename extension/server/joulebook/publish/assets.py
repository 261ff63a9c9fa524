"""The scripts that pages need, where the build put them: nothing is fetched later."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import JoulebookError
from ..launch import RUNTIME

STATIC = Path(__file__).parent / "static"
"""Style sheets and scripts of our own."""
PLOTLY = "plotly.min.js"
PLOTLY_BASIC = "plotly-basic.min.js"
"""A quarter of it, which draws only lines, points, bars and pies."""
BASIC_TRACES = frozenset(("bar", "pie", "scatter"))
MATHJAX = "mathjax.js"
MATHJAX_CONFIG = {
    "tex": {
        "inlineMath": [["$", "$"], ["\\(", "\\)"]],
        # These would load files from elsewhere, or let a formula hold links, styles and scripts.
        "packages": {"[-]": ["html", "require", "autoload", "noundefined", "texhtml"]},
    },
    "svg": {"fontCache": "local"},
    "options": {"enableMenu": False},
}
"""Of MathJax 3; the formulas carry MathML for screen readers."""


def plotly_for(figures: Iterable[dict[str, Any]]) -> Path:
    """Finds the smallest plotly that draws all of some figures.

    Args:
        figures: As `figures.figure_of` gives them.

    Raises:
        JoulebookError: As `asset` does.
    """
    types = {str(trace.get("type", "scatter")) for figure in figures for trace in figure["data"]}
    return asset(PLOTLY_BASIC if types <= BASIC_TRACES else PLOTLY)


def asset(name: str) -> Path:
    """Finds a script.

    Args:
        name: PLOTLY, PLOTLY_BASIC or MATHJAX.

    Raises:
        JoulebookError: `runtime/not-built` if the build has not put it there.
    """
    path = Path(RUNTIME) / "publish" / name
    if not path.exists():
        raise JoulebookError(
            "runtime/not-built",
            f"{path} is missing. In a clone of the project run: npm run build. "
            "Otherwise reinstall the package: pip install --force-reinstall joulebook",
        )
    return path
