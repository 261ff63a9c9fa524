"""What the tests across packages share: a simulated counter, a daemon, headless notebooks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest

from simulation.counter import Counter, constant_counter

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WATTS = {"package-0": 100, "dram": 10}


@dataclass
class Meter:
    """A metering daemon with folders of its own, so that it knows nothing of the user's."""

    home: Path
    env: dict[str, str]
    #: What precedes a command that reads the counter.
    enter: list[str]
    #: What follows `joulebook serve`.
    serve: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = field(default=None, init=False)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [*self.enter, BIN / "joulebook", "serve", *self.serve],
            env=self.env,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith("ready"):
                return
        raise AssertionError(f"the daemon ended with {self.process.wait()} before it was ready")

    def kill(self) -> None:
        """Ends the daemon as a crash would, with no time to tidy up."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(20)

    def command(
        self, *args: str, timeout: int = 120, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BIN / "joulebook", *args],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd=cwd,
        )

    def executions(self) -> list[dict[str, Any]]:
        exported = self.command("export", "--format", "jsonl")
        assert exported.returncode == 0, exported.stderr
        return [json.loads(line) for line in exported.stdout.splitlines()]

    def execute(self, notebook: Path, timeout: int = 300) -> subprocess.CompletedProcess[str]:
        """Runs a notebook as `jupyter execute` does: no browser, no server."""
        return subprocess.run(
            [BIN / "jupyter", "execute", "--inplace", str(notebook)],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def printed(self, name: str, source: str) -> str:
        """Runs a notebook of one TypeScript cell; what the cell printed."""
        notebook = self.notebook(name, "joulebook-typescript", source)
        executed = self.execute(notebook)
        assert executed.returncode == 0, executed.stderr
        outputs = json.loads(notebook.read_text())["cells"][0]["outputs"]
        return "".join("".join(output["text"]) for output in outputs)

    def notebook(self, name: str, kernel: str, *cells: str) -> Path:
        """Writes a notebook of code cells."""
        document = nbformat.v4.new_notebook()
        document.metadata["kernelspec"] = {"name": kernel, "display_name": kernel}
        document.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
        path = self.home / name
        nbformat.write(document, path)
        return path


@pytest.fixture(scope="session")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    """A powercap tree whose package draws 100 W and whose memory draws 10 W, always."""
    with constant_counter(tmp_path_factory.mktemp("sys"), WATTS) as counter:
        yield counter


def new_meter(home: Path, counter: Counter, env: dict[str, str] | None = None) -> Meter:
    """A daemon to be started, on the simulated counter."""
    folders = {name: home / name.lower() for name in ("RUNTIME", "DATA", "CONFIG")}
    for folder in folders.values():
        folder.mkdir(mode=0o700, parents=True)
    return Meter(
        home,
        {
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            **{f"JUPYTER_{name}_DIR": str(folder) for name, folder in folders.items()},
            "JOULEBOOK_SYSFS": str(counter.sysfs),
            "JOULEBOOK_POLICY": "exclusive",
            **(env or {}),
        },
        counter.enter,
    )


@pytest.fixture
def meter(tmp_path: Path, counter: Counter) -> Iterator[Meter]:
    """A daemon on the simulated counter; by its policy a cell's joules are watts times seconds."""
    meter = new_meter(tmp_path, counter)
    meter.start()
    yield meter
    meter.stop()
