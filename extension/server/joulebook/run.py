"""Executes a notebook headless for `joulebook run`, which starts it as `python -m joulebook.run`.

The two talk in lines. Standard output carries one JSON object a line:

* `{"event": "kernel", "connection_file"}`: the kernel runs; it waits for `go`.
* `{"event": "sent", "index", "cell_id", "msg_id", "source"}`: a cell was sent to the kernel.
* `{"event": "ended", "index", "msg_id", "status"}`: its reply came.
* `{"event": "failed", "index", "name", "message", "traceback"}`: nothing more will be executed.
* `{"event": "written", "path"}`: the notebook with its outputs was saved.

Standard input carries `ping` (let the kernel say something), `go`, `interrupt` (the running cell)
and `kill` (the kernel); its end means that nobody waits for the result.
"""

from __future__ import annotations

from . import quick_start  # noqa: F401

# isort: split
import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import uuid
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any

import nbformat
from jupyter_client.kernelspec import NoSuchKernel, find_kernel_specs
from jupyter_core.paths import jupyter_runtime_dir
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from .errors import JoulebookError
from .parameters import inject

if TYPE_CHECKING:
    from jupyter_client.client import KernelClient
    from jupyter_client.manager import KernelManager
    from nbformat import NotebookNode

INTERRUPT_SECONDS = 1.0
BEGIN_SECONDS = 5.0
"""How long an interrupt waits for its cell to begin."""
SETTLE_SECONDS = 0.1
"""From the message that a cell begins to its first line."""
ANSWER_SECONDS = 2.0
"""A kernel that runs no cell answers within this time."""
SHOWN_SOURCE = 200
"""Characters of a cell's source that are passed on to be shown."""


def _say(event: str, **fields: Any) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)


class Runner(NotebookClient):
    """Executes the cells of one notebook in order, and says each step.

    Attributes:
        go: Set when the cells may be executed: whoever measures must listen first.
        current: Index of the cell that was sent last, None before the first.
        begun: Set when the kernel has said that it executes that cell.
        lost: Done when the kernel has lost that cell over an interrupt.
    """

    def __init__(self, notebook: NotebookNode, **options: Any) -> None:
        super().__init__(notebook, **options)
        self.go = asyncio.Event()
        self.current: int | None = None
        self.begun = asyncio.Event()
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_cell_execute = self._before
        self.on_cell_executed = self._after

    def create_kernel_manager(self) -> KernelManager:
        """Puts the connection file where the meter looks for it."""
        manager = super().create_kernel_manager()
        folder = jupyter_runtime_dir()
        os.makedirs(folder, mode=0o700, exist_ok=True)
        manager.connection_file = os.path.join(folder, f"kernel-{uuid.uuid4()}.json")
        return manager

    async def async_start_new_kernel(self, **kwargs: Any) -> None:
        """Starts a kernel that can be interrupted, also where this process cannot.

        A script's background job ignores interrupts, and so would every process that it starts.
        """
        ours = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            await super().async_start_new_kernel(**kwargs)
        finally:
            signal.signal(signal.SIGINT, ours)

    async def async_start_new_kernel_client(self) -> KernelClient:
        """Starts the client, tells where the kernel is, and waits for leave to go on."""
        client = await super().async_start_new_kernel_client()
        if self.km is None:
            raise DeadKernelError("the kernel ended while it started")
        send = client.execute

        async def execute(code: str, **options: Any) -> str:
            sent = send(code, **options)
            msg_id: str = await sent if asyncio.iscoroutine(sent) else sent
            self._sent(msg_id)
            return msg_id

        client.execute = execute  # type: ignore[assignment]
        _say("kernel", connection_file=self.km.connection_file)
        await self.go.wait()
        return client

    async def interrupt(self) -> None:
        """Interrupts the running cell, again and again until it has ended.

        A kernel that has not begun the cell yet lets an interrupt pass, or loses the cell over it:
        then it says nothing of the cell any more, but answers others.
        """
        while self.km is not None:
            manager: Any = self.km
            with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
                await asyncio.wait_for(self.begun.wait(), BEGIN_SECONDS)
            await asyncio.sleep(SETTLE_SECONDS)
            await manager.interrupt_kernel()
            await asyncio.sleep(INTERRUPT_SECONDS)
            if await self._answers():
                # What it said of the cell before has arrived by now.
                await asyncio.sleep(INTERRUPT_SECONDS)
                if not self.lost.done():
                    self.lost.set_result(None)
                return

    async def _answers(self) -> bool:
        """Whether the kernel answers a request, which it does not while a cell runs."""
        if self.km is None:
            return False
        client: Any = self.km.client()
        client.start_channels()
        try:
            client.kernel_info()
            await client.get_shell_msg(timeout=ANSWER_SECONDS)
        except Empty:
            return False
        finally:
            client.stop_channels()
        return True

    async def kill(self) -> None:
        """Ends the kernel at once."""
        manager: Any = self.km
        if manager is not None:
            await manager.shutdown_kernel(now=True)

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """Notes that the kernel has begun the cell; else as nbclient does."""
        if msg["msg_type"] == "execute_input":
            self.begun.set()
        return super().process_message(msg, cell, cell_index)

    def _before(self, cell: NotebookNode, cell_index: int) -> None:
        self.current = cell_index
        self.begun.clear()

    def _sent(self, msg_id: str) -> None:
        index = self.current or 0
        cell = self.nb.cells[index]
        cell_id = str(cell.get("id", index))
        source = cell.source[:SHOWN_SOURCE]
        _say("sent", index=index, cell_id=cell_id, msg_id=msg_id, source=source)

    def _after(
        self, cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any] | None
    ) -> None:
        reply = execute_reply or {}
        msg_id = reply.get("parent_header", {}).get("msg_id")
        status = reply.get("content", {}).get("status", "ok")
        _say("ended", index=cell_index, msg_id=msg_id, status=status)


