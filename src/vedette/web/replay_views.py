"""The page of a set of rules and its replays: what it would have done on hosts, before it is enforced."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs, require
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.hosts import service as hosts
from vedette.intrusions import service as intrusions
from vedette.plumbing.ports import ports
from vedette.web import addresses, replays, visitors


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.BAN_READ)
def replay(request: Request, name: str) -> HttpResponse:
    """Show what a set of rules would have done on hosts, and ask one."""
    now = ports().clock.now()
    one = next((each for each in addresses.sets(now) if each.name == name and each.bans), None)
    if one is None:
        raise NotFound("There is no such set of rules, or none that bans anybody.")
    if request.method == "POST":
        require(request.actor, Verb.HOST_WRITE)
        _ask(request, name, now)
        return HttpResponseRedirect(request.path)
    made = intrusions.replays_of(name)
    found = replays.shown(made, visitors.known(now, replays.banned(made)), now)
    picked = request.GET.get("replay", "")
    main = next((each for each in found if each.one.id == picked), None) or next(
        (each for each in found if each.report), found[0] if found else None
    )
    context = {
        "set": one, "main": main, "found": found, "hosts": replays.able(), "spans": replays.SPANS, "tab": "rules",
        "may_write": may(request.actor, Verb.HOST_WRITE).allowed, "waits": any(each.waits for each in found),
    }  # fmt: skip
    return render(request, "web/replays_of_rules.html", context)


def _ask(request: Request, name: str, now: float) -> None:
    host, span = request.POST.get("host", "")[:80], request.POST.get("seconds", "")
    seconds = next((each for each, _ in replays.SPANS if str(each) == span), 0.0)
    try:
        intrusions.replay(request.actor, hosts.find(host).name, name, seconds, now)
        messages.success(request, f"{host} is asked to replay {name} over its own logs.")
    except (Invalid, NotFound, Conflict) as error:
        messages.error(request, str(error))
