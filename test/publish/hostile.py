"""A notebook that attacks its readers, and the machine that publishes it."""

from __future__ import annotations

from pathlib import Path

import nbformat

from .notebooks import code, printed, shown, write

markdown = nbformat.v4.new_markdown_cell
ATTACKS = (
    "<script>window.pwned = 1</script>",
    '<img src="x" onerror="window.pwned = 1">',
    '<iframe src="javascript:window.pwned = 1"></iframe>',
    '<a href="javascript:window.pwned=1">click</a>',
    '<style>body { display: none }</style><svg onload="window.pwned=1"></svg>',
    '<p class="joulebook-badge joulebook-measured">0 J, measured</p>',
    "</script><script>window.pwned = 1</script>",
)


def hostile(path: Path) -> Path:
    """A notebook that tries to run code, to read files, and to lie about its energy."""
    forged = code("1")
    forged.metadata["joulebook"] = {
        "total": {"joules": ATTACKS[0], "low": 0, "high": 1, "kind": ATTACKS[0]},
        "policy": ATTACKS[1],
    }
    title = "# Hostile <script>window.pwned = 1</script>"
    secrets = (
        "```{include} /etc/passwd\n```\n\n```{literalinclude} /etc/passwd\n```\n\n"
        "```{raw} html\n<script>window.pwned = 1</script>\n```\n\n"
        "{download}`secret <../../secret.txt>`\n\n![secret](../secret.png)\n\n"
        "![remote](http://127.0.0.1:9/remote.png)\n\n$\\href{javascript:window.pwned=1}{x}$"
    )
    cells = [markdown(title), *map(markdown, ATTACKS), markdown(secrets), forged]
    cells += [code(attack, shown(text__html=attack), printed(attack)) for attack in ATTACKS]
    cells.append(code("js", shown(application__javascript="window.pwned = 1")))
    figure = {
        "data": [{"type": "bar", "y": [1], "name": ATTACKS[6]}],
        "layout": {"title": {"text": ATTACKS[6]}},
    }
    cells.append(
        code(
            "plot",
            nbformat.v4.new_output("display_data", data={"application/vnd.plotly.v1+json": figure}),
        )
    )
    metadata = {
        "mystnb": {"execution_mode": "force"},
        "title": ATTACKS[0],
        "joulebook": {"methods": {"version": ATTACKS[0], "machine": {"processor": ATTACKS[1]}}},
        "language_info": {"name": ATTACKS[0], "pygments_lexer": "../../etc/passwd"},
    }
    return write(path, *cells, **metadata)
