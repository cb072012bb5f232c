"""Error pages in the house's voice, or problem+json where that was asked for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from vedette.ui.explain import TITLES, Said
from vedette.ui.problem import respond, wants_json

_DETAILS = {
    400: "Vedette could not read the request. Nothing was changed.",
    403: "Your role does not include this. An administrator can change that under Settings, Users.",
    404: "The address is wrong, or what stood here was deleted.",
    405: "The address is right, but it does not take this kind of request.",
    500: "The fault is on our side and was logged. Nothing was changed by this request.",
}


def show(request: HttpRequest, said: Said) -> HttpResponse:
    """Return an error as a page, or as problem+json for clients that are not browsers."""
    if wants_json(request):
        return respond(said)
    again = request.get_full_path() if said.status in {429, 500, 503} and request.method == "GET" else ""
    context = {"status": said.status, "title": said.title, "detail": said.detail, "again": again}
    response = render(request, "ui/error.html", context, status=said.status)
    if said.retry_after is not None:
        response["Retry-After"] = str(said.retry_after)
    return response


def by_status(request: HttpRequest, status: int) -> HttpResponse:
    """Return the page of a status without anything more to say."""
    title = TITLES.get(status, "That did not work")
    return show(
        request, Said(status=status, title=title, detail=_DETAILS.get(status, "Nothing was changed."))
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Django's handler400."""
    return by_status(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Django's handler403."""
    return by_status(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Django's handler404."""
    return by_status(request, 404)


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler500; it must not need the database."""
    return by_status(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Say that a form was too old; Django's CSRF_FAILURE_VIEW."""
    detail = (
        "The form was open too long or came from another site. Load the page again and send it once more."
    )
    return show(request, Said(status=403, title="The form is no longer valid", detail=detail))
