"""How errors read outside: problem+json for programs, a page for people, headers for both."""

import gzip
import json

import brotli
import pytest
from django.db import OperationalError
from django.http import HttpResponse, HttpResponseNotAllowed, JsonResponse, StreamingHttpResponse
from django.test import RequestFactory

from vedette.core import errors
from vedette.plumbing.ports import install
from vedette.plumbing.testing import memory_ports
from vedette.ui import built, error_pages, problem
from vedette.ui.explain import explain
from vedette.ui.middleware import Compress, ErrorPages, StyleHint

FACTORY = RequestFactory()


@pytest.fixture(autouse=True)
def _ports() -> None:
    install(memory_ports())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.Invalid("No.", {"name": "is empty"}), 422), (errors.NotFound("No issue X-1."), 404), (errors.Unauthenticated("Who?"), 401),
        (errors.Forbidden("No."), 403), (errors.Conflict("It exists."), 409), (errors.Throttled("Slow down.", 30), 429),
        (errors.Unavailable("Disk full.", 5), 503), (errors.ConfigError("secret path"), 500),
    ],
)  # fmt: skip
def test_each_error_has_its_status(error: errors.VedetteError, status: int) -> None:
    response = problem.from_error(error)
    body = json.loads(response.content)
    assert response.status_code == body["status"] == status
    assert response["Content-Type"] == "application/problem+json"
    assert set(body) >= {"type", "title", "status", "detail"}


def test_what_is_our_fault_is_not_told_in_detail() -> None:
    assert "secret" not in explain(errors.ConfigError("secret path")).detail


def test_fields_are_named_and_waits_are_told() -> None:
    body = json.loads(problem.from_error(errors.Invalid("No.", {"name": "is empty"})).content)
    assert body["errors"] == [{"field": "name", "detail": "is empty"}]
    assert problem.from_error(errors.Throttled("Slow down.", 30.4))["Retry-After"] == "30"
    assert problem.from_error(errors.Unauthenticated("Who?"))["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("path", "accept", "wanted"),
    [
        ("/issues/", "text/html,*/*;q=0.8", False), ("/issues/", "application/json", True), ("/api/v1/issues", "text/html", True),
        ("/issues.json", "text/html", True), ("/issues/", "*/*", False), ("/issues/", "image/png", False),
    ],
)  # fmt: skip
def test_who_wants_json(path: str, accept: str, wanted: bool) -> None:
    assert problem.wants_json(FACTORY.get(path, headers={"accept": accept})) is wanted


def through(response: HttpResponse, middleware: type, path: str = "/", **headers: str) -> HttpResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return middleware(lambda _: response)(FACTORY.get(path, headers=named))


def test_pages_hint_at_their_stylesheet() -> None:
    found = through(HttpResponse("x"), StyleHint)
    assert found["Link"] == f"<{built.url('app.css')}>; rel=preload; as=style"
    assert "Link" not in through(JsonResponse({}), StyleHint)
    assert "Link" not in through(HttpResponse("x"), StyleHint, hx_request="true")


TEXT = "<p>" + "a sentence " * 200 + "</p>"


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [("br, gzip", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress)],
)
def test_pages_are_packed(accepted: str, encoding: str, unpack) -> None:
    found = through(HttpResponse(TEXT), Compress, accept_encoding=accepted)
    assert found["Content-Encoding"] == encoding
    assert unpack(found.content).decode() == TEXT
    assert found["Content-Length"] == str(len(found.content))
    assert "Accept-Encoding" in found["Vary"]


@pytest.mark.parametrize("accepted", ["", "identity", "br;q=0, gzip;q=0"])
def test_not_for_who_cannot(accepted: str) -> None:
    found = through(HttpResponse(TEXT), Compress, accept_encoding=accepted)
    assert "Content-Encoding" not in found
    assert "Accept-Encoding" in found["Vary"]


def test_small_packed_and_binary_answers_stay() -> None:
    assert "Content-Encoding" not in through(HttpResponse("x"), Compress, accept_encoding="br")
    assert "Content-Encoding" not in through(
        HttpResponse(bytes(9999), content_type="image/png"), Compress, accept_encoding="br"
    )
    assert (
        through(
            HttpResponse(TEXT, headers={"Content-Encoding": "x"}), Compress, accept_encoding="br"
        ).content.decode()
        == TEXT
    )
    assert through(StreamingHttpResponse(iter(["x"])), Compress, accept_encoding="br").streaming


def raised(error: Exception, path: str = "/issues/", **headers: str) -> HttpResponse | None:
    return ErrorPages(lambda _: HttpResponse()).process_exception(
        FACTORY.get(path, headers={k.replace("_", "-"): v for k, v in headers.items()}), error
    )


def test_people_get_a_page_in_words() -> None:
    found = raised(errors.NotFound("No issue SHOP-9 here."))
    assert found is not None
    assert found.status_code == 404
    assert b"No issue SHOP-9 here." in found.content
    assert b"<h1>Nothing is here</h1>" in found.content


def test_programs_get_problem_json() -> None:
    found = raised(errors.NotFound("No issue SHOP-9 here."), accept="application/json")
    assert found is not None
    assert found["Content-Type"] == "application/problem+json"


def test_nobody_is_sent_to_sign_in_and_comes_back() -> None:
    found = raised(errors.Unauthenticated("Nobody is signed in."), "/issues/?q=is:open")
    assert found is not None
    assert (found.status_code, found["Location"]) == (302, "/sign-in/?next=%2Fissues%2F%3Fq%3Dis%3Aopen")


def test_a_part_of_an_open_page_is_refused_without_a_redirect() -> None:
    found = raised(errors.Unauthenticated("Nobody is signed in."), hx_request="true")
    assert found is not None
    assert found.status_code == 401


def test_a_busy_database_asks_to_come_again() -> None:
    found = raised(OperationalError("database is locked"))
    assert found is not None
    assert (found.status_code, found["Retry-After"]) == (503, "5")
    assert b"Try again" in found.content
    assert b"locked" not in found.content


def test_what_nobody_foresaw_is_left_to_django() -> None:
    assert raised(ValueError("x")) is None


def test_an_error_without_a_body_gets_one() -> None:
    found = through(HttpResponseNotAllowed(["POST"]), ErrorPages)
    assert (found.status_code, found["Allow"]) == (405, "POST")
    assert b"does not take this kind of request" in found.content
    kept = through(JsonResponse({"a": 1}, status=400), ErrorPages)
    assert json.loads(kept.content) == {"a": 1}


@pytest.mark.parametrize("status", [400, 403, 404, 405, 429, 500, 503])
def test_every_error_page_reads(status: int) -> None:
    found = error_pages.by_status(FACTORY.get("/x/"), status)
    assert found.status_code == status
    assert b"style=" not in found.content
    assert b"!" not in found.content.replace(b"<!doctype html>", b"")


def test_csrf_failure_says_what_to_do() -> None:
    assert b"Load the page again" in error_pages.csrf_failure(FACTORY.post("/x/")).content
