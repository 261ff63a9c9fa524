"""The oracle for a window's energy: points of a counter, and the estimate between two moments.

Arrays have one row per trial and one column per point; times in seconds, energies in joules.
"""

import numpy as np


def merge(lo, hi, value):
    """Sort points by value, intersect those of the same update, and order their intervals.

    Returns ``(u, value, half)``: the middle of each update's interval, the counter's value, and
    half the interval's width.
    """
    order = np.lexsort((lo + hi, value), axis=1)
    lo, hi, value = (np.take_along_axis(a, order, 1) for a in (lo, hi, value))
    for _ in range(lo.shape[1]):
        same = value[:, 1:] == value[:, :-1]
        low = np.where(same, np.maximum(lo[:, 1:], lo[:, :-1]), 0)
        high = np.where(same, np.minimum(hi[:, 1:], hi[:, :-1]), 0)
        lo[:, 1:] = np.where(same, low, lo[:, 1:])
        lo[:, :-1] = np.where(same, np.maximum(low, lo[:, :-1]), lo[:, :-1])
        hi[:, 1:] = np.where(same, high, hi[:, 1:])
        hi[:, :-1] = np.where(same, np.minimum(high, hi[:, :-1]), hi[:, :-1])
    lo = np.maximum.accumulate(lo, 1)
    hi = np.maximum(np.minimum.accumulate(hi[:, ::-1], 1)[:, ::-1], lo)
    return (lo + hi) / 2, value, (hi - lo) / 2


def estimate(u, value, half, t0, t1, eps, period, unit, s_in=0.35, s_out=0.10, tau=0.1):
    """Energy of ``[t0, t1)`` with its standard deviation and hard bounds.

    Slices between points that an edge cuts are divided by generalised least squares: the powers
    before, inside and after the window are each known to a share ``s_out`` or ``s_in``.
    Returns a dict of arrays with one value per trial.
    """
    rows = len(t0)
    a, b = u[:, :-1], u[:, 1:]
    length, energy = b - a, np.diff(value, axis=1)
    start, end = t0[:, None], t1[:, None]
    inside = np.clip(np.minimum(b, end) - np.maximum(a, start), 0, None)
    before = np.clip(np.minimum(b, start) - a, 0, None)
    after = np.clip(b - np.maximum(a, end), 0, None)
    real = length > 1e-9
    all_in = real & (inside >= length - 1e-12)
    all_before, all_after = real & (b <= start), real & (a >= end)

    def mean(mask):
        return np.where(
            mask.sum(1) > 0,
            (energy * mask).sum(1) / np.maximum((length * mask).sum(1), 1e-12),
            np.nan,
        )

    def or_else(first, second):
        return np.where(np.isnan(first), second, first)

    first_after = all_after & (np.cumsum(all_after, 1) == 1)
    pre = or_else(mean(all_before & (a > start - 1.6)), mean(all_before))
    post = or_else(mean(first_after), mean(all_after & (b < end + 1.6)))
    pre, post = or_else(pre, post), or_else(post, pre)
    first_in = all_in & (np.cumsum(all_in, 1) == 1)
    last_in = all_in & (np.cumsum(all_in[:, ::-1], 1)[:, ::-1] == 1)
    body = mean(all_in)
    head = np.where((length * first_in).sum(1) < 0.6 * period, body, mean(first_in))
    tail = np.where((length * last_in).sum(1) < 0.6 * period, body, mean(last_in))

    mixed = real & ~all_in & (inside > 1e-12)
    is_head = mixed & (before > 0) & (after <= 0)
    is_tail = mixed & (after > 0) & (before <= 0)
    both = mixed & (before > 0) & (after > 0)
    pre_, post_ = pre[:, None], post[:, None]
    rest = energy - pre_ * before - post_ * after
    p_in = np.where(is_head, head[:, None], np.where(is_tail, tail[:, None], np.nan))
    known = ~np.isnan(p_in)
    p_in = np.where(known, p_in, np.maximum(rest / np.maximum(inside, 1e-9), 0))

    def fade(span):
        return np.sqrt(np.minimum(1, tau / np.maximum(span, 1e-9)))

    v_out = (s_out * pre_ * before * fade(before)) ** 2 + (s_out * post_ * after * fade(after)) ** 2
    v_in = np.where(known, (s_in * p_in * inside) ** 2, (3 * p_in * inside + 1e-6) ** 2 * 10)
    w = np.where(mixed, v_in / np.maximum(v_in + v_out, 1e-18), 0.0)
    part = np.where(all_in, energy, np.where(mixed, w * rest + (1 - w) * p_in * inside, 0.0))
    est = np.clip(part, 0, np.maximum(energy, 0)).sum(1)

    v_mix = np.where(mixed, v_in * v_out / np.maximum(v_in + v_out, 1e-18), 0.0).sum(1)
    g0 = np.where(is_head | both, w * pre_ + (1 - w) * p_in, 0).sum(1)
    g1 = np.where(is_tail | both, w * post_ + (1 - w) * p_in, 0).sum(1)
    left = np.where(before > 0, pre_, p_in) * half[:, :-1]
    right = np.where(after > 0, post_, p_in) * half[:, 1:]
    v_point = np.where(mixed, (left**2 + right**2) / 3, 0).sum(1)
    sd = np.sqrt(v_mix + (g0**2 + g1**2) * eps**2 + v_point + unit**2 / 6)

    margin, lo, hi = 3.5 * eps, u - half, u + half
    index, row = np.arange(u.shape[1]), np.arange(rows)
    none = 10**6
    i0 = np.where(lo >= start + margin, index, none).min(1)
    j1 = np.where(hi <= end - margin, index, -1).max(1)
    low = np.where(
        (i0 <= j1) & (j1 >= 0),
        value[row, np.clip(j1, 0, None)] - value[row, np.clip(i0, 0, u.shape[1] - 1)] - unit,
        0.0,
    )
    i1 = np.where(hi <= start - margin, index, -1).max(1)
    j0 = np.where(lo >= end + margin, index, none).min(1)
    high = np.where(
        (i1 >= 0) & (j0 < none),
        value[row, np.clip(j0, 0, u.shape[1] - 1)] - value[row, np.clip(i1, 0, None)] + unit,
        np.inf,
    )
    return dict(est=est, sd=sd, low=np.maximum(low, 0), high=high, pre=pre, post=post)
