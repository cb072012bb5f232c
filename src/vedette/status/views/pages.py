"""The pages on which status pages are kept: which there are, one, its form, what it announces, who hears of it."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.monitors import service as monitors
from vedette.plumbing.ports import ports
from vedette.status import composing, days, service, showing
from vedette.status.answers import CSP
from vedette.status.forms import MORE_ROWS, IncidentForm, PageForm, Rows
from vedette.status.gathering import History
from vedette.status.types import Component, NoticeKind, PageIncident, StatusPage
from vedette.status.views import public
from vedette.ui.pager import Page

PAGE = "/status-pages/"
_PICKED_FROM = 500
_SHOWN = 50
_HISTORY = History()
_ICONS = {
    "ok": "circle-check",
    "warn": "triangle-alert",
    "crit": "octagon-alert",
    "info": "calendar",
    "off": "globe",
}


@require_safe
@needs(Verb.STATUS_READ)
def listed(request: Request) -> HttpResponse:
    """Show every page, and what its visitors read now."""
    there, now = service.pages(), _now()
    standings, counts = service.standings(there, now), service.subscriber_counts(there)
    rows = [
        {"page": one, "said": showing.sentence(standings[one.id], now), "url": service.url(one), "n": counts.get(one.id, 0)}
        for one in there
    ]  # fmt: skip
    context = {"rows": rows, "may_write": may(request.actor, Verb.STATUS_WRITE).allowed}
    return render(request, "status/pages.html", context)


@require_safe
@needs(Verb.STATUS_READ)
def page(request: Request, slug: str) -> HttpResponse:
    """Show one page: what visitors read, what goes on, what was announced."""
    found, now = service.page(slug), _now()
    shown = service.shown(found, _HISTORY, now)
    said = showing.sentence(shown.components, now)
    earlier, cursor = service.incidents(found, request.GET.get("cursor"), _SHOWN)
    rows = [
        {
            "one": one,
            "tone": showing.TONES[one.state],
            "word": showing.WORDS[one.state],
            "uptime": days.percent(one.uptime),
        }
        for one in shown.components
    ]
    context = {
        "page": found, "url": service.url(found), "base": f"{PAGE}{found.slug}/", "said": said, "icon": _ICONS[said.tone],
        "rows": rows, "notices": Page([_row(one, now) for one in earlier], cursor),
        "subscribers": service.subscriber_counts([found]).get(found.id, 0),
        "may_write": may(request.actor, Verb.STATUS_WRITE).allowed,
    }  # fmt: skip
    return render(request, "status/page.html", context)


@require_safe
@needs(Verb.STATUS_READ)
def preview(request: Request, slug: str) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Show the page as visitors would see it now, also when they are not answered yet."""
    shown = service.shown(service.page(slug), _HISTORY, _now())
    answer = HttpResponse(public.page(shown, preview=True))
    answer.headers["Content-Security-Policy"] = f"{CSP}'none'"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.STATUS_WRITE)
def new(request: Request) -> HttpResponse:
    """Make a page."""
    return _form(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.STATUS_WRITE)
def edit(request: Request, slug: str) -> HttpResponse:
    """Change a page."""
    return _form(request, service.page(slug))


@require_POST
@needs(Verb.STATUS_WRITE)
def delete(request: Request, slug: str) -> HttpResponse:
    """Remove a page, once its short name was typed."""
    found = service.page(slug)
    if request.POST.get("confirm", "").strip() != slug:
        messages.error(request, f"Type {slug} to delete the page. Nothing was changed.")
        return HttpResponseRedirect(f"{PAGE}{slug}/edit/")
    service.remove(request.actor, found, _now())
    messages.success(request, "The status page is gone.")
    return HttpResponseRedirect(PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.STATUS_WRITE)
def announce(request: Request, slug: str) -> HttpResponse:
    """Announce an incident, or with `?kind=maintenance` work that is planned."""
    found = service.page(slug)
    planned = request.GET.get("kind") == "maintenance"
    kind = NoticeKind.MAINTENANCE if planned else NoticeKind.INCIDENT
    return _announcement(request, found, IncidentForm(found, kind, None, _posted(request)), None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.STATUS_WRITE)
def incident(request: Request, slug: str, number: int) -> HttpResponse:
    """Show what was said of an incident, and say what is new."""
    found = service.page(slug)
    before = service.incident(found, number)
    form = IncidentForm(found, before.kind, before, _posted(request))
    return _announcement(request, found, form, before)


@require_POST
@needs(Verb.STATUS_WRITE)
def delete_incident(request: Request, slug: str, number: int) -> HttpResponse:
    """Remove an incident from the page."""
    found = service.page(slug)
    service.remove_incident(request.actor, found, service.incident(found, number), _now())
    messages.success(request, "It is gone from the page; who was told of it was told.")
    return HttpResponseRedirect(f"{PAGE}{slug}/")


@require_safe
@needs(Verb.STATUS_WRITE)
def subscribers(request: Request, slug: str) -> HttpResponse:
    """Show who hears of a page; whoever may write on it may."""
    found = service.page(slug)
    there, cursor = service.subscribers(found, request.GET.get("cursor"), _SHOWN)
    context = {
        "page": found, "base": f"{PAGE}{slug}/", "rows": Page(there, cursor),
        "n": service.subscriber_counts([found]).get(found.id, 0), "can_mail": ports().mail.configured(),
    }  # fmt: skip
    return render(request, "status/subscribers.html", context)


@require_POST
@needs(Verb.STATUS_WRITE)
def remove_subscriber(request: Request, slug: str, number: int) -> HttpResponse:
    """Forget a subscriber."""
    try:
        service.remove_subscriber(request.actor, service.page(slug), number, _now())
    except NotFound as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "They hear no more of the page; what was kept of them is gone.")
    return HttpResponseRedirect(f"{PAGE}{slug}/subscribers/")


