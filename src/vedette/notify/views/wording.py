"""Settings, Notifications, Templates: the words of notices, looked at before they are kept."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from vedette.accounts.permissions import Verb, needs
from vedette.core.errors import Invalid, NotFound
from vedette.notify import service
from vedette.notify.forms import WordingForm
from vedette.notify.parsing import NAMES
from vedette.notify.types import Wording
from vedette.notify.views.common import Request
from vedette.plumbing.ports import ports

HOME = "/settings/notifications/templates/"
_ALL = "All channels"


@require_safe
@needs(Verb.CHANNEL_WRITE)
def templates(request: Request) -> HttpResponse:
    """Show for which kinds of channels there are words of one's own."""
    written = service.wordings()
    rows = [("all", _ALL, "all" in written)]
    rows += [(name, kind.label, name in written) for name, kind in service.kinds().items()]
    return render(request, "notify/templates.html", {"rows": rows, "n": len(written)})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.CHANNEL_WRITE)
def template(request: Request, kind: str) -> HttpResponse:
    """Preview, keep or reset the words for a kind of channel."""
    before = service.wording(kind)
    form = WordingForm(
        request.POST if request.method == "POST" else None,
        initial={"title": before.title, "text": before.text},
    )
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act == "reset":
        service.reset_wording(request.actor, kind, ports().clock.now())
        messages.success(request, "The default words are back.")
        return HttpResponseRedirect(HOME)
    shown = _shown(request, form, kind, keep=act == "save") if form.is_bound and form.is_valid() else None
    if act == "save" and shown is not None:
        messages.success(request, "The template is saved.")
        return HttpResponseRedirect(HOME)
    context = {
        "form": form, "kind": kind, "label": _ALL if kind == "all" else service.kinds()[kind].label,
        "shown": shown, "names": NAMES, "written": kind in service.wordings(),
    }  # fmt: skip
    return render(
        request, "notify/template.html", context, status=422 if form.is_bound and shown is None else 200
    )


def _shown(request: Request, form: WordingForm, kind: str, *, keep: bool) -> Wording | None:
    """Return what the template makes, kept where that is asked for; None when something is wrong with it."""
    now, last = ports().clock.now(), form.cleaned_data["last"] and not keep
    try:
        shown = service.preview(request.actor, kind, form.wording(), now, last=last)
        if keep:
            service.set_wording(request.actor, kind, form.wording(), now)
    except Invalid as error:
        form.blame(error)
        return None
    except NotFound as error:
        form.add_error("last", str(error))
        return None
    return shown
