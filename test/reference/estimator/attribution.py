"""The oracle for attribution: a Kalman filter that learns idle power and watts per CPU second.

Arrays have one row per session and one column per slice of time; ``energy`` in joules, ``cpu_k``
and ``cpu_o`` in CPU seconds of the kernel and of all else, ``seconds`` per slice. The first
``history`` slices come before the window, the rest is the window.
"""

import numpy as np

THETAS = (0, 0.06, 0.12, 0.18, 0.24)


def shrink(busy, theta, cores, smt=0.35):
    """Factor on CPU seconds when ``busy`` threads run: shared cores and falling clocks."""
    threads = np.minimum(busy, 2 * cores)
    shared = np.where(busy > cores, (cores + smt * (threads - cores)) / np.maximum(busy, 1e-9), 1.0)
    return shared * np.maximum(busy, 1.0) ** -theta


def noise(energy, seconds, rel):
    """Variance of one slice's energy: the model's error and that of the slice's edges."""
    return (
        (rel * energy) ** 2 * np.minimum(1, 0.1 / seconds) + (0.0007 * energy / seconds) ** 2 + 1e-8
    )


def choose_theta(
    energy, seconds, cpu_k, cpu_o, late, history, cores, rel=0.03, sr=0.30, horizon=10.0
):
    """The exponent of ``shrink`` that explains the past best, by penalised least squares."""
    rows, steps = energy.shape
    dt = np.broadcast_to(seconds, energy.shape)
    busy = cpu_k + cpu_o
    width = seconds[history:].sum()
    age = np.cumsum(seconds[::-1])[::-1] - seconds[-1]
    forget = np.exp(-age / max(horizon, 2 * width))
    variance = noise(energy, dt, rel)
    window = np.broadcast_to((np.arange(steps) >= history)[None, :], energy.shape)
    skip = late[:, None] & window
    least = (energy / dt).min(1, keepdims=True)
    mean = np.clip((energy - dt * least).sum(1) / np.maximum(busy.sum(1), 1e-9), 0.3, 30)
    scores = []
    for theta in THETAS:
        f = shrink(busy / dt, theta, cores)
        x = np.stack(
            [dt, np.where(window, 0, cpu_k) * f, np.where(window, cpu_k, 0) * f, cpu_o * f], 2
        )
        x = np.where(skip[:, :, None], 0.0, x)
        y = np.where(skip, 0.0, energy)
        weight = forget[None, :] / variance
        normal = np.einsum("nti,nt,ntj->nij", x, weight, x)
        right = np.einsum("nti,nt,nt->ni", x, weight, y)

        zero = np.zeros(rows)
        priors = [
            ([0, 0, 0, 1], mean, 0.6 * mean),
            ([0, -1, 1, 0], zero, sr * mean),
            ([0, 1, 0, -1], zero, sr * 1.3 * mean),
            ([0, 0, 1, -1], zero, sr * 1.3 * mean),
            ([1, 0, 0, 0], np.full(rows, 8.0), np.full(rows, 20.0)),
        ]
        for direction, target, sd in priors:
            v = np.array(direction, float)
            normal += v[None, :, None] * v[None, None, :] / sd[:, None, None] ** 2
            right += v[None, :] * (target / sd**2)[:, None]
        fit = np.linalg.solve(normal, right[:, :, None])[:, :, 0]
        r = np.where(skip, 0, energy - np.einsum("nti,ni->nt", x, fit))
        chi = (weight * r * r).sum(1) / np.maximum(forget.sum() - 3, 1)
        scores.append(chi + ((theta - 0.08) / 0.08) ** 2 * 0.02 * chi.clip(0.5, None))
    return np.array(THETAS)[np.argmin(np.stack(scores), 0)]


def attribute(energy, seconds, cpu_k, cpu_o, history, theta, cores, rel=0.03, sr=0.30):
    """Energy of the kernel in the window above idle, its sd, and the normalised innovation.

    State ``[idle watts, watts per CPU second of the kernel, of the others]``. A prior on the ratio
    of the last two is used at the read-out only, never fed back.
    """
    rows, steps = energy.shape
    busy = cpu_k + cpu_o
    f = shrink(busy / seconds, theta[:, None], cores)
    x = np.tile(np.array([8.0, 4.0, 4.0]), (rows, 1))
    p = np.zeros((rows, 3, 3))
    p[:, 0, 0] = 16
    p[:, 1, 1] = p[:, 2, 2] = 9 + 1.2**2
    p[:, 1, 2] = p[:, 2, 1] = 9 - 1.2**2
    was_on, nis, rho = np.zeros(rows, bool), np.ones(rows), np.ones(rows)
    for i in range(steps):
        dt, d = seconds[i], energy[:, i]
        h = np.stack([np.full(rows, dt), cpu_k[:, i] * f[:, i], cpu_o[:, i] * f[:, i]], 1)
        on = cpu_k[:, i] > 0.05 * dt
        new = (on & ~was_on) if i < history else np.full(rows, i == history)
        was_on = on
        q = np.stack(
            [
                (0.03 * x[:, 0]) ** 2 * dt,
                (0.04 * x[:, 1]) ** 2 * dt + np.where(new, (0.25 * x[:, 1]) ** 2, 0),
                (0.08 * x[:, 2]) ** 2 * dt + np.where(new, (0.08 * x[:, 2]) ** 2, 0),
            ],
            1,
        )
        p[:, [0, 1, 2], [0, 1, 2]] += q
        r = noise(d, dt, rel) * rho
        ph = np.einsum("nij,nj->ni", p, h)
        nu = d - np.einsum("ni,ni->n", h, x)
        s = np.einsum("ni,ni->n", h, ph) + r
        nis = 0.93 * nis + 0.07 * np.minimum(nu * nu / s, 25)
        rho = np.clip(rho * np.exp(0.06 * (np.minimum(nu * nu / s, 9) - 0.9)), 0.03, 30)
        gain = ph / s[:, None]
        x = np.maximum(x + gain * nu[:, None], 0.05)
        p = p - gain[:, :, None] * ph[:, None, :]
    v = np.array([0, 1.0, -1.0])
    mean = 0.5 * (x[:, 1] + x[:, 2])
    pv = np.einsum("nij,j->ni", p, v)
    s = np.einsum("ni,i->n", pv, v) + (sr * 1.3 * mean) ** 2
    x = np.maximum(x - pv / s[:, None] * (x[:, 1] - x[:, 2])[:, None], 0.05)
    p = p - pv[:, :, None] * pv[:, None, :] / s[:, None, None]
    for i, share in enumerate((0.02, 0.03, 0.03)):
        p[:, i, i] += (share * x[:, i]) ** 2
    w = slice(history, None)
    span = seconds[w].sum()
    h = np.stack([np.full(rows, span), (cpu_k * f)[:, w].sum(1), (cpu_o * f)[:, w].sum(1)], 1)
    total = energy[:, w].sum(1)
    part = h * x
    g = np.einsum("nij,nj->ni", p, h) * h
    s = np.einsum("ni,nij,nj->n", h, p, h) + (rel * total) ** 2 * min(1, 0.1 / span)
    k = g[:, 1] / s
    est = np.clip(part[:, 1] + k * (total - part.sum(1)), 0, total)
    sd = np.sqrt(np.maximum(h[:, 1] ** 2 * p[:, 1, 1] - k * g[:, 1], 1e-12))
    sd = np.sqrt((sd * np.sqrt(np.maximum(nis, 1))) ** 2 + (0.02 * est) ** 2)
    return est, sd, nis
