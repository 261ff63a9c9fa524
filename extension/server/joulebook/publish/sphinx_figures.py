"""Shows plotly figures in myst-nb, which finds this by its entry point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from myst_nb.core.render import MimeRenderPlugin

from . import figures
from .drawing import fallback_html, own_picture
from .figure_tex import figure_tex
from .page_nodes import both, picture_nodes, tex_line

if TYPE_CHECKING:
    from myst_nb.core.render import MimeData, NbElementRenderer

PRIORITY = 1
"""Before every other type of an output."""


class PlotlyRenderer(MimeRenderPlugin):
    """Renders `application/vnd.plotly.v1+json`, in sites that load the Sphinx extension."""

    mime_priority_overrides = [("*", figures.MIME, PRIORITY)]

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[Any] | None:
        """Makes the nodes of a figure; None leaves the output to others."""
        env = renderer.renderer.sphinx_env
        active = env is not None and "joulebook_pages" in env.config
        figure = figures.figure_of(data.content) if data.mime_type == figures.MIME else None
        if figure is None or inline or not active:
            return None
        held = data.content if isinstance(data.content, dict) else {}
        as_html = figures.figure_html(figure, fallback_html(figure, held))
        described = figures.describe(figure)
        picture = own_picture(held)
        if picture and not picture.startswith("data:image/svg"):
            return picture_nodes(as_html, picture, described)
        return both(as_html, figure_tex(figure) or tex_line(f"[Figure: {described}]"))
