"""Shows plotly figures in myst-nb, which finds this by its entry point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from myst_nb.core.render import MimeRenderPlugin

from . import figures
from .drawing import fallback_html
from .page_nodes import figure_nodes

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
        return figure_nodes(
            figures.figure_html(figure, fallback_html(figure, held)), figures.describe(figure)
        )