async def _obey(runner: Runner) -> None:
    """Follows standard input until it ends, then ends the kernel."""
    interrupting: asyncio.Future[None] | None = None
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        word = line.strip()
        if word == b"go":
            runner.go.set()
        elif word == b"ping" and runner.kc is not None:
            runner.kc.kernel_info()
        elif word == b"interrupt":
            interrupting = asyncio.ensure_future(runner.interrupt())
        elif word == b"kill":
            await runner.kill()
    if interrupting:
        interrupting.cancel()
    runner.go.set()
    await runner.kill()


async def _execute(notebook: NotebookNode, environment: dict[str, str], **options: Any) -> bool:
    """Executes all cells; says why not when one fails."""
    runner = Runner(notebook, **options)
    obeying = asyncio.ensure_future(_obey(runner))
    executing = asyncio.ensure_future(runner.async_execute(env=environment))
    try:
        ends: set[asyncio.Future[Any]] = {executing, runner.lost}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if not executing.done():
            executing.cancel()
            await runner.kill()
            why = "the kernel lost the cell when it was interrupted"
            raise CellExecutionError(traceback="", ename="KeyboardInterrupt", evalue=why)
        await executing
    except CellExecutionError as error:
        _say(
            "failed",
            index=runner.current,
            name=error.ename,
            message=error.evalue,
            traceback=error.traceback,
        )
        return False
    except NoSuchKernel as error:
        name = type(error).__name__
        _say("failed", index=None, name=name, message=_without_kernel(error.name), traceback="")
        return False
    except Exception as error:  # a kernel that dies, a timeout
        name = type(error).__name__
        _say("failed", index=runner.current, name=name, message=str(error), traceback="")
        return False
    finally:
        obeying.cancel()
    return True


def _without_kernel(name: str) -> str:
    """Says which kernels there are, and how to get the one that is not."""
    found = ", ".join(sorted(find_kernel_specs())) or "none"
    return (
        f"no kernel is named '{name}'; there are: {found}. Install it (python3: pip install "
        "ipykernel), or name another with --kernel"
    )


def main(arguments: list[str] | None = None) -> int:
    """Executes a notebook.

    Args:
        arguments: Default: the command line.

    Returns:
        0, or 1 if a cell failed. The outputs up to there are written all the same.
    """
    parser = argparse.ArgumentParser(prog="python -m joulebook.run", description=__doc__)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--output", type=Path, help="where to write the executed notebook")
    parser.add_argument("--kernel", default="", help="default: the one the notebook names")
    parser.add_argument("--folder", type=Path, help="where it runs; default: where it lies")
    parser.add_argument("--parameters", type=json.loads, default={}, help="a JSON object")
    options = parser.parse_args(arguments)
    path: Path = options.notebook.resolve()
    try:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        inject(notebook, options.parameters)
    except (JoulebookError, OSError, ValueError) as error:
        name = type(error).__name__
        _say("failed", index=None, name=name, message=f"{path.name}: {error}", traceback="")
        return 1
    _say("notebook", cells=[i for i, cell in enumerate(notebook.cells) if _runs(cell)])
    # The same variable by which jupyter_server tells a kernel its notebook.
    environment = {**os.environ, "JPY_SESSION_NAME": str(path)}
    succeeded = asyncio.run(
        _execute(
            notebook,
            environment,
            timeout=None,
            kernel_name=options.kernel,
            resources={"metadata": {"path": str(options.folder or path.parent)}},
        )
    )
    if options.output:
        nbformat.write(notebook, options.output)  # type: ignore[no-untyped-call]
        _say("written", path=str(options.output.resolve()))
    return 0 if succeeded else 1


def _runs(cell: NotebookNode) -> bool:
    return bool(cell.cell_type == "code" and cell.source.strip())


if __name__ == "__main__":
    sys.exit(main())
