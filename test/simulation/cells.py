"""Runs cells of known length on a real kernel beside a real daemon, and compares with the truth.

``raplsim CONFIG MOUNT -- python cells.py MOUNT PLAN.json RESULT.json``: the plan is a ``Plan``; the
result is a list with a ``Cell`` for each cell that was metered, in the order in which they ran.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypedDict

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.connect import write_connection_file

BIN = Path(sys.executable).parent
ZONE = "intel-rapl:0"
WARM_UP = 8
#: A hundred times the reader's hot period: the ledger has what it needs of a cell's surroundings.
PAUSE_SECONDS = 0.3
SETTLED_SECONDS = 3
#: Standard deviation of a window edge around the date in the message's header, as the meter
#: takes it to be (`clockErrorNs`): its interval is for the edge, so the truth is too.
EDGE_NS = 20_000
#: A counter that stands still is read so often before it goes on: some 100 ms in a cell.
SEEN_READS = 20

SETUP = """
import os, time
_control = os.open({control!r}, os.O_WRONLY)
def _cell(milliseconds, switches):
    if switches:
        os.pwrite(_control, b'gate 1\\n', 0)
    end = time.monotonic_ns() + int(milliseconds * 1e6)
    while time.monotonic_ns() < end:
        pass
    if switches:
        os.pwrite(_control, b'gate 0\\n', 0)
"""


class Fault(TypedDict):
    """Lines for the simulator's control file, given before a cell and while it runs."""

    before: list[str]
    during: list[str]


class Plan(TypedDict):
    """What to run: ``count`` cells of each length, shuffled."""

    milliseconds: list[float]
    count: int
    #: Cells switch the simulated load.
    gate: bool
    #: Cells sent at once; 1: one after another with a pause between.
    queued: int
    #: Busy loops beside.
    loops: int
    #: What happens to the counter, by turns.
    faults: list[Fault]


class Cell(TypedDict):
    """One cell: what the daemon says, in joules, and the truth of the same window."""

    milliseconds: float
    seconds: float
    truth: float
    joules: float | None
    low: float | None
    high: float | None
    gaps: list[str]
    fault: str


class Simulator:
    """The control files of raplsim."""

    def __init__(self, mount: Path) -> None:
        self.control = mount / "ctl"
        self._truth = os.open(mount / "truth", os.O_RDWR)

    def order(self, line: str) -> None:
        """Write one line to the control file."""
        with open(self.control, "wb", buffering=0) as file:
            file.write(f"{line}\n".encode())

    def await_reads(self, count: int) -> None:
        """Wait until the counter has been read so many times more.

        What nobody looked at while it happened, nobody can tell: on a busy machine the daemon's
        reader may rest for longer than a fault lasts.
        """
        until = self._reads() + count
        while self._reads() < until:
            time.sleep(0.001)

    def _reads(self) -> int:
        lines = (self.control.parent / "reads").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.split()[0] == ZONE)

    def joules(self, start_ns: int, end_ns: int) -> float:
        """Exact energy of a span."""
        os.pwrite(self._truth, f"{start_ns} {end_ns}".encode(), 0)
        lines = os.pread(self._truth, 4096, 0).decode().splitlines()
        return next(float(line.split()[1]) for line in lines if line.split()[0] == ZONE)


@contextmanager
def ended(process: subprocess.Popen[Any]) -> Iterator[subprocess.Popen[Any]]:
    """End a process at the end of the block."""
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def start_daemon(env: dict[str, str], stack: ExitStack) -> None:
    """Start the daemon and wait until it says that it is ready."""
    command = [BIN / "joulebook", "serve"]
    daemon = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    stack.enter_context(ended(daemon))
    assert daemon.stdout
    if not any(line.startswith("ready") for line in daemon.stdout):
        raise SystemExit("the daemon ended before it was ready")
    # What it prints later must not fill the pipe.
    threading.Thread(target=daemon.stdout.read, daemon=True).start()


def start_kernel(env: dict[str, str], stack: ExitStack) -> BlockingKernelClient:
    """Start a Python kernel and join it."""
    connection = Path(env["JUPYTER_RUNTIME_DIR"]) / "kernel-of-the-simulation.json"
    command = [BIN / "python", "-m", "ipykernel_launcher", "-f", connection]
    write_connection_file(str(connection), kernel_name="python3")
    stack.enter_context(ended(subprocess.Popen(command, env=env)))
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    # A heart that does not beat yet would count as dead.
    client.start_channels(hb=False)
    stack.callback(client.stop_channels)
    client.wait_for_ready(timeout=60)
    return client


