"""A badge for a README: the energy of what was published, as an SVG picture."""

from __future__ import annotations

import html
from pathlib import Path

from .energy import Energy

_COLOURS = {"measured": "#0b5d2e", "modelled": "#7a4300", "missing": "#545b66"}
_CHARACTER = 6.6
_PADDING = 12


def badge_svg(energy: Energy, label: str = "energy") -> str:
    """Draws the badge.

    Args:
        energy: Of all pages together.
        label: Stands to the left of the value.
    """
    value = energy.text if energy.kind != "missing" else "not metered"
    left, right = (_PADDING + _CHARACTER * len(text) for text in (label, value))
    width = left + right
    title = html.escape(f"{label}: {value}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="20" role="img" '
        f'aria-label="{title}"><title>{title}</title>'
        f'<rect width="{width:.0f}" height="20" rx="3" fill="{_COLOURS[energy.kind]}"/>'
        f'<path d="M3 0h{left - 3:.1f}v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3" fill="#3a3f47"/>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{left / 2:.1f}" y="14" text-anchor="middle">{html.escape(label)}</text>'
        f'<text x="{left + right / 2:.1f}" y="14" text-anchor="middle">{html.escape(value)}</text>'
        "</g></svg>\n"
    )


def write_badge(energy: Energy, path: Path) -> None:
    """Writes the badge to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(badge_svg(energy), "utf-8")
