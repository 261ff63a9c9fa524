"""A simulated powercap tree at constant powers, for tests that need a true counter and no faults.

Where FUSE is there the counter is computed at each read, so that it never stands still however busy
the machine is (raplsim.c); elsewhere a process writes plain files a thousand times a second.

As a program, `counter.py FOLDER ZONE=WATTS ...` says in a line of JSON where the tree is and what
enters it, and keeps it until its input ends.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RANGE_MICROJOULES = 262_143_328_850
#: Before the register wraps, so that every run of the tests crosses a wrap.
SECONDS_TO_WRAP = 30


@dataclass
class Counter:
    """Where the tree is, and what to put before a command that shall see it."""

    sysfs: Path
    enter: list[str]


def build_simulator(folder: Path) -> Path | None:
    """Compile raplsim; None where it cannot be compiled or may not mount."""
    if not shutil.which("gcc") or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return None
    program = folder / "raplsim"
    source = ROOT / "test/simulation/raplsim.c"
    subprocess.run(["gcc", "-O2", "-o", program, source, "-lm"], check=True)
    (folder / "trial-zones").write_text(zone_lines({"package-0": 1}))
    (folder / "trial").mkdir()
    trial = [program, folder / "trial-zones", folder / "trial", "--", "true"]
    return program if subprocess.run(trial, capture_output=True).returncode == 0 else None


def zone_lines(watts: dict[str, float]) -> str:
    """The simulator's configuration: the first zone is a package, the others lie in it."""
    lines = []
    for index, (name, base) in enumerate(watts.items()):
        zone = "intel-rapl:0" if index == 0 else f"intel-rapl:0:{index - 1}"
        start = RANGE_MICROJOULES - round(base * SECONDS_TO_WRAP * 1e6)
        lines.append(f"zone {zone} name={name} base={base} unit_uj=61.035 start={start}")
    return "".join(f"{line} max={RANGE_MICROJOULES}\n" for line in lines)


@contextmanager
def constant_counter(folder: Path, watts: dict[str, float]) -> Iterator[Counter]:
    """A counter for each zone that grows at so many watts until the block ends."""
    simulator = build_simulator(folder)
    sysfs = folder / "sysfs"
    sysfs.mkdir()
    if simulator and os.geteuid() == 0 and shutil.which("nsenter"):
        (folder / "zones").write_text(zone_lines(watts))
        # `cat` holds the namespace open until its input ends.
        command = [simulator, folder / "zones", sysfs, "--", "sh", "-c", "echo $$; exec cat"]
    else:
        zones = [f"{zone}={power}" for zone, power in watts.items()]
        command = ["node", ROOT / "test/simulation/powercap.mjs", sysfs, *zones]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    first = process.stdout.readline().strip()
    try:
        if first.isdigit():
            yield Counter(sysfs, ["nsenter", "--target", first, "--mount", "--wd=/", "--"])
        else:
            assert first == "ready"
            yield Counter(sysfs, [])
    finally:
        process.stdin.close()
        if not first.isdigit():
            process.terminate()
        process.wait()


if __name__ == "__main__":
    place, *zones = sys.argv[1:]
    powers = {name: float(power) for name, power in (zone.split("=") for zone in zones)}
    with constant_counter(Path(place), powers) as made:
        print(json.dumps({"sysfs": str(made.sysfs), "enter": made.enter}), flush=True)
        sys.stdin.read()
