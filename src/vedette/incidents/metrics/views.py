"""The page of metrics, and the same as JSON."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from vedette.accounts import service as accounts
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import parse_iso, to_datetime
from vedette.incidents.metrics import computing, gathering, shaping, verdict
from vedette.incidents.metrics.types import IncidentMetrics, IncidentMonth
from vedette.incidents.spans import span
from vedette.plumbing.ports import ports
from vedette.ui import charts, words

_WORST = 10


@require_safe
@needs(Verb.INCIDENT_READ)
def metrics(request: Request) -> HttpResponse:
    """Show how many incidents there were, how fast they ended, who was woken, and which rules cry for nothing."""
    found = gathering.metrics(ports().clock.now())
    names = accounts.user_refs([one.user for one in found.people])
    top = charts.ceiling([month.total for month in found.months])
    context = {
        "said": verdict.of_metrics(found), "metrics": found, "months": list(map(_month, found.months)),
        "columns": _columns(found), "axis": [words.short(top), words.short(top / 2), "0"], "weeks": [_day(week) for week in found.weeks],
        "people": [{"one": one, "who": names.get(one.user)} for one in found.people],
        "rules": [rule for rule in found.rules if rule.wasted][:_WORST],
        "share": round(100 * found.acted / found.told) if found.told else None, "days": gathering.ALERT_DAYS,
    }  # fmt: skip
    return render(request, "incidents/metrics.html", context)


@require_safe
@needs(Verb.INCIDENT_READ)
def metrics_json(request: Request) -> HttpResponse:
    """Return the same as JSON."""
    body = shaping.encoded(gathering.metrics(ports().clock.now()))
    return HttpResponse(body, content_type="application/json")


def _columns(found: IncidentMetrics) -> str:
    """Return the chart, the worst severity at the bottom; empty when there is nothing to draw."""
    if not any(month.total for month in found.months):
        return ""
    total = sum(month.total for month in found.months)
    sentence = f"Incidents by month and severity, {total} in {len(found.months)} months"
    drawn = charts.columns(list(computing.by_severity(found.months).values()), sentence)
    return mark_safe(drawn)  # noqa: S308 - charts escapes what it writes


def _month(month: IncidentMonth) -> dict[str, object]:
    means = month.means
    lengths = [
        None if value is None else span(value) for value in (means.detect, means.acknowledge, means.resolve)
    ]
    name = _name(month.month)
    return {"one": month, "name": name, "short": name[:3], "lengths": lengths}


def _name(month: str) -> str:
    return f"{to_datetime(parse_iso(f'{month}-01')):%b %Y}"


def _day(day: str) -> str:
    moment = to_datetime(parse_iso(day))
    return f"{moment.day} {moment:%b}"
