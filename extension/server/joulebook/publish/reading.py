"""Takes notebooks from files that may be broken, huge or not notebooks at all."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from ..errors import JoulebookError

LARGEST_FILE_BYTES = 256 * 1024 * 1024
"""Reading takes several times as much memory."""
LARGEST_CELLS = 10_000
_LONGEST_INTEGER = 300


def read_notebook(path: Path) -> dict[str, Any]:
    """Reads a notebook.

    Args:
        path: An .ipynb file of format 4.

    Returns:
        The document as it stands: nothing in it has been checked but its outline.

    Raises:
        JoulebookError: `publish/no-notebook`, `publish/too-large`, or `publish/unreadable`.
    """
    if not path.is_file():
        raise JoulebookError("publish/no-notebook", f"no notebook at {path}")
    size = path.stat().st_size
    if size > LARGEST_FILE_BYTES:
        raise JoulebookError(
            "publish/too-large",
            f"{path} has {megabytes(size)}; at most {megabytes(LARGEST_FILE_BYTES)} are read. "
            "Clear the outputs that are so large (in JupyterLab: Edit > Clear Outputs of All "
            "Cells), or print less.",
        )
    try:
        document: dict[str, Any] = parse(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(path, f"not JSON: {error}") from error
    cells = document.get("cells") if isinstance(document, dict) else None
    if not isinstance(cells, list) or document.get("nbformat") != 4:
        raise _unreadable(path, "expected nbformat 4 with a list of cells")
    if len(cells) > LARGEST_CELLS:
        raise _unreadable(path, f"{len(cells)} cells; at most {LARGEST_CELLS} are published")
    return document


def parse(text: str) -> Any:
    """Reads JSON; a number that no double holds becomes None.

    Raises:
        ValueError: Where the text is no JSON.
    """
    return json.loads(
        text, parse_constant=lambda _: None, parse_float=_finite, parse_int=_finite_integer
    )


def _finite(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def _finite_integer(text: str) -> int | None:
    return int(text) if len(text) <= _LONGEST_INTEGER else None


def megabytes(size: int) -> str:
    """A size in words."""
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"


def _unreadable(path: Path, reason: str) -> JoulebookError:
    return JoulebookError("publish/unreadable", f"{path} is no notebook that can be read: {reason}")
