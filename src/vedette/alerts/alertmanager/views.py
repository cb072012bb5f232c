"""Alertmanager's API v2, all of it but posted alerts: those enter at the front door (`intake/alerting.py`).

Errors have the texts and shapes its clients know: a text in JSON. What is read and written is JSON only, and a browser
sends no such request to another site unasked, so that basic authentication it remembers cannot be misused.
"""

from collections.abc import Callable
from importlib.metadata import version

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from vedette.accounts.permissions import Actor, Verb, needs, require
from vedette.alerts import governing, matching
from vedette.alerts.alertmanager import asking, config, shapes
from vedette.alerts.alertmanager.shapes import Named, PostableSilence
from vedette.alerts.governing import SilenceDraft
from vedette.core.clock import iso
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.plumbing.ports import ports

_JSON = "application/json"
_SILENCE = msgspec.json.Decoder(PostableSilence)


class Request(HttpRequest):
    """A request as the middleware leaves it."""

    actor: Actor


@require_safe
@needs(Verb.RULE_READ)
def alerts(request: Request) -> HttpResponse:
    """Return what fires."""
    return _told(lambda: asking.alerts(_wanted(request), _now()))


@require_safe
@needs(Verb.RULE_READ)
def groups(request: Request) -> HttpResponse:
    """Return what fires, by the groups it is told in."""
    return _told(lambda: asking.groups(_wanted(request), _now()))


@require_safe
@needs(Verb.RULE_READ)
def receivers(request: Request) -> HttpResponse:
    """Return the names of the receivers."""
    return _told(lambda: [Named(name) for name in config.receivers(governing.routing())])


@require_safe
@needs(Verb.RULE_READ)
def status(request: Request) -> HttpResponse:
    """Return the routing in force as Alertmanager's configuration, and what its clients ask for besides."""
    build = {"branch": "", "buildDate": "", "goVersion": "", "revision": ""}
    return _json(
        {
            "cluster": {"peers": [], "status": "disabled"},
            "config": {"original": config.original(governing.routing())},
            "uptime": iso(asking.began()),
            "versionInfo": {**build, "buildUser": f"vedette {version('vedette')}", "version": shapes.SPOKEN},
        }
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.RULE_READ)
def silences(request: Request) -> HttpResponse:
    """Return the silences, or put one in force."""
    if request.method == "POST":
        return _post_silence(request)

    def found() -> list[shapes.GettableSilence]:
        filters = [each for text in request.GET.getlist("filter") for each in matching.parse(text)]
        now = _now()
        kept = [each for each in governing.silences(now) if shapes.asked_for(each, filters)]
        return [shapes.silence(each, now) for each in kept]

    return _told(found)


@require_http_methods(["GET", "HEAD", "DELETE"])
@needs(Verb.RULE_READ)
def silence(request: Request, silence_id: str) -> HttpResponse:
    """Return a silence, or let it be over."""
    try:
        if request.method == "DELETE":
            require(request.actor, Verb.ALERT_WRITE)
            governing.end_silence(request.actor, silence_id, _now())
            return HttpResponse(content_type=_JSON)
        return _json(shapes.silence(governing.silence(silence_id), _now()))
    except NotFound:
        return _json("silence not found", 404)
    except Conflict as error:
        return _json(str(error), 409)


def _post_silence(request: Request) -> HttpResponse:
    if request.content_type != _JSON:
        return _json({"code": 415, "message": "Send the silence as application/json."}, 415)
    require(request.actor, Verb.ALERT_WRITE)
    try:
        posted = _SILENCE.decode(request.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _json({"code": 400, "message": f'parsing silence body from "" failed, because {error}'}, 400)
    try:
        return _json({"silenceID": _kept(request.actor, posted)})
    except NotFound:
        return _json("silence not found", 404)
    except Invalid as error:
        return _json(f"silence invalid: {_words(error)}", 400)


def _kept(actor: Actor, posted: PostableSilence) -> str:
    now = _now()
    starts = shapes.instant(posted.starts_at)
    draft = SilenceDraft(
        matchers=shapes.matchers(posted.matchers),
        starts=starts if posted.id else max(starts, now),
        ends=shapes.instant(posted.ends_at),
        comment=posted.comment[:2_000],
        author=posted.created_by[:200],
    )
    if posted.id:
        return governing.change_silence(actor, posted.id, draft, now).id
    return governing.add_silence(actor, draft, now).id


def _wanted(request: Request) -> shapes.Wanted:
    flags = {name: str(value) for name, value in request.GET.items()}
    return shapes.wanted(flags, request.GET.getlist("filter"), request.GET.get("receiver", ""))


def _told(ask: Callable[[], object]) -> HttpResponse:
    """Return what is asked for; a question that was not understood is answered with what is wrong with it."""
    try:
        return _json(ask())
    except Invalid as error:
        return _json(_words(error), 400)


def _words(error: Invalid) -> str:
    return " ".join(error.fields.values()) or str(error)


def _json(value: object, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(value), status=status, content_type=_JSON)


def _now() -> float:
    return ports().clock.now()
