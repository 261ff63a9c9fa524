"""Writes percentiles of latencies by HdrHistogram for Python, corrected for coordinated omission.

kernel-helpers/src/benchmark/benchmark.test.ts reads it.
Run it with the packages of requirements.txt: python make_fixtures.py
"""

from __future__ import annotations

import json
import random
from pathlib import Path

from hdrh.histogram import HdrHistogram

ROOT = Path(__file__).resolve().parents[3]
TARGET = ROOT / "kernel-helpers/src/benchmark/fixtures/latencies.json"
CALLS = 400
DAY_NS = 86_400_000_000_000


def case(draw: random.Random, median_ns: float, stalls: int) -> dict[str, object]:
    """Latencies around a median with some stalls of up to a second, and their percentiles."""
    latencies = [round(draw.lognormvariate(0, 0.4) * median_ns) for _ in range(CALLS)]
    for at in draw.sample(range(CALLS), stalls):
        latencies[at] = round(draw.uniform(0.05, 1) * 1e9)
    histogram = HdrHistogram(1, DAY_NS, 3)
    for latency in latencies:
        # As HdrHistogram for Java has it; the Python port also counts what is left at the end.
        for waited in range(latency, 0, -round(median_ns)):
            if waited == latency or waited >= median_ns:
                histogram.record_value(waited)
    return {
        "latencies_ns": latencies,
        "expected_interval_ns": round(median_ns),
        "count": histogram.get_total_count(),
        "p50_ns": histogram.get_value_at_percentile(50),
        "p95_ns": histogram.get_value_at_percentile(95),
        "p99_ns": histogram.get_value_at_percentile(99),
        "max_ns": max(latencies),
    }


def main() -> None:
    draw = random.Random(11)
    cases = [case(draw, median, stalls) for median, stalls in [(2e5, 0), (1e6, 2), (3e7, 5)]]
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
