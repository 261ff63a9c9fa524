"""TensorFlow computes in the kernel and in scripts, on each version of Node a notebook may have."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_session import KERNEL_NAME, KernelSession
from kernelspecs import ROOT, node, register
from test_nodes import VERSIONS, installed

#: 20 steps of Adam, compiled, with variables that are written in place and read afterwards.
TRAIN = """
const w = tf.variable(tf.tensor1d([4, -2]));
const optimiser = tf.train.adam(0.5);
const step = jit(() => void optimiser.minimize(() => tf.sum(tf.square(w))), { name: 'descend' });
for (let i = 0; i < 20; i++) step();
console.log(step.report().at(0)?.mode, w.dataSync().every(value => Math.abs(value) < 1));
"""


def program_of(version: str) -> Path:
    return node() if version == "own" else installed(version)


@pytest.fixture(scope="module", params=["own", *VERSIONS])
def version(request: pytest.FixtureRequest) -> str:
    """Which Node: the one that the kernel comes with, or another."""
    return str(request.param)


@pytest.fixture
def session(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[KernelSession]:
    """A kernel far from the clone; only its own Node leads to an environment with TensorFlow."""
    name = KERNEL_NAME if version == "own" else f"joulebook-tensorflow-{version}"
    env = {}
    if version != "own":
        register(tmp_path / "specs", program_of(version), name)
        env = {"JOULEBOOK_TENSORFLOW": sys.prefix, "JUPYTER_PATH": str(tmp_path / "specs")}
        monkeypatch.setenv("JUPYTER_PATH", env["JUPYTER_PATH"])
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    folder = tmp_path / "notebook"
    folder.mkdir()
    with KernelSession(folder, name, env=env) as started:
        yield started


def test_in_the_kernel(session: KernelSession, version: str) -> None:
    run = session.run(
        "import * as tf from '@tensorflow/tfjs'\n"
        "import { device, jit, useTensorFlow } from 'kernel-helpers'\n"
        "await useTensorFlow();\n"
        "(await device()).description"
    )
    assert run.status == "ok", run.error
    assert run.result is not None
    assert "on CPU (" in run.result or "on GPU (" in run.result
    assert ("the environment of this Node" in run.result) == (version == "own")
    run = session.run(TRAIN)
    assert run.text() == "xla true\n", run.error


def test_in_a_script(version: str) -> None:
    script = (
        "import * as tf from '@tensorflow/tfjs';"
        "import { jit, useTensorFlow } from 'kernel-helpers';"
        "console.log(process.version, (await useTensorFlow({ fallback: 'none' })).backend);" + TRAIN
    )
    done = subprocess.run(
        [program_of(version), "--input-type=module", "-e", script],
        cwd=ROOT,
        env={**os.environ, "JOULEBOOK_TENSORFLOW": sys.prefix},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.endswith(" tensorflow")
    assert version == "own" or first.startswith(f"v{version}")
    assert second == "xla true"
