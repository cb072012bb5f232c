"""problem+json (RFC 9457) for Django views and for the REST API."""

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse

from vedette.core.errors import VedetteError
from vedette.ui.explain import TITLES, Said, explain, problem_body

if TYPE_CHECKING:
    from ninja import NinjaAPI

CONTENT_TYPE = "application/problem+json"


def problem(status: int, detail: str, title: str = "", fields: dict[str, str] | None = None) -> HttpResponse:
    """Return a problem+json response."""
    named = title or TITLES.get(status, "That did not work")
    return respond(Said(status=status, title=named, detail=detail, fields=fields or {}))


def from_error(error: VedetteError) -> HttpResponse:
    """Return one of our errors as problem+json."""
    return respond(explain(error))


def respond(said: Said) -> HttpResponse:
    """Return a said error as a response, with `Retry-After` where there is one."""
    response = HttpResponse(problem_body(said), status=said.status, content_type=CONTENT_TYPE)
    if said.retry_after is not None:
        response["Retry-After"] = str(said.retry_after)
    if said.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def wants_json(request: HttpRequest) -> bool:
    """Tell whether an error should be JSON: below `/api/`, for `.json`, or where JSON is preferred to HTML."""
    if request.path.startswith("/api/") or request.path.endswith(".json"):
        return True
    preferred = request.get_preferred_type(["text/html", "application/json", CONTENT_TYPE])
    return preferred is not None and preferred != "text/html"


def install(api: "NinjaAPI") -> None:
    """Make a ninja API answer every error as problem+json."""
    from ninja.errors import AuthenticationError, HttpError, ValidationError

    def ours(_: HttpRequest, error: VedetteError | type[VedetteError]) -> HttpResponse:
        return from_error(error if isinstance(error, VedetteError) else error())

    def http(_: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
        return problem(getattr(error, "status_code", 500), str(error))

    def invalid(_: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
        return _invalid(getattr(error, "errors", []))

    api.add_exception_handler(VedetteError, ours)
    api.add_exception_handler(HttpError, http)
    api.add_exception_handler(ValidationError, invalid)
    api.add_exception_handler(Http404, lambda _, __: problem(404, "There is no such resource."))
    api.add_exception_handler(
        AuthenticationError, lambda _, __: problem(401, "Send a token: `Authorization: Bearer …`.")
    )


def _invalid(found: list[dict[str, object]]) -> HttpResponse:
    """Return what pydantic found wrong, by field."""
    fields = {_place(item.get("loc")): str(item.get("msg", "is not valid")) for item in found}
    return problem(422, f"{len(fields)} of the fields cannot be used.", fields=fields)


def _place(loc: object) -> str:
    parts = [str(part) for part in loc] if isinstance(loc, list | tuple) else []
    return ".".join(part for part in parts if part not in {"body", "payload", "query", "path"}) or "body"
