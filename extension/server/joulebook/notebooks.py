"""Notebook paths: Jupyter's are relative to the server's root, the daemon's are absolute.

The daemon serves all of the user's servers, and each may have another root.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from .errors import JoulebookError

_OF_JUPYTER = frozenset(("token", "_xsrf", "no_track_activity"))


class Root:
    """A server's root folder, which translates between the two kinds of path."""

    def __init__(self, folder: str) -> None:
        """Takes the server's `root_dir`."""
        given = os.path.abspath(os.path.expanduser(folder))
        # A kernel may report its notebook through a link or without it.
        self._folders = list(dict.fromkeys((given, os.path.realpath(given))))

    def absolute(self, path: str) -> str:
        """Gives the absolute path of a notebook; an absolute one stays as it is.

        Raises:
            JoulebookError: `path/outside-root` if a relative path climbs out of the root.
        """
        if os.path.isabs(path):
            return path
        joined = os.path.normpath(os.path.join(self._folders[0], path))
        if self.relative(joined) is None:
            raise JoulebookError(
                "path/outside-root",
                f"expected a notebook path below the server's root folder, got {path!r}",
            )
        return joined

    def relative(self, path: str) -> str | None:
        """Gives a notebook's path as Jupyter names it, or None if it is not below the root."""
        for folder in self._folders:
            below = folder.rstrip(os.sep) + os.sep
            if path.startswith(below):
                return path[len(below) :] or None
        return None

    def query_to_daemon(self, query: str) -> str:
        """Translates a query string: `notebook` becomes absolute, Jupyter's own parameters go."""
        kept = [(k, v) for k, v in parse_qsl(query) if k not in _OF_JUPYTER]
        return urlencode([(k, self.absolute(v) if k == "notebook" else v) for k, v in kept])

    def labels_to_daemon(self, body: bytes) -> bytes:
        """Translates the body of POST labels: each label's `notebook` becomes absolute.

        Raises:
            JoulebookError: `request/unreadable` if it is not `{ "labels": [{ … }] }`.
        """
        try:
            document = json.loads(body)
            for label in document["labels"]:
                label["notebook"] = self.absolute(label["notebook"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise JoulebookError(
                "request/unreadable",
                'expected { "labels": [{ "msg_id", "notebook", "cell_id" }] }, '
                f"got {body[:80]!r}",
            ) from error
        return json.dumps(document).encode()

    def answer_from_daemon(self, body: bytes) -> bytes:
        """Adds `notebook_path`, relative, beside each `notebook` below the root.

        Raises:
            JoulebookError: `daemon/bad-answer` if the body is not JSON.
        """
        try:
            document = json.loads(body)
        except ValueError as error:
            raise JoulebookError(
                "daemon/bad-answer", f"the meter daemon answered with no JSON: {body[:80]!r}"
            ) from error
        self._add(document)
        return json.dumps(document, separators=(",", ":")).encode()

    def event_from_daemon(self, event: bytes) -> bytes:
        """Does the same to the data of one server-sent event."""
        lines = event.split(b"\n")
        return b"\n".join(self._line_from_daemon(line) for line in lines)

    def _line_from_daemon(self, line: bytes) -> bytes:
        if not line.startswith(b"data:") or b'"notebook"' not in line:
            return line
        return b"data: " + self.answer_from_daemon(line[len(b"data:") :])

    def _add(self, value: Any) -> None:
        for item in _holders(value):
            notebook = item.get("notebook")
            path = self.relative(notebook) if isinstance(notebook, str) else None
            if path is not None:
                item["notebook_path"] = path


def _holders(value: Any) -> Sequence[dict[str, Any]]:
    """The objects of an answer that may name a notebook: itself, or those it lists."""
    if isinstance(value, dict):
        lists = [value.get("executions"), value.get("kernels")]
        return [value, *(each for found in lists if found for each in _holders(found))]
    if isinstance(value, list):
        return [each for each in value if isinstance(each, dict)]
    return []
