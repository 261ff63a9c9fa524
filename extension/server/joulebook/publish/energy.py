"""Energies with their intervals: read from a notebook, added up, and written."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["measured", "modelled", "missing"]
_LARGER = ((1e7, 1e6, "M"), (1e4, 1e3, "k"))
_LONGEST_REASON = 200


@dataclass(frozen=True)
class Energy:
    """An energy in joules with the bounds of its 95 % interval."""

    joules: float | None
    low: float | None
    high: float | None
    kind: Kind
    below: bool = False
    """Too short to resolve: only the upper bound says something."""
    reason: str = ""
    """Why there is no value."""
    repetitions: int = 1
    """Of how many runs this is the mean."""

    @property
    def text(self) -> str:
        """The value with as many digits as its interval allows (JCGM 100:2008, 7.2.6)."""
        if self.below and self.high is not None:
            return f"< {_alone(self.high, 1)}"
        if self.joules is None:
            return f"missing ({self.reason})" if self.reason else "missing"
        if self.low is None or self.high is None:
            return f"about {_alone(self.joules, 2)}"
        factor, prefix = _prefix(self.joules)
        half = (self.high - self.low) / 2 / factor
        place = last_place(half) if half > 0 else _digits_place(self.joules / factor, 3)
        fine = place
        if self.kind == "modelled" and self.joules:
            # A wide interval must not round a small value to nothing.
            fine = min(place, _digits_place(self.joules / factor, 1))
        value = _round(self.joules / factor, fine)
        low, high = (
            _round(x, place if x == 0 or x >= 10.0**place else fine)
            for x in (self.low / factor, self.high / factor)
        )
        if self.kind == "modelled":
            return f"about {value} {prefix}J ({low} to {high}, modelled)"
        up, down = (_round(x / factor, place) for x in self._widths())
        if up != down:
            return f"{value} {prefix}J ({low} to {high})"
        return f"{value} {prefix}J ± {_round(half, place)}" if half > 0 else f"{value} {prefix}J"

    def as_json(self) -> dict[str, Any]:
        """The fields that say something, by name."""
        said: dict[str, Any] = {name: getattr(self, name) for name in ("joules", "low", "high")}
        said["kind"] = self.kind
        if self.below:
            said["below"] = True
        if self.reason:
            said["reason"] = self.reason
        if self.repetitions > 1:
            said["repetitions"] = self.repetitions
        return said

    def _widths(self) -> tuple[float, float]:
        joules = self.joules or 0
        return (self.high or joules) - joules, joules - (self.low or 0)


def missing(reason: str) -> Energy:
    """An energy that nobody knows, and why."""
    return Energy(None, None, None, "missing", reason=reason)


def energy_of(value: object) -> Energy | None:
    """Reads an energy as JupyterLab, `joulebook run` or the daemon wrote it.

    Args:
        value: Anything: it may come from a stranger's notebook.

    Returns:
        None if it is no energy: a field is not the number it should be, or out of order.
    """
    if not isinstance(value, dict):
        return None
    value = value.get("total", value)
    if not isinstance(value, dict):
        return None
    kind, numbers = value.get("kind"), [value.get(name) for name in ("joules", "low", "high")]
    if kind not in ("measured", "modelled", "missing") or not all(map(_is_joules, numbers)):
        return None
    joules, low, high = numbers
    below = value.get("below") is True
    if kind == "missing" or (joules is None and not below):
        reason = value.get("reason")
        return missing(reason[:_LONGEST_REASON] if isinstance(reason, str) else "")
    if low is not None and high is not None and low > high:
        return None
    repetitions = value.get("repetitions")
    count = repetitions if isinstance(repetitions, int) and repetitions > 1 else 1
    return Energy(joules, low, high, kind, below, repetitions=count)


def total(energies: Iterable[Energy]) -> Energy:
    """Adds energies up, as the command line does.

    Errors of measured values are independent, so their half widths add in quadrature (JCGM
    100:2008, 5.1.2); modelled values err together, so theirs add as they are. A value that is too
    short to resolve counts as the middle of its interval.
    """
    joules = 0.0
    squares, sums = [0.0, 0.0], [0.0, 0.0]
    known, modelled = 0, False
    for energy in energies:
        middle = energy.joules
        if middle is None and energy.high is not None:
            middle = ((energy.low or 0) + energy.high) / 2
        if middle is None:
            continue
        known += 1
        joules += middle
        low, high = (middle if bound is None else bound for bound in (energy.low, energy.high))
        for side, width in enumerate((middle - low, high - middle)):
            if energy.kind == "modelled":
                sums[side] += width
            else:
                squares[side] += width**2
        modelled = modelled or energy.kind == "modelled"
    if not known:
        return missing("nothing was measured")
    down, up = (math.hypot(sums[side], math.sqrt(squares[side])) for side in (0, 1))
    kind: Kind = "modelled" if modelled else "measured"
    return Energy(joules, joules - down, joules + up, kind)


def last_place(half: float) -> int:
    """The decimal place, as a power of ten, of the last digit that a half width above 0 allows."""
    mantissa, exponent = f"{half:.6e}".split("e")
    return int(exponent) - (1 if mantissa.startswith("1") else 0)


def _is_joules(value: object) -> bool:
    if value is None:
        return True
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and math.isfinite(float(value))  # type: ignore[arg-type]


def _prefix(value: float) -> tuple[float, str]:
    for bound, factor, prefix in _LARGER:
        if abs(value) >= bound:
            return factor, prefix
    return 1, ""


def _digits_place(value: float, digits: int) -> int:
    return 0 if value == 0 else int(f"{value:.{digits - 1}e}".split("e")[1]) - digits + 1


def _round(value: float, place: int) -> str:
    if place > 0:
        return str(round(value / 10**place) * 10**place)
    text = f"{value:.{min(-place, 12)}f}"
    return text.lstrip("-") if float(text) == 0 else text


def _alone(value: float, digits: int) -> str:
    factor, prefix = _prefix(value)
    return f"{_round(value / factor, _digits_place(value / factor, digits))} {prefix}J"
