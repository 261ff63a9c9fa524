"""The oracle for wraps, resets and freezes: which steps of a counter can be believed.

Arrays have one row per trace and one column per reading; seconds and joules.
"""

import numpy as np


def decide(t, raw, modulus, p_max, p_min, period, unit, eps, marker, sibling=None):
    """Advance of each step, NaN where it cannot be trusted.

    ``sibling`` is another counter of the same device: when given, its clean advance is evidence
    that the device was not reset, so a wrap or a value near zero can be believed.
    """
    dt, d = np.diff(t, axis=1), np.diff(raw, axis=1)
    most = p_max * (dt + period + eps) + 2 * unit
    least = p_min * np.maximum(0, dt - period - eps) - 2 * unit
    bad = (raw <= 0) | (raw >= modulus - unit)
    bad = bad[:, 1:] | bad[:, :-1]
    rows, steps = d.shape
    still = (d <= 0) | (d < least) | (d > most) | bad | marker
    age, run = np.zeros((rows, 1)), np.zeros((rows, steps))
    for k in range(steps):
        age = np.where(still[:, k : k + 1], age + np.maximum(dt[:, k : k + 1], 0), 0.0)
        run[:, k : k + 1] = age
    frozen = still & (run > 3 * period + eps)
    for k in range(steps - 2, -1, -1):
        frozen[:, k] |= still[:, k] & frozen[:, k + 1]
    plausible = (d >= least) & (d <= most) & ~frozen & ~bad
    clear = (dt > 0) & (most < modulus)
    ok = clear & plausible & (raw[:, 1:] > most)
    out = d.copy()
    if sibling is not None:
        ds = np.diff(sibling, axis=1)
        alive = (ds >= least) & (ds <= most) & (sibling[:, 1:] > most) & (ds > 0)
        dw = d + modulus
        wrap = (d < 0) & clear & (dw >= least) & (dw <= most) & alive & ~bad
        wrap &= raw[:, :-1] >= modulus - most
        ok |= wrap | ((d >= 0) & clear & plausible & alive)
        out = np.where(wrap, dw, out)
    ok &= ~marker
    clean = ok.copy()
    clean[:, :2] = clean[:, -2:] = False
    for k in (1, 2):
        clean[:, k:] &= ok[:, :-k]
        clean[:, :-k] &= ok[:, k:]
    return np.where(clean, out, np.nan)
