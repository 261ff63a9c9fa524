"""What a notebook's HTML may still do on a published page."""

from __future__ import annotations

import pytest

from joulebook.publish.safe_html import safe_block


def test_a_picture_of_the_page_itself_stays_and_is_described() -> None:
    kept = safe_block('<img src="data:image/png;base64,AAAA">')
    assert 'src="data:image/png;base64,AAAA"' in kept
    assert 'alt="Picture"' in kept
    assert 'alt="A cat"' in safe_block('<img src="data:image/png,A" alt="A cat">')


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://example.org/track.png">',
        """<img src="https://example.org/track.png" title='src="data:image/png,"'>""",
        """<img title='>' src="https://example.org/track.png">""",
        '<img alt="" src="//example.org/track.png">',
    ],
)
def test_of_a_picture_from_elsewhere_only_its_name_stays(html: str) -> None:
    shown = safe_block(html)
    assert "<img" not in shown
    assert "example.org" not in shown
    assert "[picture not included: track.png]" in shown
