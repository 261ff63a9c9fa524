"""The parts of a page that tell of energy, as docutils nodes: for HTML and for LaTeX."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence

from docutils import nodes
from sphinx import addnodes

from .energy import Energy
from .page_html import EXPLANATION, badge_html

_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def ours(text: str, classes: Sequence[str] | None = None) -> nodes.raw:
    """HTML that needs no cleaning, because it is ours or has been cleaned."""
    node = nodes.raw("", text, format="html")
    node["joulebook"] = True
    node["classes"] = list(classes or [])
    return node


def both(as_html: str, as_text: str) -> list[nodes.Node]:
    """Something that is HTML in pages and text in LaTeX."""
    tex = nodes.raw("", f"\n\n\\noindent {tex_text(as_text)}\n\n", format="latex")
    tex["joulebook"] = True
    return [ours(as_html), tex]


def tex_text(text: str) -> str:
    """Text in LaTeX, where ten characters mean something else."""
    escaped = "".join(f"\\{c}" if c in "&%$#_{}" else _TEX.get(c, c) for c in text)
    return escaped.replace("±", r"$\pm$")


def badge(energy: Energy) -> list[nodes.Node]:
    """What a cell cost."""
    return both(badge_html(energy), f"Energy: {energy.text}")


def summary(text: str, kind: str) -> nodes.Node:
    """What the page cost."""
    return nodes.paragraph("", text, classes=["joulebook-total", f"joulebook-{kind}"])


def note_list(notes: Sequence[str]) -> list[nodes.Node]:
    """What a reader should know before trusting the page."""
    if not notes:
        return []
    items = nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph("", n)) for n in notes))
    return [nodes.admonition("", nodes.title("", "Notes on this page"), items, classes=["note"])]


def energy_table(rows: Iterable[tuple[str, str, str]]) -> nodes.Node:
    """The energy of each cell in a table, where no badge stands in the page itself."""
    only = addnodes.only(expr="latex")
    only += nodes.paragraph("", "Energy by cell:")
    only += table(("Cell", "Begins with", "Energy"), rows)
    return only


def methods_section(methods: Mapping[str, str], document: nodes.document) -> nodes.section:
    """How the energies were measured."""
    section = nodes.section(ids=["how-the-energy-was-measured"], names=["how"])
    section += nodes.title("", "How the energy was measured")
    section += nodes.paragraph("", EXPLANATION)
    section += table(("Fact", "Value"), methods.items())
    section["classes"].append("joulebook-methods")
    document.note_implicit_target(section, section)
    return section


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> nodes.table:
    """A table of text with a head."""
    made = nodes.table(classes=["joulebook-table"])
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=100 // len(head)) for _ in head]
    group += nodes.thead("", _row(head))
    group += nodes.tbody("", *(_row(row) for row in rows))
    made += group
    return made


def _row(cells: Sequence[str]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", cell)) for cell in cells))


def figure_nodes(as_html: str, description: str) -> list[nodes.Node]:
    """A figure, which LaTeX has in words."""
    return both(as_html, f"[Figure: {html.unescape(description)}]")