def await_idle(client: BlockingKernelClient, ids: set[str]) -> None:
    """Wait until all these requests are done."""
    waiting = set(ids)
    while waiting:
        message = client.get_iopub_msg(timeout=120)
        if message["msg_type"] == "error":
            raise SystemExit("\n".join(message["content"]["traceback"]))
        if message["content"].get("execution_state") == "idle":
            waiting.discard(message["parent_header"].get("msg_id"))


HEALTHY: Fault = {"before": [], "during": []}


def run(client: BlockingKernelClient, simulator: Simulator, plan: Plan) -> dict[str, Any]:
    """Run the plan's cells; their lengths and faults by message id."""
    rng = random.Random(5)
    lengths = [ms for ms in plan["milliseconds"] for _ in range(plan["count"])]
    rng.shuffle(lengths)
    lengths[:0] = [20.0] * WARM_UP
    known: dict[str, Any] = {}
    for first in range(0, len(lengths), plan["queued"]):
        ids = set()
        for index in range(first, min(first + plan["queued"], len(lengths))):
            milliseconds = lengths[index]
            fault = plan["faults"][index % len(plan["faults"])] if plan["faults"] else HEALTHY
            for line in fault["before"]:
                simulator.order(line)
                time.sleep(PAUSE_SECONDS)
            sent = client.execute(f"_cell({milliseconds}, {plan['gate']})")
            ids.add(sent)
            if index < WARM_UP:
                continue
            known[sent] = (milliseconds, ", ".join(fault["before"] + fault["during"]))
            for line in fault["during"]:
                time.sleep(milliseconds / 1e3 * rng.uniform(0.1, 0.4))
                simulator.order(line)
                if line.startswith("freeze"):
                    simulator.await_reads(SEEN_READS)
        await_idle(client, ids)
        time.sleep(PAUSE_SECONDS * rng.uniform(0.7, 1.3))
    return known


def compared(
    simulator: Simulator, rng: random.Random, execution: dict[str, Any], known: Any
) -> Cell:
    """One execution beside its truth."""
    domains = [d for d in execution["domains"] if d["sensor"] == f"powercap:{ZONE}"]
    energy = domains[0] if domains else {"joules": None, "low": None, "high": None}
    start, end = (round(execution[name] + rng.gauss(0, EDGE_NS)) for name in ("start_ns", "end_ns"))
    return {
        "milliseconds": known[0],
        "seconds": (end - start) / 1e9,
        "truth": simulator.joules(start, end),
        "joules": energy["joules"],
        "low": energy["low"],
        "high": energy["high"],
        "gaps": [gap["reason"] for gap in execution["gaps"] if gap["domain"] == "package"],
        "fault": known[1],
    }


def main(simulator: Simulator, mount: Path, plan: Plan) -> list[Cell]:
    """Start everything, run the plan, and compare."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="joulebook-live-")))
        folders = {name: home / name.lower() for name in ("RUNTIME", "DATA", "CONFIG")}
        for folder in folders.values():
            folder.mkdir(mode=0o700)
        env = {
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            **{f"JUPYTER_{name}_DIR": str(folder) for name, folder in folders.items()},
            "JOULEBOOK_SYSFS": str(mount),
            "JOULEBOOK_POLICY": "exclusive",
        }
        start_daemon(env, stack)
        client = start_kernel(env, stack)
        await_idle(client, {client.execute(SETUP.format(control=str(simulator.control)))})
        for _ in range(plan["loops"]):
            loop = [sys.executable, "-c", "while True: pass"]
            stack.enter_context(ended(subprocess.Popen(loop)))
        known = run(client, simulator, plan)
        time.sleep(SETTLED_SECONDS)
        command = [BIN / "joulebook", "export", "--format", "jsonl"]
        exported = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        executions = [json.loads(line) for line in exported.stdout.splitlines()]
        metered = [execution for execution in executions if execution["msg_id"] in known]
        rng = random.Random(7)
        return [compared(simulator, rng, one, known[one["msg_id"]]) for one in metered]


if __name__ == "__main__":
    where, plan_file, result_file = map(Path, sys.argv[1:])
    ran = main(Simulator(where), where, json.loads(plan_file.read_text()))
    result_file.write_text(json.dumps(ran))
