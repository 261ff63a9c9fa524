"""The energy of every notebook cell: the server extension, and the way to daemon and kernel.

Nothing heavy is imported here, not even `typing`: every start of a kernel passes this file.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Says where `jupyter labextension develop` finds the front end."""
    return [{"src": "labextension", "dest": "joulebook-lab"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Names the server extension to jupyter_server."""
    from .app import JoulebookApp

    return [{"module": "joulebook", "app": JoulebookApp}]
