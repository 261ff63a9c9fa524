"""The scripts that pages need, where the build put them: nothing is fetched later."""

from __future__ import annotations

from pathlib import Path

from ..errors import JoulebookError
from ..launch import RUNTIME

STATIC = Path(__file__).parent / "static"
"""Style sheets and scripts of our own."""
PLOTLY = "plotly.min.js"
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


def asset(name: str) -> Path:
    """Finds a script.

    Args:
        name: PLOTLY or MATHJAX.

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
