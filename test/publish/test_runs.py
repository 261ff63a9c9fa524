"""Runs that end in pages: other tools' runs, templates, and pages that run again."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from joulebook.metered import attach
from nbclient import NotebookClient

from conftest import BIN, Meter, new_meter
from simulation.counter import Counter

from .conftest import Publish
from .notebooks import write

BUSY = "import time\nend = time.time() + 0.5\nwhile time.time() < end: pass\nprint(6 * 7)"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory, counter: Counter) -> Iterator[Meter]:
    daemon = new_meter(tmp_path_factory.mktemp("daemon"), counter)
    daemon.start()
    yield daemon
    daemon.stop()


@pytest.fixture
def meter(daemon: Meter, tmp_path: Path) -> Meter:
    """The daemon, with a folder of this test's own."""
    return replace(daemon, home=tmp_path)


def run(meter: Meter, *command: str | Path) -> None:
    done = subprocess.run(
        [BIN / str(command[0]), *map(str, command[1:])],
        env=meter.env,
        cwd=meter.home,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def joules(path: Path) -> list[float]:
    cells = nbformat.read(path, as_version=4).cells
    return [c.metadata["joulebook"]["total"]["joules"] for c in cells if c.cell_type == "code"]


@pytest.fixture
def notebook(meter: Meter) -> Path:
    parameters = nbformat.v4.new_code_cell("steps = 1", metadata={"tags": ["parameters"]})
    return write(meter.home / "a.ipynb", parameters, nbformat.v4.new_code_cell(BUSY))


def test_papermill_gets_energy_by_its_engine(meter: Meter, notebook: Path) -> None:
    run(meter, "papermill", notebook, "out.ipynb", "--engine", "joulebook", "-p", "steps", "3")
    *_, busy = joules(meter.home / "out.ipynb")
    assert busy > 0.5 * 110 * 0.5
    methods = nbformat.read(meter.home / "out.ipynb", as_version=4).metadata["joulebook"]["methods"]
    assert {sensor["kind"] for sensor in methods["sensors"]} == {"measured"}


def test_nbconvert_executes_and_shows_the_energy_in_one_go(meter: Meter, notebook: Path) -> None:
    preprocessor = "joulebook.metered.MeteredExecutePreprocessor"
    run(
        *(meter, "jupyter", "nbconvert", "--to", "joulebook", notebook),
        f"--Exporter.preprocessors={preprocessor}",
    )
    page = (meter.home / "a.html").read_text()
    assert "2 of 2 code cells metered" in page and "42" in page


def test_nbclient_gets_energy_by_a_hook(
    meter: Meter, notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JOULEBOOK_SYSFS"):
        monkeypatch.setenv(name, meter.env[name])
    document = nbformat.read(notebook, as_version=4)
    seen: list[int] = []
    client = NotebookClient(document, on_cell_complete=lambda cell, cell_index: seen.append(1))
    attach(client, str(notebook))
    client.execute()
    assert document.cells[1].metadata["joulebook"]["total"]["joules"] > 0
    assert len(seen) == 2
    assert str(notebook) in {row["notebook"] for row in meter.executions()}


def test_a_page_of_the_history_needs_no_metadata(meter: Meter, notebook: Path) -> None:
    run(meter, "joulebook", "run", notebook)
    run(meter, "joulebook", "publish", notebook, "--single", "-o", "pages")
    page = (meter.home / "pages/a.html").read_text()
    assert "2 of 2 code cells metered" in page
    assert "without having been run" in page, "the outputs are not in the file"


def watched(meter: Meter, *arguments: str) -> tuple[str, str]:
    """Runs a command whose notes go to a terminal; what it printed, and what that showed."""
    ours, terminal = pty.openpty()
    command = [BIN / "joulebook", *arguments]
    with ThreadPoolExecutor() as reader, os.fdopen(ours, "rb", buffering=0) as screen:

        def shown() -> str:
            seen = b""
            # Linux ends a terminal that nobody writes to any more with an error.
            with contextlib.suppress(OSError):
                while piece := screen.read(4096):
                    seen += piece
            return seen.decode()

        told = reader.submit(shown)
        done = subprocess.run(
            command, env=meter.env, stdout=subprocess.PIPE, stderr=terminal, text=True, check=False
        )
        os.close(terminal)
        return done.stdout, re.sub(r"\x1b\[[0-9;]*[mK]", "", told.result(30))


def test_a_page_that_runs_the_same_again_agrees_and_another_does_not(
    meter: Meter, notebook: Path
) -> None:
    run(meter, "joulebook", "run", notebook, "--output", "out.ipynb", "--metadata")
    run(meter, "joulebook", "publish", "out.ipynb", "--single", "-o", "pages")
    page = meter.home / "pages/out.html"
    result, told = watched(meter, "verify", str(page), "--json")
    agreed = json.loads(result)
    assert re.search(r"2/2 +ok .* J .*import time", told), "whoever watches sees the cells run"
    assert [cell["result"]["outcome"] for cell in agreed["cells"]] == ["same", "same"]

    out = json.loads((meter.home / "out.ipynb").read_text())
    busy = out["cells"][1]
    busy["outputs"][0]["text"] = "43\n"
    busy["metadata"]["joulebook"]["total"].update(joules=5000, low=4900, high=5100)
    (meter.home / "out.ipynb").write_text(json.dumps(out))
    other = meter.command("verify", "out.ipynb", cwd=meter.home)
    assert other.returncode == 1
    assert "cell 2  result differs: line 1: 43 became 42" in other.stdout
    assert "cell 2  energy differs: 5000 J" in other.stdout
    assert {p.name for p in meter.home.iterdir() if p.name.startswith(".")} == set()


def test_what_has_no_record_cannot_be_verified(publish: Publish, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html></html>")
    done = publish("verify", tmp_path / "a.html")
    assert done.returncode == 1 and "holds no record" in done.stderr


@pytest.mark.parametrize("language", [[], ["--python"]], ids=["typescript", "python"])
def test_a_new_tutorial_runs_as_it_is(meter: Meter, language: list[str]) -> None:
    made = meter.command("new", str(meter.home / "13-my-question"), *language)
    assert made.returncode == 0, made.stderr
    path = meter.home / "13-my-question.ipynb"
    assert "# My question: does it save energy?" in path.read_text()
    done = meter.command("run", str(path), "-p", "steps=50")
    assert done.returncode == 0, done.stdout + done.stderr
    again = meter.command("new", str(path), *language)
    assert again.returncode == 1 and "is there already" in again.stderr
