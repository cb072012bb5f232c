"""What only WSGI and Django have: bodies read by lines and late, forms by the frameworks' own parsers, write()."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path
from flask import Flask, request

from guard.tests.doors import Act, Ask, ask_wsgi, environ_of, raw_wsgi
from vedette_guard import Limits, Policy, WsgiGuard
from vedette_guard.decisions.limits import Body
from vedette_guard.doors.environ import BodyRefused, WatchedBody
from vedette_guard.passage import Passage

POLICY = Policy(limits=Limits(body=3000, parts=3))
FORM = ("content-type", "multipart/form-data; boundary=xyz")


def form(files: int, size: int = 10, more: str = "") -> list[bytes]:
    """Return a form with so many files."""
    head = f'--xyz\r\nContent-Disposition: form-data; name="f"; filename="a.txt"{more}\r\n\r\n'.encode()
    return [(head + b"x" * size + b"\r\n") * files + b"--xyz--\r\n"]


def flask() -> Any:
    """Return a Flask application that counts the bytes of the files it gets."""
    app = Flask("forms", static_folder=None)

    @app.post("/page")
    def view() -> str:
        return str(sum(len(file.read()) for file in request.files.getlist("f")))

    return WsgiGuard(app.wsgi_app, POLICY)


def counts(request_: Any) -> HttpResponse:
    """Answer how many bytes the files of a form have."""
    return HttpResponse(str(sum(file.size for file in request_.FILES.getlist("f"))))


urlpatterns = [path("page", counts)]


@pytest.fixture(params=["flask", "django"])
def ask(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Return a guarded application that reads forms by its framework's parser."""
    if request.param == "flask":
        yield lambda asked: ask_wsgi(flask(), asked)
        return
    guarded = ["vedette_guard.doors.django.GuardMiddleware"]
    settings = override_settings(
        ROOT_URLCONF=__name__, MIDDLEWARE=guarded, VEDETTE_GUARD=POLICY, ALLOWED_HOSTS=["*"]
    )
    with settings:
        handler = WSGIHandler()
        yield lambda asked: ask_wsgi(handler, asked)


def test_forms_are_read_by_the_frameworks_own_parsers(ask: Any) -> None:
    answer = ask(Ask(method="POST", headers=[FORM], chunks=form(2, size=1000)))
    assert (answer.status, answer.body) == (200, b"2000")


def test_forms_that_are_refused_are_answered_instead(ask: Any) -> None:
    for chunks, reason in (
        (form(4), b"more than 3 parts"),
        (form(1, more="; filename*=UTF-8''a.php"), b"two names"),
        ([b"x" * 1200 + b"\r\n" + form(1)[0]], b"before the first part"),
    ):
        answer = ask(Ask(method="POST", headers=[FORM], chunks=chunks))
        assert (answer.status, answer.starts) == (400, 1)
        assert reason in answer.body
        assert answer.one("content-type") == "text/plain; charset=utf-8"


def late_app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    """Read the body once the answer is iterated over."""
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield body


def hasty_app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    """Begin the answer, then read."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"begun"
    yield environ["wsgi.input"].read()


SMALL = Policy(limits=Limits(body=5))
LONG = Ask(method="POST", chunks=[b"x" * 9], length=False)


def test_an_application_that_reads_late_is_refused_late() -> None:
    answer = ask_wsgi(WsgiGuard(late_app, SMALL), LONG)
    assert (answer.status, answer.starts) == (413, 1)
    assert ask_wsgi(WsgiGuard(late_app, SMALL), Ask(method="POST", chunks=[b"12345"])).body == b"12345"


def test_an_answer_that_is_on_its_way_is_cut() -> None:
    with pytest.raises(BodyRefused, match="more than 5 bytes"):
        ask_wsgi(WsgiGuard(hasty_app, SMALL), LONG)


@pytest.mark.parametrize("taken", [0, 1])
def test_an_answer_is_closed_once_however_much_of_it_was_taken(taken: int) -> None:
    closed: list[bool] = []

    class Chunks(list[bytes]):
        def close(self) -> None:
            closed.append(True)

    def app(environ: dict[str, Any], start_response: Any) -> Chunks:
        start_response("200 OK", [])
        return Chunks([b"a", b"b"])

    answer: Any = WsgiGuard(app)(environ_of(Ask(method="POST", chunks=[b"x"])), lambda *_: None)
    assert [next(answer) for _ in range(taken)] == [b"a"][:taken]
    answer.close()
    assert closed == [True]


def test_what_the_server_gave_for_writing_is_given_on() -> None:
    written: list[bytes] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])(b"old ways")
        return []

    assert list(WsgiGuard(app)(environ_of(Ask()), lambda *_: written.append)) == []
    assert written == [b"old ways"]


def test_an_application_that_fails_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="vedette_guard"):
        assert ask_wsgi(WsgiGuard(raw_wsgi(Act(raises=True))), Ask()).status == 500
    assert "GET /page failed" in caplog.text
    assert "the application fails" in caplog.text


def watched(body: bytes, most: int) -> WatchedBody:
    """Return a body under watch."""
    engine_plan: Any = None
    passage = Passage(engine_plan, "", secure=True)
    return WatchedBody(io.BytesIO(body), passage, Body(Limits(body=most), None), lambda: 0.0)


def test_a_body_under_watch_is_read_as_any_other() -> None:
    text = b"one\ntwo\n" + b"x" * 200_000 + b"\nend"
    lines = io.BytesIO(text).readlines()
    assert watched(text, 0).read() == text
    assert watched(text, 0).read(None) == text
    assert list(watched(text, 0)) == watched(text, 0).readlines() == lines
    body = watched(text, 0)
    assert (body.readline(2), body.readline(), body.read(3)) == (b"on", b"e\n", b"two")
    body.close()
    with pytest.raises(BodyRefused):
        list(watched(text, 100))
