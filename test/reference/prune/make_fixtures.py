"""Makes the fixtures that kernel-helpers/src/prune is checked against.

    python -m venv /tmp/reference && /tmp/reference/bin/pip install -r requirements.txt
    /tmp/reference/bin/python make_fixtures.py

They are kept in the repository; run this only to add a case or to move to newer references.
"""

from __future__ import annotations

import importlib
import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import formulas
import numpy as np

TARGET = Path(__file__).parents[3] / "kernel-helpers" / "src" / "prune" / "fixtures" / "prune.json"


def weights() -> dict[str, np.ndarray]:
    """Weights that float32 holds exactly; `tied` has many of equal size."""
    draw = np.random.default_rng(20261124)
    exact = {
        "plain": draw.normal(size=(13, 10)),
        "second": 0.5 * draw.normal(size=(10, 7)),
        "even": draw.normal(size=(16, 6)),
        "filters": draw.normal(size=(3, 3, 8, 4)),
        "gradient": draw.normal(size=(13, 10)),
    }
    tied = draw.integers(-3, 4, size=(8, 10)).astype(np.float32)
    return {name: np.round(w, 4).astype(np.float32) for name, w in exact.items()} | {"tied": tied}


def cases_of(module: str, given: dict[str, np.ndarray]) -> dict[str, Any]:
    """What a module makes, in a process of its own: torch and TensorFlow do not share one."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(load_and_make, module, given).result()


def load_and_make(module: str, given: dict[str, np.ndarray]) -> dict[str, Any]:
    return importlib.import_module(module).cases(given)


def main() -> None:
    given = weights()
    fixture = {
        "tensors": {
            name: {"shape": w.shape, "values": [round(float(x), 4) for x in w.ravel()]}
            for name, w in given.items()
        },
        "torch": cases_of("torch_cases", given),
        "tfmot": cases_of("tfmot_cases", given),
        "formulas": formulas.cases(given),
    }
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
