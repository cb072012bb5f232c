"""The pages that join rooms about attackers: an address with all it did, and rules with what is done with them."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import Invalid, NotFound
from vedette.hosts import service as hosts
from vedette.intrusions import service as intrusions
from vedette.plumbing.ports import ports
from vedette.web import addresses, replays, visitors

RULES = "/bans/rules/"


class AddressConverter:
    """An address or network in a path: `2001:db8::1`, `203.0.113.0_24`."""

    regex = r"(?=[^/]*[.:])[0-9a-fA-F:.]{2,45}(?:_[0-9]{1,3})?"

    def to_python(self, value: str) -> str:
        """Return it as it is written elsewhere."""
        return value.replace("_", "/")

    def to_url(self, value: str) -> str:
        """Return it as it stands in a path."""
        return value.replace("/", "_")


@require_safe
@needs(Verb.BAN_READ)
def address(request: Request, value: str) -> HttpResponse:
    """Show what is known of an address: what stands, what it did, what it caused, and what was decided about it."""
    try:
        told = addresses.told(value, ports().clock.now())
    except Invalid as error:
        raise NotFound(str(error)) from None
    context = {
        "told": told, "may_write": may(request.actor, Verb.BAN_WRITE).allowed,
        "may_read_issues": may(request.actor, Verb.ISSUE_READ).allowed, "here": request.path,
    }  # fmt: skip
    return render(request, "web/address.html", context)


@require_safe
@needs(Verb.BAN_READ)
def rules(request: Request) -> HttpResponse:
    """Show sets of rules: what is done with each, and what those that only simulate would have done."""
    now = ports().clock.now()
    found = addresses.sets(now)
    last = replays.shown(replays.last(intrusions.replays_of()).values(), visitors.known(now), now)
    enforced = sum(one.mode == "enforce" for one in found)
    innocents = sum(len(one.innocents) for one in found)
    context = {
        "sets": [(one, next((each for each in last if each.one.set == one.name), None)) for one in found], "modes": addresses.choices(), "hosts": [one.name for one in hosts.every()],
        "may_write": may(request.actor, Verb.HOST_WRITE).allowed, "tab": "rules",
        "title": _sentence(enforced, len(found)), "tone": "warn" if innocents else "ok" if enforced else "off",
        "text": _innocents(innocents),
    }  # fmt: skip
    return render(request, "web/rules_of_bans.html", context)


@require_POST
@needs(Verb.HOST_WRITE)
def set_mode(request: Request, name: str) -> HttpResponse:
    """Say what is done with a set of rules: on all hosts, or on one that is named."""
    mode, host, now = request.POST.get("mode", ""), request.POST.get("host", ""), ports().clock.now()
    try:
        if host:
            one = hosts.find(host[:80])
            rest = {key: value for key, value in one.modes.items() if key != name}
            hosts.settle(request.actor, one, rest if mode == "inherit" else {**rest, name: mode}, now)
        else:
            intrusions.set_mode(request.actor, name, mode, now)
        messages.success(request, f"{name}: {mode} on {host or 'all hosts'}.")
    except (Invalid, NotFound) as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(RULES)


def _sentence(enforced: int, n: int) -> str:
    if not enforced:
        return "Every set of rules only simulates."
    return f"{enforced} of {n} sets of rules {'is' if enforced == 1 else 'are'} enforced."


def _innocents(n: int) -> str:
    if n:
        return f"In the last 7 days simulation would have banned {n} {'address' if n == 1 else 'addresses'} of members: look at them before you enforce."
    return "In the last 7 days simulation would have banned nobody who is signed in here."
