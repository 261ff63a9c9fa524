"""Compares what a cell gave then and now: its results and its energy."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from .energy import Energy

Outcome = Literal["same", "differs", "not compared"]
_UNIT = r"(?:[kMGTmµn]?(?:J|Wh|W|s|g(?:CO2e?)?|L)|min|h)"
_NUMBER = r"[-+]?(?:\d+(?:[.,]\d+)*|\.\d+)(?:[eE][-+]?\d+)?"
_COST = re.compile(
    rf"(?:<|about)?\s*{_NUMBER}\s*{_UNIT}\b(?:/\w+)?(?:\s*±\s*{_NUMBER})?"
    rf"(?:\s*\({_NUMBER} to {_NUMBER}[^)]*\))?"
)
"""Energies, powers, times and what follows from them: they differ from run to run by nature."""
_PLAIN = re.compile(_NUMBER)
_SHOWN = 60


@dataclass(frozen=True)
class Comparison:
    """What became of a cell's results or energy."""

    outcome: Outcome
    detail: str = ""


def compare_results(then: str, now: str, tolerance: float) -> Comparison:
    """Compares the text of outputs.

    Args:
        then: As published.
        now: Of the new run.
        tolerance: By how much numbers may differ, relative to the larger.

    Returns:
        `same` if the words agree, and every number within the tolerance. Energies, powers and times
        written with their unit are left out: `compare_energies` compares the cell's own.
    """
    before, after = (_COST.sub("□", text).split("\n") for text in (then.strip(), now.strip()))
    for number, (old, new) in enumerate(zip(before, after, strict=False), 1):
        if _PLAIN.sub("#", old).split() != _PLAIN.sub("#", new).split():
            return Comparison("differs", f"line {number}: {_short(old)} became {_short(new)}")
        for a, b in zip(_PLAIN.findall(old), _PLAIN.findall(new), strict=True):
            if not _near(a, b, tolerance):
                return Comparison("differs", f"line {number}: {a} became {b}")
    if len(before) != len(after):
        return Comparison("differs", f"{len(before)} lines became {len(after)}")
    return Comparison("same")


def compare_energies(then: Energy | None, now: Energy | None) -> Comparison:
    """Says whether the intervals of two energies overlap.

    Whether their errors go together is not asked: two of one machine's model share most of theirs,
    so that `same` says of modelled energies that nothing is known to differ, not that nothing does.
    """
    if then is None or now is None:
        return Comparison("not compared", "not metered " + ("then" if then is None else "now"))
    bounds = [(e.low, e.high) for e in (then, now)]
    (low_then, high_then), (low_now, high_now) = bounds
    if None in (high_then, high_now):
        return Comparison("not compared", "no interval")
    apart = (low_now or 0) > (high_then or 0) or (low_then or 0) > (high_now or 0)
    detail = f"{then.text} became {now.text}"
    return Comparison("differs" if apart else "same", detail)


def _near(a: str, b: str, tolerance: float) -> bool:
    if a == b:
        return True
    try:
        x, y = float(a.replace(",", "")), float(b.replace(",", ""))
    except ValueError:
        return False
    return math.isclose(x, y, rel_tol=tolerance, abs_tol=tolerance * 1e-3)


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
