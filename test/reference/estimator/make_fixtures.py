"""Writes the frozen inputs and outputs that the TypeScript ledger is tested against.

Needs numpy. Run it in this folder: ``python make_fixtures.py``. The same seed gives the same files.
"""

import json

import numpy as np
from attribution import attribute, choose_theta
from window import estimate, merge
from wraps import decide

RNG = np.random.default_rng(20261123)


def save(name, cases):
    """Write one fixture; NaN and infinities become null."""

    def plain(value):
        if isinstance(value, np.ndarray):
            return [plain(v) for v in value]
        if isinstance(value, (float, np.floating)):
            return float(value) if np.isfinite(value) else None
        return value.item() if isinstance(value, np.generic) else value

    with open(f"fixtures/{name}.json", "w", encoding="utf8") as file:
        json.dump([{k: plain(v) for k, v in case.items()} for case in cases], file, indent=0)
        file.write("\n")


def window_case(period, unit, width, eps):
    """One counter with noisy power, read blindly at 2 to 10 Hz and locked after each edge."""
    grid = np.arange(-3.3, width + 3.3, 1e-3)
    idle, cell = RNG.uniform(5, 15), RNG.uniform(8, 50)
    busy = (grid >= 0) & (grid < width)
    power = idle * (1 + 0.05 * RNG.standard_normal(grid.size))
    power += cell * busy * RNG.uniform(0.4, 1.6, grid.size)
    total = np.concatenate([[0], np.cumsum(power * 1e-3)]) + RNG.uniform(1, 1000)
    times = np.concatenate([grid, [grid[-1] + 1e-3]])
    phase = RNG.uniform(0, period)
    updates = np.arange(-3.2 / period, (width + 3.2) / period) * period + phase
    updates += RNG.uniform(-0.1, 0.1, updates.size) * period
    value = np.floor(np.interp(updates, times, total) / unit) * unit
    step = 5e-5 if period < 0.01 else 5e-3
    lo, hi, c = [], [], []
    for read in np.arange(-3, width + 3, 1 / RNG.uniform(2, 10)):
        i = np.searchsorted(updates, read) - 1
        lo.append(read - 1.2 * period), hi.append(read), c.append(value[i])
    for edge in (0.0, width):
        i = np.searchsorted(updates, edge + RNG.uniform(1e-3, 3e-3))
        for k in (i, i + 1):
            seen = np.ceil(updates[k] / step) * step
            lo.append(seen - step), hi.append(seen), c.append(value[k])
    lo, hi, c = (np.array([a]) for a in (lo, hi, c))
    t0, t1 = RNG.normal(0, eps, 1), width + RNG.normal(0, eps, 1)
    u, merged, half = merge(lo.copy(), hi.copy(), c.copy())
    out = estimate(u, merged, half, t0, t1, eps, period, unit)
    order = np.argsort(c[0] + 1e-9 * hi[0], kind="stable")
    result = {k: v[0] for k, v in out.items()}
    return dict(
        period=period, unit=unit, eps=eps, t0=t0[0], t1=t1[0],
        lo=lo[0][order], hi=hi[0][order], value=c[0][order], u=u[0], half=half[0], **result,
    )  # fmt: skip


