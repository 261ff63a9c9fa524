"""The parts of a page that tell of energy, as docutils nodes: for HTML and for LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from docutils import nodes
from sphinx import addnodes

from .energy import Energy
from .page_html import EXPLANATION, badge_html, in_words
from .tex_text import tex_text


def ours(text: str, classes: Sequence[str] | None = None) -> nodes.raw:
    """HTML that needs no cleaning, because it is ours or has been cleaned."""
    node = nodes.raw("", text, format="html")
    node["joulebook"] = True
    node["classes"] = list(classes or [])
    return node


def both(as_html: str, as_tex: str) -> list[nodes.Node]:
    """Something that pages and LaTeX have each in its own way."""
    tex = nodes.raw("", f"\n\n{as_tex}\n\n", format="latex")
    tex["joulebook"] = True
    return [ours(as_html), tex]


def tex_line(text: str) -> str:
    """A line of text in LaTeX."""
    return f"\\noindent {tex_text(text)}"


def badge(energy: Energy) -> list[nodes.Node]:
    """What a cell cost."""
    return both(badge_html(energy), tex_line(f"Energy of this cell: {in_words(energy)}"))


def summary(text: str, kind: str) -> nodes.Node:
    """What the page cost."""
    return nodes.paragraph("", text, classes=["joulebook-total", f"joulebook-{kind}"])


def note_list(notes: Sequence[str]) -> list[nodes.Node]:
    """What a reader should know before trusting the page."""
    if not notes:
        return []
    items = nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph("", n)) for n in notes))
    return [nodes.admonition("", nodes.title("", "Notes on this page"), items, classes=["note"])]


def energy_table(rows: Iterable[Sequence[str]]) -> nodes.Node:
    """The energy of each cell in a table, where no badge stands in the page itself."""
    only = addnodes.only(expr="latex")
    only += nodes.paragraph("", "Energy by cell:")
    made = table(
        {"Cell": 8, "Begins with": 52, "Energy": 40},
        ((at, nodes.literal("", begins), energy) for at, begins, energy in rows),
    )
    made["classes"] += ["colwidths-given", "longtable"]
    only += made
    return only


def methods_section(methods: Mapping[str, str], document: nodes.document) -> nodes.section:
    """How the energies were measured."""
    section = nodes.section(ids=["how-the-energy-was-measured"], names=["how"])
    section += nodes.title("", "How the energy was measured")
    section += nodes.paragraph("", EXPLANATION)
    section += table({"Fact": 50, "Value": 50}, methods.items())
    section["classes"].append("joulebook-methods")
    document.note_implicit_target(section, section)
    return section


def table(head: Mapping[str, int], rows: Iterable[Sequence[str | nodes.literal]]) -> nodes.table:
    """A table of text.

    Args:
        head: Of each column its name, and its width beside the others.
        rows: The texts of the cells.
    """
    made = nodes.table(classes=["joulebook-table"])
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=width) for width in head.values()]
    group += nodes.thead("", _row(list(head)))
    group += nodes.tbody("", *(_row(row) for row in rows))
    made += group
    return made


def _row(cells: Sequence[str | nodes.literal]) -> nodes.row:
    inner = (nodes.Text(cell) if isinstance(cell, str) else cell for cell in cells)
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", each)) for each in inner))


def picture_nodes(as_html: str, picture: str, description: str) -> list[nodes.Node]:
    """A figure that LaTeX has as a picture."""
    only = addnodes.only(expr="latex")
    only += nodes.image(uri=picture, alt=description)
    return [ours(as_html), only]
