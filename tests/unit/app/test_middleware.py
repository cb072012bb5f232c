"""One log line a request; faults nobody foresaw are logged with their traceback and answered in our voice."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from vedette.app.middleware import RequestLog
from vedette.core.errors import Invalid


class Lines:
    """Collects what is logged."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, object]]] = []

    def info(self, event: str, **values: object) -> None:
        self.said.append((event, values))

    def error(self, event: str, **values: object) -> None:
        self.said.append((event, values))


@pytest.fixture
def request_() -> HttpRequest:
    return RequestFactory().get("/issues/?q=secret-query")


def test_a_request_is_one_line_without_its_query(request_: HttpRequest) -> None:
    lines = Lines()
    response = RequestLog(lambda _: HttpResponse(status=204), log=lines)(request_)
    ((event, values),) = lines.said
    assert (event, values["method"], values["path"], values["status"]) == ("request", "GET", "/issues/", 204)
    assert isinstance(values["ms"], float)
    assert "secret-query" not in str(lines.said)
    assert response.headers["Server-Timing"].startswith("app;dur=")


def test_a_fault_is_logged_and_an_answer_of_ours_is_not(request_: HttpRequest) -> None:
    lines = Lines()
    log = RequestLog(lambda _: HttpResponse(), log=lines)
    fault = KeyError("nobody foresaw this")
    assert log.process_exception(request_, fault) is None
    log.process_exception(request_, Invalid("The name is missing."))
    ((event, values),) = lines.said
    assert (event, values["exc_info"]) == ("page failed", fault)
