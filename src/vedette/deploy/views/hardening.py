"""The pages of hardening: all hosts, the worst first, and one with its areas, waivers and what changed since."""

from collections.abc import Mapping

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.core.errors import Conflict, Invalid
from vedette.deploy import service
from vedette.deploy.types import Deed, HardenedArea, HardenedHost
from vedette.deploy.views import common, saying
from vedette.hosts import service as hosts

_DEEDS = {Deed.REVERT.value: Deed.REVERT, Deed.ADOPT.value: Deed.ADOPT}
_KEYS, _LONGEST = 200, 300


class HostRow(msgspec.Struct, frozen=True):
    """A host as the list shows it."""

    one: HardenedHost
    name: str
    href: str
    tone: str
    word: str
    scores: str


class AreaRow(msgspec.Struct, frozen=True):
    """An area: how many of its checks pass."""

    name: str
    passed: int
    of: int
    failed: int
    waived: int
    sentence: str


@require_safe
@needs(Verb.INFRA_READ)
def every(request: Request) -> HttpResponse:
    """Answer: is every host as hardening left it? The worst first."""
    names = {one.id: one.name for one in hosts.every()}
    known = {one.host: one for one in service.hosts()}
    found = sorted((known.get(key, HardenedHost(host=key)) for key in names), key=saying.badness)
    context = {
        "said": saying.of_hosts(found, len(names)), "rows": [_row(each, names) for each in found],
        "sections": common.sections("hosts/"), **common.rights(request),
    }  # fmt: skip
    return render(request, "deploy/hardening.html", context)


@require_safe
@needs(Verb.INFRA_READ)
def one(request: Request, host: int) -> HttpResponse:
    """Show how one host is hardened, what changed since, and the command that runs it again."""
    name = hosts.find(str(host)).name
    found = service.host(host) or HardenedHost(host=host)
    tone, word = saying.of_host_row(found)
    today = iso(common.now())[:10]
    context = {
        "said": saying.of_host(found, name), "one": found, "page": f"{common.PAGE}hosts/{host}/", "name": name, "tone": tone, "word": word,
        "areas": sorted((_area(each) for each in found.areas), key=lambda each: (-each.failed, each.name)),
        "waived": [(each, each.until < today) for each in found.waived], "sections": common.sections("hosts/"),
        "waits": common.run_rows(service.host_runs(host)), "again": f"vedette harden root@{name}", "undo": f"vedette harden --undo root@{name}", **common.rights(request),
    }  # fmt: skip
    return render(request, "deploy/hardened.html", context)


@require_POST
@needs(Verb.INFRA_APPLY)
def act(request: Request, host: int) -> HttpResponse:
    """Have a host put back what hardening set (`revert`), or take what is there for what should be (`adopt`): one thing, or all."""
    deed = _DEEDS.get(request.POST.get("deed", ""))
    if deed is None:
        raise Invalid("It is reverted or adopted.", {"deed": "another one"})
    keys = [each[:_LONGEST] for each in request.POST.getlist("key")[:_KEYS] if each]
    try:
        run = service.ask_host(request.actor, host, deed, keys, common.now())
    except (Conflict, Invalid) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(f"{common.PAGE}hosts/{host}/")
    return HttpResponseRedirect(f"{common.PAGE}runs/{run.id}/")


def _row(one: HardenedHost, names: Mapping[int, str]) -> HostRow:
    return HostRow(
        one,
        names[one.host],
        f"{common.PAGE}hosts/{one.host}/",
        *saying.of_host_row(one),
        saying.scores(one).rstrip("."),
    )


def _area(one: HardenedArea) -> AreaRow:
    return AreaRow(one.name, one.passed, one.passed + one.failed, one.failed, one.waived, one.sentence)
