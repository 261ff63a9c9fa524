"""The guarded routes: who may pass, what passes, and in which form."""

from __future__ import annotations

import asyncio
import json
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tornado.httpclient import HTTPResponse

from joulebook.daemon import Daemon
from joulebook.handlers import ALLOWED, LARGEST_BODY_BYTES

from .conftest import Fetch

ROUTES = [
    (method, pattern.replace(r"\w[\w.:-]*", "7"))
    for pattern, methods in ALLOWED
    for method in sorted(methods)
]
LABELS = {"labels": [{"msg_id": "m", "notebook": "a folder/ü.ipynb", "cell_id": "c"}]}


async def fetch(jp_fetch: Fetch, path: str, method: str = "GET", **kwargs: Any) -> HTTPResponse:
    """Fetches one of our routes; a refusal is returned, not raised."""
    if method != "GET":
        kwargs.setdefault("body", "{}")
    return await jp_fetch(
        "joulebook", "api", *path.split("/"), method=method, raise_error=False, **kwargs
    )


def said(response: HTTPResponse) -> Any:
    return json.loads(response.body)


async def cookies_of(jp_fetch: Fetch, token: str) -> dict[str, str]:
    """Signs in as a browser does: the form gives one cookie, the answer to the token another."""
    no_header = {"Authorization": ""}
    form = await jp_fetch("login", headers=dict(no_header))
    page = await jp_fetch("api", "me", params={"token": token}, headers=dict(no_header))
    jar = SimpleCookie()
    for response in (form, page):
        for line in response.headers.get_list("Set-Cookie"):
            jar.load(line)
    return {name: morsel.value for name, morsel in jar.items()}


