"""Paths between Jupyter, which names notebooks from the server's root, and the daemon."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from joulebook.errors import JoulebookError
from joulebook.notebooks import Root


def test_a_path_goes_to_the_daemon_and_back_unchanged() -> None:
    root = Root("/srv/work")
    assert root.absolute("a/b.ipynb") == "/srv/work/a/b.ipynb"
    assert root.relative("/srv/work/a/b.ipynb") == "a/b.ipynb"


def test_a_root_folder_of_slash_serves_every_path() -> None:
    assert Root("/").relative("/srv/b.ipynb") == "srv/b.ipynb"


@pytest.mark.parametrize("path", ["/srv/works/b.ipynb", "/srv/work", "/srv/work/", "/b.ipynb"])
def test_what_is_not_below_the_root_has_no_relative_path(path: str) -> None:
    assert Root("/srv/work").relative(path) is None


def test_a_notebook_reached_through_a_link_is_below_the_root_too(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert Root(str(tmp_path / "link")).relative(f"{tmp_path}/real/b.ipynb") == "b.ipynb"


@pytest.mark.parametrize("path", ["../b.ipynb", "a/../../b.ipynb", ".", ""])
def test_a_relative_path_that_is_not_below_the_root_is_refused(path: str) -> None:
    with pytest.raises(JoulebookError, match="below the server's root") as refused:
        Root("/srv/work").absolute(path)
    assert refused.value.code == "path/outside-root"


def test_kernels_get_their_notebook_path_wherever_they_are_listed() -> None:
    root = Root("/srv")
    kernel = {"notebook": "/srv/b.ipynb"}
    named = {**kernel, "notebook_path": "b.ipynb"}
    assert json.loads(root.answer_from_daemon(json.dumps({"kernels": [kernel]}).encode())) == {
        "kernels": [named]
    }
    event = b"event: kernels\ndata: " + json.dumps([kernel, {"notebook": None}]).encode()
    name, data = root.event_from_daemon(event).split(b"\n")
    assert name == b"event: kernels"
    assert json.loads(data.removeprefix(b"data: ")) == [named, {"notebook": None}]


def test_numbers_pass_as_they_came() -> None:
    body = b'{"joules":12.345678901234567,"start_ns":3446380990179,"low":1e-7}'
    assert json.loads(Root("/srv").answer_from_daemon(body)) == json.loads(body)


def test_an_answer_that_is_no_json_is_the_daemons_fault() -> None:
    with pytest.raises(JoulebookError, match="no JSON") as refused:
        Root("/srv").answer_from_daemon(b"<html>")
    assert refused.value.code == "daemon/bad-answer"
