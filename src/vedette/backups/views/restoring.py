"""The page that restores: which plan, as of when on a timeline of moments, what, and where to; looked at before it is done."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.backups import service
from vedette.backups.types import Known, Wanted
from vedette.backups.views import common, moments
from vedette.backups.views.asking import ALL, Asked, RestoreForm
from vedette.backups.views.moments import Moment
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.instruments.backup.registry import engines
from vedette.ui import requests, words
from vedette.wire.backup import BackupAct, Copy

_SHOWN, _RUNS = 200, 200
_BELOW = "/var/lib/vedette-restored"  # what agents allow by default: [backup] restore_to


@require_safe
@needs(Verb.BACKUP_RESTORE)
def choose(request: Request) -> HttpResponse:
    """Choose of which plan something is restored; where there is one, go on with it."""
    found = service.standings(common.now())
    if len(found) == 1:
        return HttpResponseRedirect(f"{common.href_of(found[0].known.id)}restore/")
    return render(
        request, "backups/restore_choose.html", {"rows": common.plan_rows(found, common.host_names())}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.BACKUP_RESTORE)
def restore(request: Request, number: int) -> HttpResponse:
    """Say what, as of when and where to; look at what would happen; then have the host do it."""
    known = service.plan(number)
    sent = request.POST if request.method == "POST" else request.GET
    copy = _copy(known, sent.get("copy", ""))
    found = of_copy(known, copy.name)
    form = _form(request, known, copy, found, sent)
    if not form.is_bound or not form.is_valid():
        return _page(request, known, copy, found, form, None)
    asked = form.asked()
    if request.method != "POST":
        return _page(request, known, copy, found, form, asked)
    try:
        order = service.ask(
            request.actor, number, BackupAct.RESTORE, common.now(), copy=copy.name, aim=asked.aim, into=asked.into, confirmed=asked.confirmed
        )  # fmt: skip
    except Invalid as error:
        _blame(form, error)
    except Conflict as error:
        form.add_error(None, str(error))
    else:
        messages.success(request, "The host restores it as soon as it hears of it.")
        return HttpResponseRedirect(f"{common.PAGE}runs/{order.id}/")
    whole = set(form.errors) <= {"confirmed", NON_FIELD_ERRORS}
    return _page(request, known, copy, found, form, asked if whole else None)


def of_copy(known: Known, copy: str) -> list[Moment]:
    """Return the moments of a copy, newest first."""
    ran = service.newest(Wanted(plan=known.id, act=BackupAct.RUN), _RUNS)
    return moments.of_copy(copy, service.listing(known.id, copy), ran)


def _copy(known: Known, name: str) -> Copy:
    """Return the copy of a name, the first where none is asked for."""
    copies = known.plan.copies
    if not name:
        return copies[0]
    found = next((each for each in copies if each.name == name), None)
    if found is None:
        raise NotFound(f"{known.plan.name} has no copy {name[:60]!r}.")
    return found


def _form(
    request: Request, known: Known, copy: Copy, found: Sequence[Moment], sent: QueryDict
) -> RestoreForm:
    """Return the form: judged once it was sent, before that with what the address names."""
    engine = engines().get(copy.engine)
    named = {
        "copy": copy.name,
        "snapshot": sent.get("snapshot", ""),
        "what": sent.get("what", ALL),
        "path": "\n".join(sent.getlist("path")),
    }
    if not named["snapshot"] and found:
        named["snapshot"] = found[0].name
    judged = request.method == "POST" or "look" in request.GET
    return RestoreForm(
        _joined(sent, copy.name, found) if judged else None, plan=known.plan, zone=requests.zone(request), into=_folder(known, common.now(), requests.zone(request)),
        pitr=engine is not None and engine.cluster, initial=named,
    )  # fmt: skip


def _joined(sent: QueryDict, copy: str, found: Sequence[Moment]) -> QueryDict:
    """Return what was sent with its paths as one text: each that was ticked is one, and a text has them as lines.

    Where no moment was chosen it is the newest that is shown: what was looked at comes back, not what is made meanwhile.
    """
    joined = sent.copy()
    joined["copy"] = copy
    if found and not any(sent.get(name) for name in ("snapshot", "before", "transaction")):
        joined["snapshot"] = found[0].name
    joined["path"] = "\n".join(sent.getlist("path"))
    return joined


def _blame(form: RestoreForm, error: Invalid) -> None:
    """Put what is wrong onto the field it names, else above the form."""
    field = next((name for name in error.fields if name in form.fields), None)
    form.add_error(field, str(error))


def _page(  # noqa: PLR0917 - what the page is made of
    request: Request,
    known: Known,
    copy: Copy,
    found: Sequence[Moment],
    form: RestoreForm,
    asked: Asked | None,
) -> HttpResponse:
    now, zone = common.now(), requests.zone(request)
    shown = found[:_SHOWN]
    context = {
        "known": known, "plan": known.plan, "copy": copy, "host": common.host_name(common.host_names(), known.host), "form": form,
        "days": moments.days(shown, zone), "marks": moments.places(found, now), "oldest": found[-1].at if found else None, "count": len(found),
        "more": len(found) - len(shown), "chosen": str(form["snapshot"].value() or ""), "to_the_second": "before" in form.fields,
        "copies": [(each, f"{common.href_of(known.id)}restore/?copy={each.name}") for each in known.plan.copies],
        **(_look(known, copy, found, form, asked, zone) if asked else {}),
    }  # fmt: skip
    return render(
        request, "backups/restore.html", context, status=422 if form.is_bound and form.errors else 200
    )


def _look(  # noqa: PLR0917 - what is looked at
    known: Known, copy: Copy, found: Sequence[Moment], form: RestoreForm, asked: Asked, zone: str
) -> dict[str, object]:
    """Return what would happen: as of when, how much, how long, over what."""
    aim = asked.aim
    size, seconds = service.estimate(known.id, copy.name, aim) or (None, None)
    return {
        "asked": asked, "aim": aim, "moment": next((each for each in found if each.name == aim.snapshot), found[0] if found else None),
        "size": size, "seconds": seconds, "expect": aim.what or known.plan.name,
        "before": words.exact(aim.before, zone) if aim.before is not None else "",
        "hidden": [(name, form[name].value() or "") for name in form.fields if name not in {"confirmed", "path"}],
    }  # fmt: skip


def _folder(known: Known, now: float, zone: str) -> str:
    return f"{_BELOW}/{known.plan.name}-{words.local(now, zone):%Y%m%d-%H%M}"
