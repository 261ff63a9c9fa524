"""Which TensorFlow the set-up installs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT


def ask(expression: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Evaluates an expression over the set-up's functions; prints it as JSON."""
    node = shutil.which("node")
    assert node
    script = f"""
      import {{ chooseTensorFlow, pipArguments }} from './scripts/steps/tensorflow.mjs';
      console.log(JSON.stringify({expression}));
    """
    return subprocess.run(
        [node, "--input-type=module", "--eval", script],
        cwd=ROOT,
        env=os.environ if path is None else {**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("environment", "sees_gpu", "choice"),
    [
        ({}, "true", "gpu"),
        ({}, "false", "cpu"),
        ({"JOULEBOOK_TENSORFLOW_WHEEL": "cpu"}, "true", "cpu"),
        ({"JOULEBOOK_TENSORFLOW_WHEEL": "gpu"}, "false", "gpu"),
        ({"JOULEBOOK_TENSORFLOW_WHEEL": "none"}, "true", "none"),
    ],
)
def test_the_variable_decides_then_the_gpu(environment: dict[str, str], sees_gpu: str, choice: str):
    run = ask(f"chooseTensorFlow({json.dumps(environment)}, () => {sees_gpu})")
    assert json.loads(run.stdout) == choice, run.stderr


@pytest.mark.parametrize(
    ("program", "choice"),
    [
        ("echo 'GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-5a)'", "gpu"),
        ("echo 'No devices were found'", "cpu"),
        ("echo 'GPU 0: lost'; exit 9", "cpu"),
        (None, "cpu"),
    ],
)
def test_nvidia_smi_tells_of_a_gpu(tmp_path: Path, program: str | None, choice: str):
    if program:
        (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{program}\n")
        (tmp_path / "nvidia-smi").chmod(0o755)
    run = ask("chooseTensorFlow({})", path=str(tmp_path))
    assert json.loads(run.stdout) == choice, run.stderr


def test_an_unknown_choice_is_refused_by_name():
    run = ask("chooseTensorFlow({ JOULEBOOK_TENSORFLOW_WHEEL: 'rocm' }, () => false)")
    assert run.returncode != 0
    assert 'JOULEBOOK_TENSORFLOW_WHEEL is "rocm"; expected one of cpu, gpu, none' in run.stderr


def test_the_processor_needs_two_libraries_and_cuda_its_packages():
    run = ask(
        "[['cpu', 'linux', 'x64'], ['cpu', 'darwin', 'arm64'], ['gpu', 'linux', 'x64']]"
        ".map(([choice, platform, arch]) => pipArguments(choice, { platform, arch }).join(' '))"
    )
    small, mac, cuda = json.loads(run.stdout)
    assert small.startswith("--no-deps tensorflow-cpu==2.")
    assert mac.startswith("--no-deps tensorflow==2.")
    assert "tensorflow[and-cuda]==2." in cuda
    assert "--no-deps" not in cuda
