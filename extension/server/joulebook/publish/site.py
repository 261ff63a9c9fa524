"""A static site of notebooks and Markdown pages, built by Sphinx with myst-nb and furo."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, Literal

import nbformat

from ..errors import JoulebookError
from . import assets
from .energy import Energy, total
from .figures import figures_in
from .folder import swapped_in
from .latex import latex_settings, make_pdf
from .page import Page, page_from_file
from .page_html import in_words
from .record import record_html
from .sources import Source, copy_pictures

MATH = re.compile(r"\$|\\begin\{|\{math\}|\\\[|\\\(")
TABLE_MARK = "<!-- joulebook: energy -->"
"""A line of a Markdown page, where the table of pages comes."""

Kind = Literal["html", "latex", "pdf"]


@dataclass
class Site:
    """Pages that are published together."""

    title: str
    pages: dict[str, Page]
    """Notebooks, by their document names."""
    texts: dict[str, Source]
    """Markdown pages, by their document names."""
    warnings: list[str] = field(default_factory=list)

    @property
    def total(self) -> Energy:
        """The energy of all pages."""
        return total(page.total for page in self.pages.values())

    @property
    def table(self) -> str:
        """Pages and their energies, in Markdown."""
        rows = "\n".join(
            f"| [{_cell(page.title)}]({name}.ipynb) | {page.total.text} "
            f"| {page.metered} of {len(page.energies)} |"
            for name, page in self.pages.items()
        )
        head = "| Page | Energy | Cells metered |\n| --- | --- | --- |"
        return f"{head}\n{rows}\n\nAll pages together: **{self.total.text}**."


def read_site(sources: list[Source], title: str) -> Site:
    """Reads all that is published, before anything is written.

    Raises:
        JoulebookError: As `read_notebook` does.
    """
    site = Site(title, {}, {})
    for source in sources:
        if source.path.suffix == ".ipynb":
            site.pages[source.name] = page_from_file(source.path)
        else:
            site.texts[source.name] = source
    return site


def write_site(site: Site, target: Path, sources: list[Source], kind: Kind) -> list[str]:
    """Builds the site aside and swaps it in.

    Args:
        site: From `read_site`.
        target: The folder of the site; see `swapped_in`.
        sources: What the site was read from.
        kind: Pages, LaTeX sources, or these and the PDF that TeX makes of them.

    Returns:
        What had to be left out.

    Raises:
        JoulebookError: `publish/folder-not-empty`, `publish/missing-package`, `publish/failed`.
    """
    with swapped_in(target, [source.path for source in sources]) as fresh:
        with tempfile.TemporaryDirectory(prefix="joulebook-") as made:
            stage = Path(made) / "pages"
            _stage(site, stage)
            _build(site, stage, Path(made), fresh, "html" if kind == "html" else "latex")
        maps = fresh.rglob("*.map")
        for left in (fresh / ".buildinfo", fresh / "objects.inv", fresh / "_sources", *maps):
            shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)
        return make_pdf(fresh) if kind == "pdf" else []


def _stage(site: Site, stage: Path) -> None:
    stage.mkdir()
    for name, page in site.pages.items():
        path = stage / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        notebook = page.notebook
        if not any(cell.cell_type == "markdown" for cell in notebook.cells[:1]):
            heading = nbformat.v4.new_markdown_cell(f"# {page.title}")  # type: ignore[no-untyped-call]
            notebook.cells.insert(0, heading)
        nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
        if page.source:
            words = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
            copy_pictures(words, page.source.parent, path.parent)
    for name, source in site.texts.items():
        path = stage / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = source.path.read_text("utf-8", "replace")
        text = "\n".join(
            site.table if line.rstrip() == TABLE_MARK else line for line in text.splitlines()
        )
        path.write_text(text, "utf-8")
        copy_pictures(text, source.path.parent, path.parent)
    index = stage / "index.md"
    if not index.exists():
        index.write_text(f"# {site.title}\n\n{site.table if site.pages else ''}\n", "utf-8")
    _contents(site, stage)


def _contents(site: Site, stage: Path) -> None:
    """Lists the pages at the side: those of a folder with an index below that."""
    indices: dict[str, list[str]] = {name: [] for name in site.texts if name.endswith("/index")}
    lists: dict[str, list[str]] = {"index": [], **indices}
    for name in (*site.pages, *site.texts):
        of_folder = f"{name.split('/')[0]}/index"
        parent = of_folder if of_folder in indices and name != of_folder else "index"
        if name != "index":
            lists[parent].append(f"/{name}")
    for parent, names in lists.items():
        path = stage / f"{parent}.md"
        listed = "\n".join(_as_linked(names, path.read_text("utf-8"), parent))
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n\n```{{toctree}}\n:hidden:\n\n{listed}\n```\n")


def _as_linked(names: list[str], text: str, index: str) -> list[str]:
    """Orders pages as their index names them; those that it does not name come last."""
    folder = f"/{index}".removesuffix("index")

    def place(name: str) -> int:
        at = text.find(f"]({name.removeprefix(folder)}.")
        return at if at >= 0 else len(text)

    return sorted(names, key=place)


def _build(site: Site, stage: Path, made: Path, target: Path, builder: str) -> None:
    try:
        import furo  # type: ignore[import-untyped]  # noqa: F401
        import myst_nb  # noqa: F401
        from sphinx.application import Sphinx
        from sphinx.errors import SphinxError
        from sphinx.util.docutils import docutils_namespace
    except ImportError as error:
        raise JoulebookError(
            "publish/missing-package",
            f"a site needs the Python package {error.name}; run: pip install 'joulebook[publish]'. "
            "Single pages (--single) do without.",
        ) from error
    static = _static(site, made / "static") if builder == "html" else []
    said = StringIO()
    try:
        with docutils_namespace():
            app = Sphinx(
                srcdir=stage,
                confdir=None,
                outdir=target,
                doctreedir=made / "doctrees",
                buildername=builder,
                confoverrides=_settings(site, static),
                status=None,
                warning=said,
            )
            app.build(force_all=True)
    except (SphinxError, OSError, ValueError) as error:
        raise JoulebookError(
            "publish/failed", f"Sphinx could not build the site: {error}"
        ) from error
    site.warnings += [line for line in said.getvalue().splitlines() if line.strip()]
    if app.statuscode:
        reason = site.warnings[-1] if site.warnings else "it did not say why"
        raise JoulebookError("publish/failed", f"Sphinx could not build the site: {reason}")


def _static(site: Site, folder: Path) -> list[str]:
    """Our style sheets and scripts; plotly and MathJax only if a page needs them."""
    shutil.copytree(assets.STATIC, folder)
    cells = [cell for page in site.pages.values() for cell in page.notebook.cells]
    drawn = figures_in(cells)
    if drawn:
        shutil.copy(assets.plotly_for(drawn), folder / assets.PLOTLY)
    sources = [cell.source for cell in cells]
    sources += [text.path.read_text("utf-8", "replace") for text in site.texts.values()]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    latex = any("text/latex" in output.get("data", {}) for output in outputs)
    if latex or any(MATH.search(source) for source in sources):
        shutil.copy(assets.asset(assets.MATHJAX), folder)
    return [str(folder)]


def _settings(site: Site, static: list[str]) -> dict[str, Any]:
    return {
        "project": site.title,
        "author": "",
        "copyright": "",
        "language": "en",
        "extensions": ["myst_nb", "joulebook.publish.sphinx_extension"],
        "joulebook_pages": {name: _facts(page) for name, page in site.pages.items()},
        "nb_execution_mode": "off",
        "nb_merge_streams": True,
        "nb_output_stderr": "show",
        "nb_render_text_lexer": "text",
        "nb_render_error_lexer": "text",
        "nb_number_source_lines": False,
        "myst_enable_extensions": ["amsmath", "dollarmath"],
        "myst_heading_anchors": 3,
        "suppress_warnings": ["myst.header", "mystnb.lexer", "misc.highlighting_failure"],
        "html_theme": "furo",
        "html_title": site.title,
        "html_static_path": static,
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_show_sphinx": False,
        "html_show_copyright": False,
        "html_use_index": False,
        "html_domain_indices": False,
        "mathjax_path": assets.MATHJAX,
        "mathjax3_config": assets.MATHJAX_CONFIG,
        **latex_settings(site.title),
    }


def _facts(page: Page) -> dict[str, Any]:
    first = {c.metadata["joulebook_index"]: c.source for c in page.notebook.cells if c.metadata}
    rows = [
        (str(at + 1), (first.get(at, "").strip().split("\n") or [""])[0][:60], in_words(energy))
        for at, energy in page.energies.items()
    ]
    return {
        "energies": {str(at): energy.as_json() for at, energy in page.energies.items()},
        "summary": page.summary,
        "kind": page.total.kind,
        "notes": page.notes,
        "methods": page.methods,
        "rows": rows,
        "record": record_html(page.record),
    }


def _cell(text: str) -> str:
    return re.sub(r"([\\|\[\]<>`*_{}])", r"\\\1", text)
