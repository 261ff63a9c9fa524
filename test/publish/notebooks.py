"""Notebooks with energies in them."""

from __future__ import annotations

import json
import math
from hashlib import sha256
from pathlib import Path
from typing import Any

import nbformat
from joulebook.publish.new import KERNELS

METHODS = {
    "version": "0.1.0",
    "node": "24.1.2",
    "date": "2026-11-24T04:33:57Z",
    "policy": "active",
    "machine": {"processor": "Testprocessor 9", "cores": 2, "system": "Linux 6.18 x86_64"},
    "sensors": [{"id": "zone", "domain": "package", "device": "intel-rapl:0", "kind": "measured"}],
}
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)
FIGURE = {
    "data": [
        {
            "type": "scatter",
            "name": name,
            "x": list(range(200)),
            "y": [math.exp(-step / rate) + 0.02 for step in range(200)],
        }
        for name, rate in (("adam", 40), ("sgd", 90))
    ],
    "layout": {
        "title": {"text": "Loss over steps"},
        "xaxis": {"title": {"text": "step"}},
        "yaxis": {"title": {"text": "loss"}, "type": "log"},
    },
}
MARKDOWN = """# {title}: what does it cost?

Energy is $E=\\int_0^T P(t)\\,dt$, and

$$\\hat E \\pm \\sigma = \\sum_i P_i\\,\\Delta t_i$$

| a | b |
|-|-|
| 1 | 2 |
"""


def code(source: str, *outputs: Any, energy: tuple[float, float, float, str] | None = None) -> Any:
    """A code cell that ran, with (joules, low, high, kind) in its metadata."""
    cell = nbformat.v4.new_code_cell(source, outputs=list(outputs), execution_count=1)
    if energy:
        names = ("joules", "low", "high", "kind")
        cell.metadata["joulebook"] = {
            "source_sha256": sha256(source.encode()).hexdigest(),
            "ended_at": "2026-11-24T04:30:08Z",
            "policy": "active",
            "total": dict(zip(names, energy, strict=True)),
        }
    return cell


def printed(text: str) -> Any:
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def shown(**data: Any) -> Any:
    """A display of MIME types, whose `/` is written `__`."""
    types = {name.replace("__", "/"): value for name, value in data.items()}
    return nbformat.v4.new_output("display_data", data=types)


def figure() -> Any:
    types = {"application/vnd.plotly.v1+json": FIGURE, "text/plain": "[figure: adam, sgd]"}
    return nbformat.v4.new_output("display_data", data=types)


def write(path: Path, *cells: Any, kernel: str | None = "python", **metadata: Any) -> Path:
    notebook = nbformat.v4.new_notebook(cells=list(cells))
    if kernel:
        notebook.metadata["kernelspec"] = KERNELS[kernel]
    notebook.metadata.update(metadata)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook))
    return path


def tutorial(path: Path, title: str, kernel: str = "typescript") -> Path:
    """A notebook with a bit of everything."""
    markdown = nbformat.v4.new_markdown_cell
    hidden = code("hidden = 1", printed("1"))
    hidden.metadata["tags"] = ["hide-cell"]
    frame = (
        '<table class="dataframe"><thead><tr><th></th><th>joules</th></tr></thead>'
        "<tbody><tr><th>0</th><td>1.0</td></tr></tbody></table>"
    )
    return write(
        path,
        markdown(MARKDOWN.format(title=title)),
        code(
            "const xs: number[] = [1, 2, 3];" + " // long" * 30,
            printed("50\n" + "wide " * 60),
            energy=(12.4, 11.8, 13.0, "measured"),
        ),
        markdown("## A figure\n\nThe `loss` falls."),
        code("plot(lineFigure(losses));", figure(), energy=(3.1, 2.0, 4.2, "modelled")),
        code("image()", shown(image__png=PIXEL, text__plain="<Figure>")),
        code("frame", shown(text__html=frame, text__plain="joules")),
        hidden,
        kernel=kernel,
        joulebook={"methods": METHODS},
    )
