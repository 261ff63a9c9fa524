"""Writes a folder aside and swaps it in when it is whole: nobody ever sees half a site."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import JoulebookError

MARKER = "joulebook-site.json"
"""Lies in a folder that joulebook made, and names what it wrote there."""


@contextmanager
def swapped_in(target: Path, sources: list[Path]) -> Iterator[Path]:
    """Gives an empty folder that takes the place of `target` when the block ends without an error.

    Args:
        target: Absent, empty, or made by this before and with nothing of anybody else in it.
        sources: What is published: it must not lie in the folder that will be replaced.

    Raises:
        JoulebookError: `publish/folder-not-empty`; the folder stays as it was then.
    """
    target = target.resolve()
    _check(target, sources)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        fresh = aside / "new"
        fresh.mkdir()
        yield fresh
        files = sorted(str(p.relative_to(fresh)) for p in fresh.rglob("*") if p.is_file())
        (fresh / MARKER).write_text(json.dumps({"files": files}, indent=1) + "\n", "utf-8")
        if target.exists():
            target.rename(aside / "old")
        try:
            fresh.rename(target)
        except OSError:
            if (aside / "old").exists():
                (aside / "old").rename(target)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _check(target: Path, sources: list[Path]) -> None:
    if target.exists() and not target.is_dir():
        raise _refused(target, "is a file", "name a folder")
    if any(target == source or target in source.parents for source in sources):
        raise _refused(target, "holds what is to be published", "name a folder of its own")
    if not target.exists():
        return
    there = {str(p.relative_to(target)) for p in target.rglob("*") if not p.is_dir()}
    foreign = sorted(there - _written(target))
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        raise _refused(
            target,
            f"is not empty: {', '.join(foreign[:3])}{more} did not come from joulebook publish",
            "name another folder, or empty this one first",
        )


def _written(target: Path) -> set[str]:
    try:
        files = json.loads((target / MARKER).read_text("utf-8"))["files"]
        return {MARKER, *map(str, files)}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _refused(target: Path, reason: str, way_out: str) -> JoulebookError:
    return JoulebookError("publish/folder-not-empty", f"{target} {reason}; {way_out}")