def _form(request: Request, before: StatusPage | None) -> HttpResponse:
    there = _rows_of(before)
    fresh: dict[str, object] = {"enabled": True} if before is None else _initial(before)
    domain = may(request.actor, Verb.SETTINGS_WRITE).allowed
    form = PageForm(request.POST if request.method == "POST" else None, fresh, domain=domain)
    if not form.is_bound:
        return _show_form(request, form, Rows(initial=there, prefix="c"), before)
    rows = Rows(request.POST, prefix="c")
    if request.POST.get("act") == "more" and rows.is_valid():
        kept = [one for one in rows.cleaned_data if one.get("monitor")]
        return _show_form(request, form, Rows(initial=kept, prefix="c"), before, more=True)
    if form.is_valid() and rows.is_valid():
        try:
            return _save(request, form, _components(rows.cleaned_data, before), before)
        except Invalid as error:
            form.blame(error)
        except Conflict as error:
            form.add_error("slug", str(error))
    return _show_form(request, form, rows, before, bad=True)


def _save(
    request: Request, form: PageForm, components: Sequence[Component], before: StatusPage | None
) -> HttpResponse:
    draft = form.draft(components)
    if before is None:
        made = service.create(request.actor, draft, _now())
        messages.success(request, "The status page is made.")
    else:
        made = service.update(request.actor, before, draft, _now())
        messages.success(request, "The status page is saved; visitors see it within a second or two.")
    return HttpResponseRedirect(f"{PAGE}{made.slug}/")


def _show_form(
    request: Request,
    form: PageForm,
    rows: object,
    before: StatusPage | None,
    *,
    bad: bool = False,
    more: bool = False,
) -> HttpResponse:
    if form.is_bound:
        form.ask_again()
    picked, _ = monitors.page(None, _PICKED_FROM)
    context = {
        "form": form, "rows": rows, "page": before, "monitors": [one.monitor for one in picked], "more": more,
        "base": f"{PAGE}{before.slug}/" if before is not None else "", "spare": MORE_ROWS,
    }  # fmt: skip
    return render(request, "status/form.html", context, status=422 if bad else 200)


def _announcement(
    request: Request, found: StatusPage, form: IncidentForm, before: PageIncident | None
) -> HttpResponse:
    if form.is_bound and form.is_valid():
        try:
            if before is None:
                service.announce(request.actor, found, form.draft(), _now())
            else:
                service.say(request.actor, found, before, form.draft(), _now())
        except Invalid as error:
            form.blame(error)
        else:
            messages.success(request, "It stands on the page within a second or two.")
            return HttpResponseRedirect(f"{PAGE}{found.slug}/")
    context = {
        "page": found, "form": form, "incident": before, "base": f"{PAGE}{found.slug}/",
        "planned": form.kind is NoticeKind.MAINTENANCE, "n": service.subscriber_counts([found]).get(found.id, 0),
        "updates": [{"word": composing.phase(before, one), "one": one} for one in before.updates] if before else [],
    }  # fmt: skip
    bad = form.is_bound and bool(form.errors)
    return render(request, "status/incident.html", context, status=422 if bad else 200)


def _components(rows: Sequence[Mapping[str, object]], before: StatusPage | None) -> list[Component]:
    """Return the components of the rows that name a monitor, by their order; raises `Invalid` for no such monitor."""
    own = {key: one for one, key in _keys(before).items()}
    filled = [(number, row) for number, row in enumerate(rows) if row.get("monitor")]
    filled.sort(key=lambda pair: (_place(pair[1], pair[0]), pair[0]))
    found = []
    for _, row in filled:
        key = str(row["monitor"]).strip()
        try:
            number = own.get(key) or monitors.find(key).id
        except NotFound as error:
            raise Invalid("The page cannot be kept.", {"components": str(error)}) from error
        found.append(Component(monitor=number, name=str(row["name"]), section=str(row["section"])))
    return found


def _place(row: Mapping[str, object], number: int) -> int:
    place = row.get("place")
    return place if isinstance(place, int) else (number + 1) * 10


def _keys(before: StatusPage | None) -> dict[int, str]:
    """Return by what each monitor of a page is named in its form: its slug, its id where two share one."""
    there = monitors.some([one.monitor for one in before.components]) if before is not None else {}
    slugs = [one.slug for one in there.values()]
    return {one.id: one.slug if slugs.count(one.slug) == 1 else str(one.id) for one in there.values()}


def _rows_of(before: StatusPage | None) -> list[dict[str, object]]:
    keys = _keys(before)
    return [
        {"monitor": keys[one.monitor], "name": one.name, "section": one.section, "place": (place + 1) * 10}
        for place, one in enumerate(before.components if before is not None else ())
        if one.monitor in keys
    ]


def _initial(page_: StatusPage) -> dict[str, object]:
    return {
        "title": page_.title, "slug": page_.slug, "text": page_.text, "domain": page_.domain, "frames": page_.frames,
        "windows": page_.windows, "enabled": page_.enabled,
    }  # fmt: skip


def _row(one: PageIncident, now: float) -> dict[str, object]:
    over, planned = one.ends is not None and one.ends <= now, one.starts > now
    word = "Over" if over else "Planned" if planned else "Goes on"
    return {"one": one, "tone": "ok" if over else "info" if planned else "warn", "word": word}


def _posted(request: Request) -> Mapping[str, object] | None:
    return request.POST if request.method == "POST" else None


def _now() -> float:
    return ports().clock.now()
