"""Both languages must agree on where the socket is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from joulebook.paths import find_places, make_private


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JOULEBOOK_SOCKET", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_the_socket_is_in_jupyters_runtime_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", "/run/j")
    places = find_places()
    assert (places.socket, places.log) == (
        Path("/run/j/joulebook/meter.sock"),
        Path("/run/j/joulebook/meter.log"),
    )


def test_a_name_too_long_for_a_socket_is_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = "/run/" + "j" * 90
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", runtime)
    # The digest was computed apart: printf %s "/run/jjj…" | sha256sum | cut -c 1-12
    assert find_places().socket == Path(f"/tmp/joulebook-{os.getuid()}-37faa648a993/meter.sock")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    assert find_places().socket.parent.parent == Path("/run/user/7")


def test_the_longest_name_that_stays_has_100_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    stays = "/" + "j" * (100 - len("//joulebook/meter.sock"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", stays)
    assert len(str(find_places().socket)) == 100
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", stays + "j")
    assert str(find_places().socket).startswith("/tmp/joulebook-")


def test_a_chosen_socket_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOULEBOOK_SOCKET", "/run/mine.sock")
    assert find_places().socket == Path("/run/mine.sock")


def test_a_folder_that_others_can_enter_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    make_private(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
