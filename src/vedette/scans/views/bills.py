"""The pages of bills: what a target was made of, and what changed between two releases."""

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.plumbing.ports import ports
from vedette.scans import service
from vedette.scans.types import Bill
from vedette.wire.scan import Component

_MOST = 500


class Change(msgspec.Struct, frozen=True):
    """What changed of a package, as a list shows it."""

    tone: str
    word: str
    name: str
    ecosystem: str
    text: str


@require_safe
@needs(Verb.FINDING_READ)
def bill(request: Request, number: int) -> HttpResponse:
    """Show what a target was made of."""
    found = service.bill(number)
    asked = request.GET.get("q", "")[:100].strip().lower()
    parts = [one for one in service.components(number) if asked in one.name.lower()]
    bills = service.bills(found.target)
    context = {
        "bill": found, "target": service.target(found.target), "rows": parts[:_MOST], "left": max(0, len(parts) - _MOST),
        "q": asked, "others": [one for one in bills if one.id != number],
    }  # fmt: skip
    return render(request, "scans/bill.html", context)


@require_safe
@needs(Verb.FINDING_READ)
def compared(request: Request, before: int, after: int) -> HttpResponse:
    """Show what changed from one bill to another: weaknesses that came and went first, then packages."""
    found = service.compared(before, after, ports().clock.now())
    changes = found.difference
    rows = [
        *(Change("warn" if one.way == "downgraded" else "ok" if one.way == "upgraded" else "off", one.way.capitalize(), one.name,
                 one.ecosystem, f"{one.before} → {one.now}") for one in changes.moved),
        *(_change("off", "Added", one) for one in changes.added),
        *(_change("off", "Removed", one) for one in changes.removed),
    ]  # fmt: skip
    context = {
        "found": found, "target": service.target(found.now.target), "rows": rows[:_MOST], "left": max(0, len(rows) - _MOST),
        "title": _title(len(found.gained), len(found.lost), len(rows)), "tone": _tone(len(found.gained), bool(found.unknown)),
        "before": named(found.before), "after": named(found.now),
    }  # fmt: skip
    return render(request, "scans/bills.html", context)


def named(one: Bill) -> str:
    """Return what a bill is called: its release, else its number."""
    return one.release or f"bill {one.id}"


def _change(tone: str, word: str, one: Component) -> Change:
    return Change(tone, word, one.name, one.ecosystem, one.version)


def _title(gained: int, lost: int, changed: int) -> str:
    if gained:
        return f"{gained:,} {'weakness' if gained == 1 else 'weaknesses'} came with it" + (
            f", {lost:,} went" if lost else ""
        )
    if lost:
        return f"{lost:,} {'weakness' if lost == 1 else 'weaknesses'} went, and none came"
    return (
        f"{changed:,} {'package' if changed == 1 else 'packages'} changed" if changed else "Nothing changed"
    )


def _tone(gained: int, blind: bool) -> str:
    return "warn" if gained or blind else "ok"
