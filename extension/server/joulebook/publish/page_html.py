"""The parts of a page that tell of energy, as HTML: what site and single pages share."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from .energy import Energy

EXPLANATION = (
    "An interval holds the true value in 95 of 100 cases. Measured values come from hardware "
    "counters. Modelled values come from a model of the machine's power where no counter can be "
    "read; their intervals are wide. Sums treat errors of measured values as independent, and "
    "those of modelled values as common."
)
"""Stands on every page with energies."""


def badge_html(energy: Energy) -> str:
    """What a cell cost: a line of text with its value as data for scripts."""
    joules = "" if energy.joules is None else f' data-joules="{energy.joules!r}"'
    return (
        f'<p class="joulebook-badge joulebook-{energy.kind}" data-kind="{energy.kind}"{joules}>'
        f'<span class="joulebook-quiet">Energy of this cell: </span>'
        f"{html.escape(in_words(energy))}</p>"
    )


def in_words(energy: Energy) -> str:
    """What a cell cost, how that is known, and of how many runs it is the mean."""
    if energy.kind == "missing":
        return energy.reason or "not metered"
    mean = f", mean of {energy.repetitions} runs" if energy.repetitions > 1 else ""
    return f"{energy.text}, measured{mean}" if energy.kind == "measured" else energy.text + mean


def methods_html(methods: Mapping[str, str]) -> str:
    """How the energies were measured."""
    rows = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th><td>{html.escape(fact)}</td></tr>'
        for name, fact in methods.items()
    )
    return (
        '<section class="joulebook-methods" aria-labelledby="methods">'
        '<h2 id="methods">How the energy was measured</h2>'
        f"<p>{html.escape(EXPLANATION)}</p><table>{rows}</table></section>"
    )


def notes_html(notes: Sequence[str]) -> str:
    """What a reader should know before trusting the page."""
    if not notes:
        return ""
    items = "".join(f"<li>{html.escape(note)}</li>" for note in notes)
    return (
        '<aside class="joulebook-notes" aria-label="Notes on this page">'
        f"<p>Notes on this page</p><ul>{items}</ul></aside>"
    )
