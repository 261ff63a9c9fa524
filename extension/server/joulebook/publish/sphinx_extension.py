"""The Sphinx extension: badges, totals and methods in the pages, and nothing harmful in them."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

from . import assets, figures
from .energy import Energy, energy_of
from .page_nodes import (
    badge,
    energy_table,
    methods_section,
    note_list,
    ours,
    summary,
)
from .safe_html import safe_block, safe_inline
from .sources import PICTURES

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_REMOTE = re.compile(r"^[a-z][a-z0-9+.-]*:|^//", re.I)


class Harmless(SphinxTransform):
    """Cleans what Markdown brought in: HTML, files of the machine, pictures of other servers."""

    default_priority = 870

    def apply(self, **kwargs: Any) -> None:
        """Changes the document in place."""
        for raw in list(self.document.findall(nodes.raw)):
            if not raw.get("joulebook"):
                self._raw(raw)
        for link in list(self.document.findall(addnodes.download_reference)):
            link.replace_self(nodes.inline("", "", *link.children))
        for image in list(self.document.findall(nodes.image)):
            self._image(image)

    def _raw(self, raw: nodes.raw) -> None:
        text = raw.astext()
        if "html" not in raw.get("format", "").split():
            if raw.get("format") != "latex" or text.strip() not in (r"\\", r"\newline"):
                raw.parent.remove(raw)
            return
        if isinstance(raw.parent, nodes.TextElement):
            kept = safe_inline(text)
            raw.replace_self(ours(kept) if kept else nodes.Text(text))
        else:
            raw.replace_self(ours(safe_block(text), raw.get("classes")))

    def _image(self, image: nodes.image) -> None:
        uri = image.get("uri", "")
        if uri.lower().startswith("data:image/"):
            return
        folder = Path(self.app.srcdir).resolve()
        if not _REMOTE.match(uri):
            base = folder if uri.startswith("/") else (folder / self.env.docname).parent
            path = (base / uri.lstrip("/")).resolve()
            # Where myst-nb puts the pictures among the outputs.
            built = Path(self.app.outdir).resolve().parent / "jupyter_execute"
            inside = folder in path.parents or built in path.parents
            if inside and path.suffix.lower() in PICTURES and path.is_file():
                return
        what = image.get("alt") or uri.rsplit("/", 1)[-1]
        image.replace_self(nodes.inline("", f"[picture not included: {what}]"))


class WithEnergy(SphinxTransform):
    """Puts energies into the page of a notebook."""

    default_priority = 880

    def apply(self, **kwargs: Any) -> None:
        """Changes the document in place."""
        page = self.app.config.joulebook_pages.get(self.env.docname)
        if page is None:
            return
        energies = {int(at): energy_of(e) or _unknown() for at, e in page["energies"].items()}
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") == "cell_code":
                self._cell(cell, energies)
        title = next(iter(self.document.findall(nodes.title)), None)
        if title is None:
            return
        section = title.parent
        at = section.index(title) + 1
        section.insert(at, [summary(page["summary"], page["kind"]), *note_list(page["notes"])])
        if energies:
            section += energy_table(page["rows"])
            section += methods_section(page["methods"], self.document)
        section += ours(page["record"])

    def _cell(self, cell: nodes.container, energies: dict[int, Energy]) -> None:
        at = cell["cell_metadata"].get("joulebook_index")
        energy = energies.get(at)
        inputs = [c for c in cell.children if "cell_input" in c.get("classes", [])]
        if energy is not None:
            cell.insert(cell.index(inputs[0]) + 1 if inputs else 0, badge(energy))
        for number, image in enumerate(cell.findall(nodes.image)):
            which = f" (picture {number + 1})" if number else ""
            source = inputs[0].astext().strip().split("\n")[0][:80] if inputs else ""
            image["alt"] = f"Output of code cell {at + 1}{which}: {source}"


def _unknown() -> Energy:
    return Energy(None, None, None, "missing")


def _configure(app: Sphinx) -> None:
    # Directives that read files of the machine answer with a warning.
    app.env.settings["file_insertion_enabled"] = False
    app.env.settings["raw_enabled"] = True


def _figures(app: Sphinx, page: str, _template: str, context: dict[str, Any], tree: Any) -> None:
    """Loads plotly on the pages that have a figure, and nowhere else."""
    if tree is not None and figures.MARK in context.get("body", ""):
        app.add_js_file(assets.PLOTLY, loading_method="defer", priority=800)
        app.add_js_file("figures.js", loading_method="defer", priority=810)


def _description(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], tree: Any
) -> None:
    """Says each page's total where search engines and previews look."""
    found = app.config.joulebook_pages.get(page)
    if found:
        said = html.escape(found["summary"], quote=True)
        context["metatags"] = (
            context.get("metatags", "") + f'<meta name="description" content="{said}">'
        )


def _landmarks(app: Sphinx, error: Exception | None) -> None:
    """Names the theme's two side bars, which assistive technology could not tell apart.

    The switch of a hidden cell has a text; myst-nb's label says another. The page of the search
    has no heading of its own.
    """
    if error is not None or app.builder.format != "html":
        return
    names = {
        '<aside class="sidebar-drawer"': '<aside aria-label="Site" class="sidebar-drawer"',
        '<aside class="toc-drawer': '<aside aria-label="This page" class="toc-drawer',
        '<summary aria-label="Toggle hidden content">': "<summary>",
        '<div id="search-results">': '<h1>Search</h1><div id="search-results">',
    }
    for path in Path(app.outdir).rglob("*.html"):
        text = path.read_text("utf-8")
        for found, named in names.items():
            text = text.replace(found, named)
        path.write_text(text, "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Adds the extension to Sphinx.

    The configuration value `joulebook_pages` says of each document what `site` knows: energies,
    rows of the table, methods, notes and the record.
    """
    app.add_config_value("joulebook_pages", {}, "env", types=[dict])
    app.add_transform(Harmless)
    app.add_transform(WithEnergy)
    app.connect("builder-inited", _configure)
    app.connect("html-page-context", _figures)
    app.connect("html-page-context", _description)
    app.connect("build-finished", _landmarks)
    app.add_css_file("joulebook.css")
    app.add_js_file("page.js", loading_method="defer")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
