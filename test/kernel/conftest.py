"""Registers the built kernel in a folder of the tests' own, before anything asks Jupyter for it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_session import KernelSession
from kernelspecs import node, register


def pytest_configure(config: pytest.Config) -> None:
    """Gives the run data and runtime folders of its own, so that it meets no other kernel."""
    folder = Path(tempfile.mkdtemp(prefix="joulebook-kernel-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    register(folder, node())
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
