"""Every tutorial runs headless on the kernel that it names, and its results lie where they should.

Here they run with the small parameters of `small.json`; `npm run notebooks` runs them in full.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from conftest import ROOT, Meter

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
HERE = Path(__file__).parent
SMALL: dict[str, dict[str, Any]] = json.loads((HERE / "small.json").read_text())
# What time decides has wide ranges: a machine that stalls must not fail a test.
RANGES: dict[str, dict[str, tuple[float, float]]] = json.loads((HERE / "ranges.json").read_text())


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_and_is_metered(meter: Meter, notebook: Path) -> None:
    copy = Path(shutil.copy(notebook, meter.home))
    parameters = meter.home / "parameters.json"
    parameters.write_text(json.dumps(SMALL.get(notebook.stem, {})))
    executed = meter.command(
        *("run", str(copy), "--output", str(copy), "--metadata"),
        *("--parameters", str(parameters), "--folder", str(notebook.parent)),
        timeout=300,
    )
    assert executed.returncode == 0, executed.stdout + executed.stderr

    cells = [cell for cell in nbformat.read(copy, as_version=4).cells if cell.cell_type == "code"]
    totals = [cell.metadata["joulebook"]["total"] for cell in cells]
    measured = [total for total in totals if total["kind"] == "measured"]
    for total in measured:
        assert total["low"] <= total["joules"] <= total["high"]
    # On a busy machine the simulated counter may stand still for as long as a short cell takes.
    missing = [total["reason"] for total in totals if total not in measured]
    assert set(missing) <= {"the counter stood still"}
    assert len(measured) >= len(totals) / 2
    assert results_of(cells) == within(RANGES.get(notebook.stem, {}))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_kept_without_outputs(notebook: Path) -> None:
    for cell in nbformat.read(notebook, as_version=4).cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


def test_small_parameters_and_ranges_belong_to_a_notebook() -> None:
    stems = {notebook.stem for notebook in NOTEBOOKS}
    assert set(SMALL) <= stems
    assert set(RANGES) <= stems


def results_of(cells: list[Any]) -> dict[str, float]:
    """What the last line that begins with `result` says, by name."""
    texts = [o.text for c in cells for o in c.outputs if o.output_type == "stream"]
    lines = [line for text in texts for line in text.splitlines() if line.startswith("result {")]
    found: dict[str, float] = json.loads(lines[-1].removeprefix("result ")) if lines else {}
    return found


class within:
    """Equals results whose every number lies in the range of its name."""

    def __init__(self, ranges: dict[str, tuple[float, float]]) -> None:
        self.ranges = ranges

    def __eq__(self, results: object) -> bool:
        assert isinstance(results, dict)
        return results.keys() == self.ranges.keys() and all(
            low <= results[name] <= high for name, (low, high) in self.ranges.items()
        )

    def __repr__(self) -> str:
        return f"within {self.ranges}"
