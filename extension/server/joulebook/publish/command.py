"""The commands `joulebook publish`, `joulebook verify` and `joulebook new`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..errors import JoulebookError
from .badge import write_badge
from .energy import total
from .folder import swapped_in
from .page import Page, page_from_file
from .reading import megabytes
from .sources import Source, find_sources

USAGE = 2


def main(arguments: Sequence[str]) -> int:
    """Runs one of the commands.

    Args:
        arguments: The command's name and its arguments.

    Returns:
        The exit code: 0 done, 1 failed or, of verify, something differs, 2 wrong usage.
    """
    name, *rest = arguments
    command, parser = COMMANDS[name]
    options = parser().parse_args(rest)
    try:
        return command(options)
    except JoulebookError as error:
        if options.json:
            print(json.dumps({"error": {"code": error.code, "message": error.message}}))
        print(f"error: {error.message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; nothing was changed", file=sys.stderr)
        return 1


def _publish_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="joulebook publish",
        description="Make a site of notebooks, or single pages, with the energy of each cell. "
        "Nothing is executed: joulebook run NOTEBOOKS --output FOLDER --metadata comes before.",
    )
    parser.add_argument("inputs", nargs="*", type=Path, help="notebooks, Markdown pages, folders")
    parser.add_argument("-o", "--output", type=Path, help="the folder to write")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--single", action="store_true", help="one HTML file for each notebook")
    how.add_argument("--latex", action="store_true", help="LaTeX sources with a table of energy")
    how.add_argument("--pdf", action="store_true", help="the same and, where TeX is, a PDF")
    parser.add_argument("--badge", type=Path, metavar="FILE", help="write a badge (SVG) as well")
    parser.add_argument("--title", default="Notebooks", help="of the site")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument(
        "--myst-plugin", action="store_true", help="print the path of the plugin for Jupyter Book 2"
    )
    parser.add_argument("--verbose", action="store_true", help="print what Sphinx warned of")
    return parser


def _publish(options: argparse.Namespace) -> int:
    if options.myst_plugin:
        print(Path(__file__).parent / "myst-plugin.mjs")
        return 0
    if not options.inputs or not (options.output or options.badge):
        print(
            "error: name what to publish and the folder to write: "
            "joulebook publish NOTEBOOKS --output FOLDER",
            file=sys.stderr,
        )
        return USAGE
    started = time.monotonic()
    sources = find_sources(options.inputs, notebooks_only=options.single)
    omitted: list[str] = []
    pages: dict[str, Page] = {}
    if options.output:
        pages, omitted = _single(options, sources) if options.single else _site(options, sources)
    else:
        pages = {s.name: page_from_file(s.path) for s in sources if s.path.suffix == ".ipynb"}
    energy = total(page.total for page in pages.values())
    if options.badge:
        write_badge(energy, options.badge)
    if options.json:
        print(json.dumps(_result(options, pages, omitted), indent=2))
        return 0
    for name, page in pages.items():
        print(f"{name}: {page.total.text}" + "".join(f"\n    {note}" for note in page.notes))
    for what in omitted:
        print(f"left out: {what}")
    where = f"{options.output}: " if options.output else ""
    size = f", {megabytes(_size(options.output))}" if options.output else ""
    seconds = time.monotonic() - started
    print(f"{where}{len(pages)} pages{size}, {seconds:.1f} s; energy {energy.text}")
    return 0


def _site(options: argparse.Namespace, sources: list[Source]) -> tuple[dict[str, Page], list[str]]:
    from .site import Kind, read_site, write_site

    _tell(f"reading {len(sources)} files")
    site = read_site(sources, options.title)
    kind: Kind = "pdf" if options.pdf else "latex" if options.latex else "html"
    _tell({"html": "making the site", "latex": "writing LaTeX", "pdf": "making the PDF"}[kind])
    omitted = write_site(site, options.output, sources, kind)
    if options.verbose:
        print("\n".join(site.warnings), file=sys.stderr)
    return site.pages, omitted


def _single(
    options: argparse.Namespace, sources: list[Source]
) -> tuple[dict[str, Page], list[str]]:
    from .exporter import JoulebookExporter

    pages = {source.name: page_from_file(source.path) for source in sources}
    exporter = JoulebookExporter()
    with swapped_in(options.output, [source.path for source in sources]) as fresh:
        for name, page in pages.items():
            path = fresh / f"{name}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(exporter.from_page(page)[0], "utf-8")
    return pages, []


def _tell(what: str) -> None:
    """Says to whoever watches what takes a while."""
    if sys.stderr.isatty():
        print(f"… {what}", file=sys.stderr)


def _result(
    options: argparse.Namespace, pages: dict[str, Page], omitted: list[str]
) -> dict[str, Any]:
    return {
        "output": str(options.output.resolve()) if options.output else None,
        "bytes": _size(options.output) if options.output else None,
        "total": total(page.total for page in pages.values()).as_json(),
        "omitted": omitted,
        "pages": [
            {
                "name": name,
                "title": page.title,
                "total": page.total.as_json(),
                "cells": len(page.energies),
                "metered": page.metered,
                "notes": page.notes,
            }
            for name, page in pages.items()
        ],
    }


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _verify_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="joulebook verify",
        description="Run a published page or an executed notebook again, and say which cells' "
        "results or energy differ beyond their intervals. Its code runs on this machine.",
    )
    parser.add_argument("page", type=Path, help="a page (.html) or notebook (.ipynb) with results")
    parser.add_argument("--tolerance", type=float, default=1e-6, help="of numbers, relative")
    parser.add_argument("--folder", type=Path, help="where to run; default: where the page lies")
    parser.add_argument("--kernel", help="the kernel to use instead of the one the page names")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def _verify(options: argparse.Namespace) -> int:
    from .verify import verify

    _tell("running the page again, which takes as long as it took")
    report = verify(options.page, options.tolerance, options.folder, options.kernel)
    print(json.dumps(report.as_json(), indent=2) if options.json else report.text)
    return 0 if report.agrees else 1


def _new_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="joulebook new", description="Write a new tutorial from a template."
    )
    parser.add_argument("name", type=Path, help="such as 13-pruning, or a path")
    parser.add_argument("--python", action="store_true", help="in Python instead of TypeScript")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def _new(options: argparse.Namespace) -> int:
    from .new import write_template

    path = write_template(options.name, "python" if options.python else "typescript")
    print(json.dumps({"path": str(path)}) if options.json else path)
    return 0


COMMANDS: dict[
    str,
    tuple[Callable[[argparse.Namespace], int], Callable[[], argparse.ArgumentParser]],
] = {
    "publish": (_publish, _publish_parser),
    "verify": (_verify, _verify_parser),
    "new": (_new, _new_parser),
}
