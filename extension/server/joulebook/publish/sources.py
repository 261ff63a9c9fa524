"""Finds what is to be published: notebooks and Markdown pages, and the pictures that they show."""

from __future__ import annotations

import base64
import re
import shutil
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import unquote

from ..errors import JoulebookError

SUFFIXES = frozenset((".ipynb", ".md"))
PICTURES = frozenset((".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"))
LARGEST_PICTURE_BYTES = 5_000_000
_SHOWN = re.compile(r"!\[[^\]]*\]\(\s*<?([^)\s>]+)|<img\b[^>]*\bsrc=[\"']([^\"']+)", re.I)
_SKIPPED = frozenset(("node_modules", "__pycache__"))


@dataclass(frozen=True)
class Source:
    """A file that becomes a page."""

    name: str
    """Of the document: its path in the site without the ending."""
    path: Path


def find_sources(inputs: list[Path], notebooks_only: bool = False) -> list[Source]:
    """Finds notebooks and Markdown pages.

    Args:
        inputs: Files, and folders that stand for all below them. Of a single folder the content is
            the site; of several each has a folder of its own in the site.
        notebooks_only: Leaves Markdown pages out.

    Raises:
        JoulebookError: `publish/no-notebook` for what is not there, holds nothing, or would meet
            another page of the same name.
    """
    found: dict[str, Source] = {}
    suffixes = {".ipynb"} if notebooks_only else SUFFIXES
    for given in inputs:
        folder = given.resolve()
        within = "" if len(inputs) == 1 or folder.is_file() else f"{folder.name}/"
        files = _files(folder, suffixes)
        base = folder.parent if folder.is_file() else folder
        for path in files:
            name = within + path.relative_to(base).with_suffix("").as_posix()
            if name in found:
                raise _none(f"{found[name].path} and {path} would both become the page {name}")
            found[name] = Source(name, path)
    if not found:
        raise _none(f"no notebook (*.ipynb) in {', '.join(map(str, inputs))}")
    return list(found.values())


def copy_pictures(text: str, folder: Path, target: Path) -> None:
    """Copies the pictures that a page shows.

    Args:
        text: Its Markdown.
        folder: Of the page; pictures elsewhere on the machine are nobody's to publish.
        target: Where the page will lie.
    """
    for match in _SHOWN.finditer(text):
        name = unquote(match.group(1) or match.group(2))
        path = (folder / name).resolve()
        if folder.resolve() not in path.parents or path.suffix.lower() not in PICTURES:
            continue
        if path.is_file() and path.stat().st_size <= LARGEST_PICTURE_BYTES:
            copy = target / path.relative_to(folder.resolve())
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def embed_pictures(text: str, folder: Path) -> str:
    """Puts the pictures that a page shows into its Markdown itself.

    Args:
        text: The Markdown.
        folder: Of the page; pictures elsewhere are left as they are.
    """

    def embed(match: re.Match[str]) -> str:
        name = match.group(1) or match.group(2)
        path = (folder / unquote(name)).resolve()
        inside = folder.resolve() in path.parents and path.suffix.lower() in PICTURES
        if not inside or not path.is_file() or path.stat().st_size > LARGEST_PICTURE_BYTES:
            return match.group()
        kind = guess_type(path.name)[0] or "image/png"
        data = base64.b64encode(path.read_bytes()).decode()
        return match.group().replace(name, f"data:{kind};base64,{data}")

    return _SHOWN.sub(embed, text)


def _files(path: Path, suffixes: frozenset[str] | set[str]) -> list[Path]:
    if path.is_file():
        if path.suffix not in suffixes:
            raise _none(f"expected {' or '.join(sorted(suffixes))}, got {path}")
        return [path]
    if not path.is_dir():
        raise _none(f"nothing at {path}")
    found = (
        each
        for each in path.rglob("*")
        if each.suffix in suffixes
        and each.is_file()
        and not any(p.startswith(".") or p in _SKIPPED for p in each.relative_to(path).parts)
    )
    return sorted(found, key=lambda each: each.with_suffix("").parts)


def _none(reason: str) -> JoulebookError:
    return JoulebookError("publish/no-notebook", reason)
