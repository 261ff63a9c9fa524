"""Python kernels for the benchmark of the meter: a JSON command a line in, an answer a line out.

start N: starts N kernels. wait SECONDS: a cell that waits, in all of them, without waiting for it.
idle: waits until all have answered. time N: milliseconds of N small cells of the first kernel.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from jupyter_client.manager import start_new_kernel

kernels: list[tuple[Any, Any]] = []


def start(count: int) -> None:
    kernels.extend(start_new_kernel(kernel_name="python3") for _ in range(count))


def wait(seconds: float, count: int) -> None:
    for _, client in kernels[:count]:
        client.execute(f"import time; time.sleep({seconds})")


def idle(count: int) -> None:
    for _, client in kernels[:count]:
        client.get_shell_msg(timeout=120)


def milliseconds(count: int) -> list[float]:
    _, client = kernels[0]
    times = []
    for _ in range(count):
        began = time.perf_counter()
        message = client.execute("1")
        while True:
            reply = client.get_iopub_msg(timeout=20)
            ended = reply["msg_type"] == "status" and reply["content"]["execution_state"] == "idle"
            if ended and reply["parent_header"].get("msg_id") == message:
                break
        times.append(1e3 * (time.perf_counter() - began))
        client.get_shell_msg(timeout=20)
    return times


commands = {"start": start, "wait": wait, "idle": idle, "time": milliseconds}
for line in sys.stdin:
    name, arguments = json.loads(line)
    print(json.dumps(commands[name](*arguments)), flush=True)
for manager, client in kernels:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
