"""Makes the fixtures that kernel-helpers is checked against.

    python -m venv /tmp/reference && /tmp/reference/bin/pip install -r requirements.txt
    /tmp/reference/bin/python make_fixtures.py

They are kept in the repository; run this only to add a case or to move to newer references.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"

import jax  # noqa: E402
import keras  # noqa: E402
import optax  # noqa: E402
import torch  # noqa: E402
from line_searches import line_searches  # noqa: E402
from objectives import objectives  # noqa: E402
from optimizers import optimizers  # noqa: E402
from schedules import schedules  # noqa: E402

FOLDER = Path(__file__).parents[3] / "kernel-helpers" / "src" / "fixtures"


def main() -> None:
    versions = {
        "jax": jax.__version__,
        "keras": keras.__version__,
        "optax": optax.__version__,
        "torch": torch.__version__.split("+")[0],
    }
    makers = {
        "optimizers": optimizers,
        "schedules": schedules,
        "line_searches": line_searches,
        "objectives": objectives,
    }
    for name, make in makers.items():
        text = json.dumps({"made_with": versions, **make()}, separators=(",", ":"))
        (FOLDER / f"{name}.json").write_text(text.replace('"cases"', '\n"cases"') + "\n")


if __name__ == "__main__":
    main()
