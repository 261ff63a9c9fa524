"""A kernel with a client, and what one cell gave."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

Message = dict[str, Any]
#: The kernelspec's name.
KERNEL_NAME = "joulebook-typescript"
#: The longest any single step may take, in seconds: for machines busy with other tests.
PATIENCE = 30.0
STARTS = 3


@dataclass
class CellRun:
    """All that a cell sent, in its order."""

    reply: Message
    messages: list[Message] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def status(self) -> str:
        """`ok`, `error` or `aborted`."""
        return str(self.reply["content"]["status"])

    @property
    def kinds(self) -> list[str]:
        """The types of the messages, `status` replaced by the state."""
        return [
            m["content"]["execution_state"] if m["msg_type"] == "status" else m["msg_type"]
            for m in self.messages
        ]

    def of(self, kind: str) -> list[Message]:
        """The contents of the messages of one type."""
        return [m["content"] for m in self.messages if m["msg_type"] == kind]

    def text(self, name: str = "stdout") -> str:
        """What was printed."""
        return "".join(c["text"] for c in self.of("stream") if c["name"] == name)

    @property
    def result(self) -> str | None:
        """The last value as plain text."""
        found = self.of("execute_result")
        return str(found[-1]["data"]["text/plain"]) if found else None

    @property
    def data(self) -> Message:
        """The first rich output."""
        found = [*self.of("execute_result"), *self.of("display_data")]
        return dict(found[0]["data"]) if found else {}

    @property
    def error(self) -> Message:
        """The error's content."""
        found = self.of("error")
        return found[0] if found else {}


class KernelSession:
    """Starts a kernel in a folder and runs cells in it."""

    def __init__(
        self,
        folder: Path,
        kernel_name: str = KERNEL_NAME,
        env: dict[str, str] | None = None,
        **options: Any,
    ) -> None:
        self.folder = folder
        self.env = {**os.environ, **(env or {})}
        self.options = {"kernel_name": kernel_name, **options}
        self.manager = KernelManager(**self.options)
        self.client: BlockingKernelClient

    def __enter__(self) -> KernelSession:
        """As Jupyter's server does, starts again where another process took a port meanwhile."""
        for attempt in range(STARTS):
            self.manager.start_kernel(cwd=str(self.folder), env=self.env)
            self.client = self.manager.client()
            self.client.start_channels()
            try:
                self.client.wait_for_ready(timeout=PATIENCE)
                break
            except RuntimeError:
                self.client.stop_channels()
                if self.manager.is_alive() or attempt == STARTS - 1:
                    self.manager.shutdown_kernel(now=True)
                    raise
                self.manager.cleanup_resources()
                self.manager = KernelManager(**self.options)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def write(self, name: str, text: str) -> Path:
        """Puts a file beside the notebook."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def send(self, code: str, **options: Any) -> str:
        """Asks for a cell without waiting for it."""
        return str(self.client.execute(code, **options))

    def run(self, code: str, **options: Any) -> CellRun:
        """Runs a cell to its end."""
        started = time.monotonic()
        run = self.finish(self.send(code, **options))
        run.seconds = time.monotonic() - started
        return run

    def finish(self, message_id: str) -> CellRun:
        """Waits for a cell's end."""
        messages = self.until_idle(message_id)
        return CellRun(self.reply(message_id), messages)

    def until_idle(self, message_id: str) -> list[Message]:
        """All that a request broadcasts, to its idle."""
        messages = []
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") != message_id:
                continue
            messages.append(message)
            if message["content"].get("execution_state") == "idle":
                return messages

    def broadcast(self, kind: str, message_id: str | None = None) -> Message:
        """The next message of a type on iopub."""
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            parent = message["parent_header"].get("msg_id")
            if message["msg_type"] == kind and message_id in (None, parent):
                return dict(message)

    def reply(self, message_id: str, channel: str = "shell") -> Message:
        """The reply to a request."""
        get = self.client.get_shell_msg if channel == "shell" else self.client.get_control_msg
        while True:
            message = get(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") == message_id:
                return dict(message)

    def request(self, kind: str, content: Message | None = None, channel: str = "shell") -> Message:
        """Sends any request and returns its reply."""
        message = self.client.session.msg(kind, content or {})
        sender = self.client.shell_channel if channel == "shell" else self.client.control_channel
        sender.send(message)
        return self.reply(message["header"]["msg_id"], channel)

    def interrupt(self) -> None:
        """Interrupts as the server does, and returns when the kernel has answered."""
        self.request("interrupt_request", channel="control")