def wrap_case(fault, evidence):
    """One trace of 24 readings with one fault, starting near the top, near zero, or anywhere."""
    count, unit = 24, 61.03515625e-6
    period = float(RNG.choice([1e-3, 0.1]))
    modulus = np.floor(float(RNG.choice([65536.0, 1000.0])) / unit) * unit
    top, beat = RNG.uniform(20, 600), RNG.uniform(0.1, 2)
    dt = beat * RNG.uniform(0.7, 1.3, count - 1)
    t = np.concatenate([[0], np.cumsum(dt)])
    energy = np.concatenate([[0], np.cumsum(dt * RNG.uniform(0.05, 1, count - 1) * top)])
    start = RNG.choice(
        [RNG.random() * modulus, modulus - top * beat * 8, top * beat * RNG.random() * 3]
    )
    true = max(start, 0) + energy
    sibling = 2e4 + energy
    at = int(RNG.integers(4, count - 6))
    marker = np.zeros(count - 1, bool)
    if fault == "reset":
        true[at:] -= true[at] - RNG.random() * 0.5 * (energy[at] - energy[at - 1])
        sibling[at:] -= sibling[at] - 0.1
    elif fault == "freeze":
        true[at : at + 4] = true[at]
    elif fault == "marked":
        marker[at] = True
        true[at + 1 :] += RNG.random() * modulus
    raw = np.mod(np.floor(np.maximum(true, 0) / unit), round(modulus / unit)) * unit
    if fault == "glitch":
        raw[at] = RNG.choice([0.0, modulus])
    if fault == "clock":
        t[at] -= RNG.uniform(0.5, 3) * beat
    p_max, p_min = 1.25 * top, 0.5 * 0.05 * top
    out = decide(
        t[None], raw[None], modulus, p_max, p_min, period, unit, 5e-3,
        marker[None], sibling[None] if evidence else None,
    )  # fmt: skip
    return dict(
        fault=fault, modulus=modulus, pMax=p_max, pMin=p_min, period=period, unit=unit, eps=5e-3,
        t=t, raw=raw, marker=marker, sibling=sibling if evidence else None, advance=out[0],
    )  # fmt: skip


def attribution_case(rate, width, late):
    """One session: a kernel that runs cells beside other busy processes."""
    history, inside = 60, max(1, round(width * rate))
    steps, cores = history + inside, 8
    seconds = np.full(steps, 1 / rate)
    seconds[history:] = width / inside
    on = np.repeat(RNG.random(steps // 8 + 2) < 0.4, 8)[:steps].astype(float)
    on[history:] = 1
    threads_k = on * np.clip(RNG.uniform(0.8, 4) * (1 + 0.15 * RNG.standard_normal(steps)), 0.05, 4)
    threads_o = np.clip(RNG.uniform(0.3, 10) * (1 + 0.4 * RNG.standard_normal(steps)), 0, 12)
    idle, watts_k, watts_o = RNG.uniform(5, 15), RNG.uniform(2.5, 6), RNG.uniform(2.5, 6)
    factor = shrink_truth(threads_k + threads_o, cores)
    power = idle + factor * (watts_k * threads_k + watts_o * threads_o)
    energy = (power * seconds * (1 + 0.01 * RNG.standard_normal(steps)))[None]
    cpu_k, cpu_o = (threads_k * seconds)[None], (threads_o * seconds)[None]
    theta = choose_theta(energy, seconds, cpu_k, cpu_o, np.array([late]), history, cores)
    est, sd, nis = attribute(energy, seconds, cpu_k, cpu_o, history, theta, cores)
    return dict(
        cores=cores, history=history, seconds=seconds, energy=energy[0], cpuKernel=cpu_k[0],
        cpuOther=cpu_o[0], theta=theta[0], est=est[0], sd=sd[0], nis=nis[0],
    )  # fmt: skip


def shrink_truth(threads, cores):
    """How power per thread really falls in these made-up machines."""
    shared = np.where(threads > cores, (cores + 0.3 * (threads - cores)) / (threads + 1e-12), 1.0)
    return shared * np.interp(threads, [1, 2, 8, 16], [1.25, 1.2, 0.9, 0.85])


if __name__ == "__main__":
    widths = (0.005, 0.02, 0.05, 0.25, 1.0)
    save(
        "windows",
        [window_case(1e-3, 61.035e-6, w, 3e-4) for w in widths for _ in range(4)]
        + [window_case(0.1, 1e-3, w, 3e-4) for w in widths for _ in range(4)],
    )
    faults = ("none", "reset", "freeze", "marked", "glitch", "clock")
    save("wraps", [wrap_case(f, e) for f in faults for e in (False, True) for _ in range(4)])
    save(
        "attribution",
        [attribution_case(5.0, w, False) for w in (0.05, 0.25, 1.0, 5.0) for _ in range(3)],
    )
