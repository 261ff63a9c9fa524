"""HTML of notebooks, made harmless: what has no place on a page is shown as text or left out."""

from __future__ import annotations

import re

import bleach
from bleach.css_sanitizer import CSSSanitizer

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


_IMG = re.compile(r"<img\b[^>]*>", re.I)
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_CLEANER = bleach.Cleaner(
    tags={*_TABLE, *_TEXT},
    attributes=_allowed,
    protocols={"http", "https", "mailto", "data"},
    css_sanitizer=CSSSanitizer(allowed_css_properties=_STYLES),
    strip=False,
)


def safe_block(html: str) -> str:
    """Cleans a piece of HTML.

    Scripts and style sheets go with their content, every other tag that is not allowed is shown as
    text; no attribute stays that runs code, loads from elsewhere, or poses as an energy.
    """
    return _IMG.sub(_picture, _scoped(_CLEANER.clean(_WHOLE.sub("", html))))


def safe_inline(html: str) -> str | None:
    """Passes a single tag of plain markup on, and None for anything else: show it as text."""
    return html if _INLINE.fullmatch(html.strip()) else None


def _picture(match: re.Match[str]) -> str:
    """Keeps a picture that the page holds itself; of any other its name stays."""
    attributes = dict(_ATTRIBUTE.findall(match.group()))
    source = attributes.get("src", "")
    if source.lower().startswith("data:image/"):
        described = (
            match.group() if attributes.get("alt") else f'{match.group()[:-1]} alt="Picture">'
        )
        return described
    return f"[picture not included: {attributes.get('alt') or source.rsplit('/', 1)[-1]}]"


def _scoped(html: str) -> str:
    """Gives header cells of tables, such as those of pandas, what screen readers need."""
    html = re.sub(r"<th[^>]*>\s*</th>", "<td></td>", html)
    return re.sub(r"<th(?![^>]*\bscope=)(?=[\s>])", '<th scope="col"', html)
