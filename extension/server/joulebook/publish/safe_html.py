"""HTML of notebooks, made harmless: what has no place on a page is shown as text or left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from bleach.html5lib_shim import Filter

_TABLE = ("table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td")
_TEXT = (
    *("a", "abbr", "b", "blockquote", "br", "cite", "code", "dd", "del", "details", "dfn", "div"),
    *("dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i"),
    *("img", "input", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small"),
    *("span", "strong", "sub", "summary", "sup", "u", "ul", "var", "section"),
)
_STYLES = (
    *("background-color", "border", "border-collapse", "border-color", "border-style"),
    *("border-width", "color", "display", "font-family", "font-size", "font-style", "font-weight"),
    *("height", "margin", "max-height", "max-width", "min-width", "overflow", "padding"),
    *("text-align", "text-decoration", "vertical-align", "white-space", "width"),
)
_INLINE = re.compile(
    r"</?(?:abbr|b|br|code|del|em|i|ins|kbd|mark|q|s|samp|small|strong|sub|sup|u|var)\s*/?>", re.I
)
_WHOLE = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.I | re.S)
"""Their content is no text for people, so they go with it."""


def _allowed(tag: str, name: str, value: str) -> bool:
    if name in ("class", "style", "title", "lang", "dir", "role") or name.startswith("aria-"):
        return not (name == "class" and "joulebook" in value)
    if tag == "a":
        return name == "href" and not value.lower().startswith("data:")
    if tag == "img":
        return name in ("alt", "width", "height", "src")
    if tag == "input":
        return (name, value.lower()) == ("type", "checkbox") or name in ("checked", "disabled")
    if tag in ("td", "th", "col", "colgroup"):
        return name in ("colspan", "rowspan", "scope", "span", "align", "valign")
    return (tag, name) in (("ol", "start"), ("details", "open"))


class _OwnPictures(Filter):  # type: ignore[misc]  # bleach has no types
    """Keeps pictures that the page holds itself; of any other its name stays."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for token in super().__iter__():
            if token.get("name") == "img" and token["type"] in ("EmptyTag", "StartTag"):
                yield _picture(token)
            else:
                yield token


def _picture(token: dict[str, Any]) -> dict[str, Any]:
    source = str(token["data"].get((None, "src"), ""))
    described = token["data"].get((None, "alt"))
    if source.lower().startswith("data:image/"):
        token["data"][(None, "alt")] = described or "Picture"
        return token
    name = described or source.rsplit("/", 1)[-1]
    return {"type": "Characters", "data": f"[picture not included: {name}]"}


_CLEANER = bleach.Cleaner(
    tags={*_TABLE, *_TEXT},
    attributes=_allowed,
    protocols={"http", "https", "mailto", "data"},
    css_sanitizer=CSSSanitizer(allowed_css_properties=_STYLES),
    filters=[_OwnPictures],
    strip=False,
)


def safe_block(html: str) -> str:
    """Cleans a piece of HTML.

    Scripts and style sheets go with their content, every other tag that is not allowed is shown as
    text; no attribute stays that runs code, loads from elsewhere, or poses as an energy.
    """
    return _scoped(_CLEANER.clean(_WHOLE.sub("", html)))


def safe_inline(html: str) -> str | None:
    """Passes a single tag of plain markup on, and None for anything else: show it as text."""
    return html if _INLINE.fullmatch(html.strip()) else None


def _scoped(html: str) -> str:
    """Gives header cells of tables, such as those of pandas, what screen readers need."""
    html = re.sub(r"<th[^>]*>\s*</th>", "<td></td>", html)
    return re.sub(r"<th(?![^>]*\bscope=)(?=[\s>])", '<th scope="col"', html)
