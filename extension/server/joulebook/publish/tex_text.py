"""Text as LaTeX takes it."""

from __future__ import annotations

_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def tex_text(text: str) -> str:
    """Text in LaTeX, where ten characters mean something else."""
    escaped = "".join(f"\\{c}" if c in "&%$#_{}" else _TEX.get(c, c) for c in text)
    return escaped.replace("±", r"$\pm$")