class TestAccess:
    async def test_every_route_is_forbidden_without_a_token(
        self, daemon: Daemon, jp_fetch: Fetch
    ) -> None:
        for method, path in [*ROUTES, ("GET", "lease"), ("GET", "no/such")]:
            response = await fetch(jp_fetch, path, method, headers={"Authorization": "token no"})
            assert (method, path, response.code) == (method, path, 403)
            assert said(response)["error"]["code"] == "auth/forbidden"

    async def test_every_route_is_forbidden_to_a_user_without_permission(
        self, daemon: Daemon, jp_fetch: Fetch, jp_web_app: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Nobody:
            def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
                asked.append((action, resource))
                return False

        asked: list[tuple[str, str]] = []
        monkeypatch.setitem(jp_web_app.settings, "authorizer", Nobody())
        for method, path in ROUTES:
            response = await fetch(jp_fetch, path, method)
            assert (method, path, response.code) == (method, path, 403)
            assert asked.pop() == ("read" if method == "GET" else "write", "joulebook")

    async def test_a_page_of_another_site_cannot_write_with_the_users_cookies(
        self, daemon: Daemon, jp_fetch: Fetch, jp_serverapp: Any
    ) -> None:
        cookies = await cookies_of(jp_fetch, jp_serverapp.identity_provider.token)
        headers = {
            "Authorization": "",
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        }
        refused = await fetch(jp_fetch, "settings", "PUT", headers=dict(headers))
        assert refused.code == 403
        assert "_xsrf" in said(refused)["error"]["message"]
        headers["X-XSRFToken"] = cookies["_xsrf"]
        assert (await fetch(jp_fetch, "settings", "PUT", headers=headers)).code == 200

    async def test_requests_do_not_count_as_activity_of_the_user(
        self, daemon: Daemon, jp_fetch: Fetch, jp_web_app: Any
    ) -> None:
        assert (await fetch(jp_fetch, "status")).code == 200
        assert "api_last_activity" not in jp_web_app.settings


class TestWhatPasses:
    @pytest.mark.parametrize("path", ["lease", "executions/..", "executions/1/2", "x"])
    async def test_a_path_that_is_not_listed_does_not_pass(
        self, daemon: Daemon, jp_fetch: Fetch, path: str
    ) -> None:
        response = await fetch(jp_fetch, path)
        assert response.code == 404
        assert said(response)["error"]["code"] == "request/not-found"

    async def test_prometheus_reaches_the_figures(self, daemon: Daemon, jp_fetch: Fetch) -> None:
        assert said(await fetch(jp_fetch, "metrics"))["url"] == "/metrics"

    async def test_a_method_that_a_path_does_not_take_is_refused_with_those_it_does(
        self, daemon: Daemon, jp_fetch: Fetch
    ) -> None:
        response = await fetch(jp_fetch, "settings", "POST")
        assert (response.code, response.headers["Allow"]) == (405, "GET, PUT")
        assert (await fetch(jp_fetch, "status", "DELETE", body=None)).code == 405

    async def test_neither_cookie_nor_token_reaches_the_daemon(
        self, daemon: Daemon, jp_fetch: Fetch, jp_serverapp: Any
    ) -> None:
        token = jp_serverapp.identity_provider.token
        response = await fetch(
            jp_fetch,
            "status",
            headers={"Cookie": "username=me", "X-Other": "1", "Last-Event-ID": "41"},
            params={"token": token, "limit": 5, "_xsrf": "x"},
        )
        reached = said(response)
        assert reached["url"] == "/v1/status?limit=5"
        assert reached["headers"] == {
            "content-length": "0",
            "host": "localhost",
            "last-event-id": "41",
        }
        assert token not in response.body.decode()

    async def test_a_body_within_the_limit_passes_and_a_larger_one_does_not(
        self, daemon: Daemon, jp_fetch: Fetch
    ) -> None:
        fits = json.dumps("x" * (LARGEST_BODY_BYTES - 2))
        passed = await fetch(jp_fetch, "measures", "POST", body=fits)
        assert said(passed)["body"] == fits
        response = await fetch(jp_fetch, "measures", "POST", body=fits + " ")
        assert response.code == 413
        assert said(response)["error"]["code"] == "request/too-large"

    async def test_an_answer_that_breaks_off_is_an_error_and_not_half_an_answer(
        self, daemon: Daemon, jp_fetch: Fetch
    ) -> None:
        response = await fetch(jp_fetch, "power")
        assert response.code == 502
        assert said(response)["error"]["code"] == "daemon/bad-answer"


class TestNotebookPaths:
    async def test_labels_name_the_notebook_by_its_absolute_path(
        self, daemon: Daemon, jp_fetch: Fetch, jp_root_dir: Path
    ) -> None:
        response = await fetch(jp_fetch, "labels", "POST", body=json.dumps(LABELS))
        (label,) = json.loads(said(response)["body"])["labels"]
        assert label == {
            "msg_id": "m",
            "notebook": str(jp_root_dir / "a folder/ü.ipynb"),
            "cell_id": "c",
        }

    @pytest.mark.parametrize("body", ["", "[]", "{", '{"labels": [1]}', '{"labels": [{}]}'])
    async def test_labels_in_another_form_are_refused_with_the_form_expected(
        self, daemon: Daemon, jp_fetch: Fetch, body: str
    ) -> None:
        response = await fetch(jp_fetch, "labels", "POST", body=body)
        assert response.code == 400
        assert "msg_id" in said(response)["error"]["message"]

    async def test_a_query_names_the_notebook_by_its_absolute_path(
        self, daemon: Daemon, jp_fetch: Fetch, jp_root_dir: Path
    ) -> None:
        response = await fetch(jp_fetch, "status", params={"notebook": "a.ipynb"})
        assert said(response)["url"].endswith(f"{jp_root_dir.name}%2Fa.ipynb")

    async def test_a_path_that_climbs_out_of_the_root_is_refused(
        self, daemon: Daemon, jp_fetch: Fetch
    ) -> None:
        response = await fetch(jp_fetch, "executions", params={"notebook": "../a.ipynb"})
        assert response.code == 400
        assert said(response)["error"]["code"] == "path/outside-root"

    async def test_executions_come_back_with_the_relative_path_added(
        self, daemon: Daemon, jp_fetch: Fetch, jp_root_dir: Path
    ) -> None:
        (execution,) = said(await fetch(jp_fetch, "executions"))["executions"]
        assert execution == {
            "id": 1,
            "notebook": str(jp_root_dir / "a folder/ü.ipynb"),
            "notebook_path": "a folder/ü.ipynb",
            "total": {"joules": 1.5},
        }


class TestEvents:
    @pytest.mark.parametrize("encoding", ["identity", "gzip"])
    async def test_an_event_comes_at_once_with_its_notebook_path(
        self, daemon: Daemon, jp_fetch: Fetch, encoding: str
    ) -> None:
        received = bytearray()
        complete = asyncio.Event()

        def take(chunk: bytes) -> None:
            received.extend(chunk)
            if b"}\n\n" in received:
                complete.set()

        stream = asyncio.ensure_future(
            fetch(
                jp_fetch,
                "events",
                headers={"Last-Event-ID": "7", "Accept-Encoding": encoding},
                streaming_callback=take,
                decompress_response=True,
            )
        )
        await asyncio.wait_for(complete.wait(), 20)
        retry, event = received.decode().strip().split("\n\n")
        assert retry == "retry: 2000"
        assert event.startswith("id: 8\nevent: finished\ndata: {")
        data = json.loads(event.partition("data: ")[2])
        assert (data["after"], data["notebook_path"]) == ("7", "a folder/ü.ipynb")
        stream.cancel()


class TestRealDaemon:
    async def test_it_answers_every_route_that_reads(
        self, real_daemon: Daemon, jp_fetch: Fetch
    ) -> None:
        for path in ("status", "power", "executions", "settings"):
            assert (path, (await fetch(jp_fetch, path)).code) == (path, 200)
        unknown = await fetch(jp_fetch, "executions/7")
        assert (unknown.code, said(unknown)["error"]["code"]) == (404, "api/not-found")

    async def test_labels_and_settings_reach_it(self, real_daemon: Daemon, jp_fetch: Fetch) -> None:
        labelled = await fetch(jp_fetch, "labels", "POST", body=json.dumps(LABELS))
        assert (labelled.code, labelled.body) == (204, b"")
        wanted = {"policy": "exclusive", "retention_days": 30}
        assert (await fetch(jp_fetch, "settings", "PUT", body=json.dumps(wanted))).code == 200
        assert wanted.items() <= said(await fetch(jp_fetch, "settings")).items()


class TestWithoutDaemon:
    async def test_the_refusal_says_why_and_what_to_do(
        self, no_daemon: None, jp_fetch: Fetch
    ) -> None:
        response = await fetch(jp_fetch, "status")
        assert (response.code, response.headers["Retry-After"]) == (503, "2")
        error = said(response)["error"]
        assert error["code"] == "daemon/not-started"
        assert "no sensors today" in error["message"]


class TestTutorials:
    @pytest.mark.parametrize("language", ["python", "typescript"])
    async def test_the_template_is_a_notebook_with_parameters(
        self, daemon: Daemon, jp_fetch: Fetch, language: str
    ) -> None:
        response = await fetch(jp_fetch, f"tutorials/{language}")
        notebook = nbformat.from_dict(said(response))
        nbformat.validate(notebook)
        assert notebook.metadata.kernelspec.language == language
        assert any(cell.metadata.get("tags") == ["parameters"] for cell in notebook.cells)

    async def test_is_refused_without_a_token_and_in_other_languages(
        self, daemon: Daemon, jp_fetch: Fetch
    ) -> None:
        refused = {"Authorization": "token no"}
        response = await fetch(jp_fetch, "tutorials/python", headers=refused)
        assert response.code == 403
        assert (await fetch(jp_fetch, "tutorials/perl")).code == 404
