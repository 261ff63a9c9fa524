"""Every way this package fails."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    ErrorCode = Literal[
        "auth/forbidden",
        "daemon/bad-answer",
        "daemon/not-started",
        "daemon/unavailable",
        "node/missing",
        "node/too-old",
        "parameters/unknown",
        "path/unsafe-folder",
        "path/outside-root",
        "publish/bad-record",
        "publish/failed",
        "publish/folder-not-empty",
        "publish/missing-package",
        "publish/no-notebook",
        "publish/not-run",
        "publish/too-large",
        "publish/unreadable",
        "request/not-allowed",
        "request/not-found",
        "request/refused",
        "request/too-large",
        "request/unreadable",
        "runtime/not-built",
        "server/failed",
    ]
    """`stage/what-happened`. Codes are stable API: the front end and scripts branch on them."""


class JoulebookError(Exception):
    """A failure the caller may branch on.

    Attributes:
        code: Stable API.
        message: For people: the offending value, what was expected, and the next step.
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.message = message
