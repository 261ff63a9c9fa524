"""The nbconvert exporter of single pages: one file that needs nothing else, nor the network."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import Exporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter
from traitlets import default

from . import assets, figures
from .cleaning import data_url
from .colours import DarkCode, LightCode
from .drawing import fallback_html
from .page import Page, page_of
from .page_html import badge_html, methods_html, notes_html
from .reading import parse
from .record import record_html
from .safe_html import safe_block
from .sources import embed_pictures

MATH = re.compile(r"\$|\\begin\{|\\\[|\\\(")
_SCRIPT_END = re.compile(r"</(?=script)", re.I)


class JoulebookExporter(TemplateExporter):
    """Exports a notebook as one HTML file with the energy of its cells.

    JupyterLab shows it under File > Save and Export Notebook As; on the command line it is
    `jupyter nbconvert --to joulebook` or `joulebook publish --single`.
    """

    export_from_notebook = "HTML with energy"
    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "joulebook"

    @default("extra_template_basedirs")
    def _template_folders(self) -> list[str]:
        return [str(Path(__file__).parent / "templates")]

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Makes the page of a notebook; its file's name and folder come in `resources`."""
        metadata = (resources or {}).get("metadata", {})
        folder, name = metadata.get("path"), metadata.get("name")
        source = Path(folder, f"{name}.ipynb").resolve() if folder and name else None
        # Preprocessors come first: one of them may execute the notebook.
        ready, known = Exporter.from_notebook_node(self, nb, resources, **kw)
        document = parse(json.dumps(ready))
        page = page_of(document, source if source and source.is_file() else None)
        return self.from_page(page, known)

    def from_page(
        self, page: Page, resources: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Makes the HTML of a page."""
        language = page.notebook.metadata.get("language_info", {})
        lexer = language.get("pygments_lexer") or language.get("name")
        highlight = Highlight2HTML(pygments_lexer=lexer, parent=self)
        self.register_filter("joulebook_code", lambda code: _highlighted(highlight, code))
        self.register_filter("joulebook_badge", lambda cell: _badge(page, cell))
        self.register_filter("joulebook_markdown", lambda cell: _markdown(page, cell))
        self.register_filter("joulebook_output", output_html)
        known = {**(resources or {}), "joulebook": _context(page)}
        known.setdefault("output_extension", self.file_extension)
        return self.template.render(nb=page.notebook, resources=known).lstrip(), known


def safe_markdown(source: str) -> str:
    """Markdown as HTML without anything harmful; formulas stay for MathJax."""
    rendered = MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(source)
    return safe_block(rendered)


def output_html(output: NotebookNode, cell: NotebookNode, number: int) -> str:
    """One cleaned output as HTML."""
    if output.output_type == "stream":
        return f"<pre>{html.escape(output.text)}</pre>"
    if output.output_type == "error":
        return f'<pre class="error">{html.escape(output.traceback[0])}</pre>'
    mime, content = next(iter(output.data.items()))
    if mime == figures.MIME:
        figure = figures.figure_of(content)
        return figures.figure_html(figure, fallback_html(figure, content)) if figure else ""
    if mime.startswith("image/"):
        first = cell.source.strip().split("\n")[0][:80]
        at = cell.metadata.get("joulebook_index", 0) + 1
        which = f" (output {number})" if number > 1 else ""
        alt = html.escape(f"Output of code cell {at}{which}: {first}")
        return f'<p class="output"><img src="{data_url(mime, content)}" alt="{alt}"></p>'
    if mime == "text/html":
        return f'<div class="joulebook-scroll">{content}</div>'
    if mime == "text/markdown":
        return safe_markdown(content)
    if mime == "text/latex":
        return f"<p>{html.escape(content)}</p>"
    return f"<pre>{html.escape(content)}</pre>"


def _highlighted(highlight: Any, code: str) -> str:
    try:
        return str(highlight(code))
    except Exception:  # a lexer that stumbles must not stop the page
        return f"<pre>{html.escape(code)}</pre>"


def _markdown(page: Page, cell: NotebookNode) -> str:
    folder = page.source.parent if page.source else None
    made = safe_markdown(embed_pictures(cell.source, folder) if folder else cell.source)
    # The total stands right below the title.
    return made.replace("</h1>", f"</h1>{_head(page)}", 1) if _titled(page, cell) else made


def _titled(page: Page, cell: NotebookNode) -> bool:
    first = page.notebook.cells[0].metadata.get("joulebook_index")
    if cell.metadata.get("joulebook_index") != first:
        return False
    return bool(cell.cell_type == "markdown" and cell.source.lstrip().startswith("# "))


def _head(page: Page) -> str:
    kind = f"joulebook-total joulebook-{page.total.kind}"
    return f'<p class="{kind}">{html.escape(page.summary)}</p>{notes_html(page.notes)}'


def _badge(page: Page, cell: NotebookNode) -> str:
    energy = page.energies.get(cell.metadata.get("joulebook_index", -1))
    return badge_html(energy) if energy else ""


def _context(page: Page) -> dict[str, Any]:
    cells = page.notebook.cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    math = any(MATH.search(cell.source) for cell in cells if cell.cell_type == "markdown") or any(
        "text/latex" in output.get("data", {}) for output in outputs
    )
    drawn = figures.figures_in(cells)
    titled = bool(cells) and _titled(page, cells[0])
    return {
        "title": page.title,
        "summary": page.summary,
        "has_title": titled,
        "head": _head(page),
        "methods": methods_html(page.methods) if page.energies else "",
        "record": record_html(page.record),
        "styles": _styles(),
        "scripts": _own("figures.js") + _own("page.js") + _own("theme.js"),
        "math": math,
        "math_config": json.dumps(assets.MATHJAX_CONFIG),
        "mathjax": _inline(assets.asset(assets.MATHJAX)) if math else "",
        "plotly": _inline(assets.plotly_for(drawn)) if drawn else "",
    }


def _styles() -> str:
    light, dark = (HtmlFormatter(style=style) for style in (LightCode, DarkCode))
    night = "\n".join(dark.get_style_defs("body:not([data-theme='light']) .highlight").splitlines())
    chosen = dark.get_style_defs("body[data-theme='dark'] .highlight")
    day = light.get_style_defs(".highlight")
    code = f"{day}{chosen}@media (prefers-color-scheme: dark) {{{night}}}"
    return code + _own("joulebook.css") + _own("single.css")


def _own(name: str) -> str:
    return (assets.STATIC / name).read_text("utf-8")


def _inline(path: Path) -> str:
    # Only this could end the element that holds the script.
    return _SCRIPT_END.sub(r"<\\/", path.read_text("utf-8"))
