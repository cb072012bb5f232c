"""The page of the audit log."""

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vedette.accounts import auditing
from vedette.accounts.forms import AuditFilter
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.accounts.types import AuditEntry
from vedette.plumbing.ports import ports
from vedette.ui.pager import Page

_DAY = 86_400.0


class Line(msgspec.Struct, frozen=True):
    """An entry as the page shows it."""

    entry: AuditEntry
    detail: str


@require_safe
@needs(Verb.AUDIT_READ)
def page(request: Request) -> HttpResponse:
    """Show who did what, newest first, as filtered."""
    form = AuditFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    days = int(asked.get("days") or 0)
    found = auditing.audit_page(
        action=str(asked.get("action", "")),
        actor=str(asked.get("actor", "")),
        subject=str(asked.get("subject", "")),
        start=ports().clock.now() - days * _DAY if days else None,
        cursor=request.GET.get("cursor") or None,
    )
    lines = [Line(entry, _words(entry)) for entry in found.entries]
    shown = {
        "lines": lines,
        "page": Page(lines, found.cursor),
        "actions": auditing.audit_actions(),
        "asked": asked,
        "filtered": bool(days or any(asked.get(name) for name in ("action", "actor", "subject"))),
        "days": days,
    }
    return render(request, "accounts/audit_log.html", shown)


def _words(entry: AuditEntry) -> str:
    return ", ".join(f"{name} {value}" for name, value in entry.detail.items())
