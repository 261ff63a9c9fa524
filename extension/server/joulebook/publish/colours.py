"""Colours of code on single pages, each with a contrast of 4.5 or more (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from pygments.style import Style
from pygments.token import (
    Comment,
    Error,
    Keyword,
    Name,
    Number,
    Operator,
    String,
    Token,
)


class LightCode(Style):
    """On a light ground."""

    background_color = "#f4f5f7"
    styles = {
        Token: "#1c2127",
        Comment: "italic #575f6a",
        Keyword: "#7a1fa2",
        Name.Function: "#1a4fa0",
        Name.Class: "#1a4fa0",
        Number: "#8a4300",
        Operator: "#1c2127",
        String: "#0b5d2e",
        Error: "#1c2127",
    }


class DarkCode(Style):
    """On a dark ground."""

    background_color = "#20252b"
    styles = {
        Token: "#e4e7eb",
        Comment: "italic #aab2bd",
        Keyword: "#d7a6ff",
        Name.Function: "#8ab4f8",
        Name.Class: "#8ab4f8",
        Number: "#ffc56b",
        Operator: "#e4e7eb",
        String: "#7fe0a3",
        Error: "#e4e7eb",
    }
