"""The server extension."""

from __future__ import annotations

from jupyter_server.extension.application import ExtensionApp

from .daemon import Daemon
from .handlers import ProxyHandler
from .notebooks import Root
from .tutorials import TutorialHandler


class JoulebookApp(ExtensionApp):
    """Starts the meter daemon with the server and guards the way to it."""

    name = "joulebook"
    description = "Energy per notebook cell"
    load_other_extensions = True

    daemon: Daemon

    def initialize_settings(self) -> None:
        """Starts the daemon as soon as the event loop runs: no page needs to be open."""
        assert self.serverapp is not None  # noqa: S101
        self.daemon = Daemon(self.log)
        self.serverapp.io_loop.add_callback(self.daemon.start)

    def initialize_handlers(self) -> None:
        """Adds the routes."""
        assert self.serverapp is not None  # noqa: S101
        shared = {"daemon": self.daemon, "root": Root(self.serverapp.root_dir)}
        self.handlers.append((r"/joulebook/api/tutorials/(python|typescript)", TutorialHandler))
        self.handlers.append((r"/joulebook/api/(.+)", ProxyHandler, shared))

    async def stop_extension(self) -> None:
        """Gives the daemon's lease back."""
        await self.daemon.stop()
