"""One daemon for all users of a node, asked by real processes of two of them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernelspecs import node

from conftest import BIN, ROOT, Meter, new_meter
from simulation.counter import Counter

NOBODY = 65_534
#: Of one user, at once.
MOST_CONNECTIONS = 128
MEASURE = f"""const {{ measure }} = await import('{ROOT}/kernel-helpers/lib/measure.js');
const {{ value, energy }} = await measure('block', () => 42);
console.log(value, energy.kind, energy.reason);"""
CELL = "import time\nend = time.time() + 0.5\nwhile time.time() < end: pass"


@pytest.fixture
def system(tmp_path: Path, counter: Counter) -> Iterator[Meter]:
    """The daemon of a node on the simulated counter; this user's commands ask it."""
    path = str(tmp_path / "run/meter.sock")
    meter = new_meter(tmp_path, counter, {"JOULEBOOK_SOCKET": path})
    meter.serve = [
        "--system",
        f"--state={tmp_path / 'state'}",
        f"--runtime-dir={tmp_path / 'runtime'}",
    ]
    meter.start()
    yield meter
    meter.stop()


def test_a_users_kernel_is_metered_and_nobody_else_sees_it(system: Meter) -> None:
    ran = system.command("run", str(system.notebook("mine.ipynb", "python3", CELL)))
    assert ran.returncode == 0, ran.stderr
    [execution] = system.executions()
    assert execution["total"]["kind"] == "measured"
    # 110 W for half a second.
    assert execution["total"]["joules"] == pytest.approx(55, rel=0.25)
    state = system.home / "state"
    assert (state / str(os.getuid()) / "history.sqlite").is_file()
    assert not (system.home / "data/joulebook/history.sqlite").exists()
    if os.getuid() != 0 or not shutil.which("setpriv"):
        return  # only root can act as another user
    system.home.chmod(0o755)
    asked = subprocess.run(
        ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        + [BIN / "joulebook", "export", "--format", "jsonl"],
        env={**system.env, "HOME": "/nonexistent"},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout == ""
    assert len(system.executions()) == 1


def test_who_asks_for_a_connection_too_many_is_told(system: Meter) -> None:
    assert system.command("status").returncode == 0
    held = [socket.socket(socket.AF_UNIX) for _ in range(MOST_CONNECTIONS)]
    try:
        for each in held:
            each.connect(system.env["JOULEBOOK_SOCKET"])
        said = system.command("status")
        assert said.returncode == 1
        assert f"error: expected at most {MOST_CONNECTIONS} connections" in said.stderr
        measured = subprocess.run(
            [node(), "--input-type=module", "-e", MEASURE],
            env=system.env,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert measured.stdout.startswith(
            "42 missing the meter refused POST /v1/measures: expected"
        )
    finally:
        for each in held:
            each.close()
