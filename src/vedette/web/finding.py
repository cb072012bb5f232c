"""What the palette finds beside the pages: saved searches, findings by package, check or advisory, plans of backups, infrastructure, issues, projects and people, each only for those who may see it."""

import functools
from collections.abc import Iterator
from urllib.parse import quote

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, may
from vedette.core.errors import Unavailable
from vedette.deploy import service as deploy
from vedette.errors import service as errors
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.scans import service as scans
from vedette.web import glance

ISSUES, PROJECTS, PEOPLE, SEARCHES, FINDINGS, PLANS = 6, 3, 3, 3, 4, 3
LONGEST = 100


class Hit(msgspec.Struct, frozen=True):
    """Something that was found: where it is, its icon, its name, and what it is."""

    href: str
    icon: str
    text: str
    note: str


def find(actor: Actor, text: str) -> tuple[Hit, ...]:
    """Return what a member may see of what matches a text, the most likely first."""
    text = text.strip()[:LONGEST]
    if not text:
        return ()
    kinds = (
        (Verb.ISSUE_READ, functools.partial(_searches, actor)),
        (Verb.PROJECT_READ, _projects),
        (Verb.USER_READ, _people),
        (Verb.FINDING_READ, _findings),
        (Verb.BACKUP_READ, _plans),
        (Verb.INFRA_READ, _infrastructure),
        (Verb.ISSUE_READ, _issues),
    )
    return tuple(hit for verb, among in kinds if may(actor, verb).allowed for hit in among(text))


def _issues(text: str) -> Iterator[Hit]:
    """Yield issues; a search that takes too long finds none, the pages found so far still show."""
    try:
        found = errors.find(text, ISSUES)
    except Unavailable:
        return
    for issue in found:
        yield Hit(f"/issues/{issue.short_id}/", "bug", issue.title, issue.short_id)


def _findings(text: str) -> Iterator[Hit]:
    for known in scans.named(text, FINDINGS):
        yield Hit(f"/findings/{known.id}/", "octagon-alert", known.finding.title, f"{known.severity} finding")


def _plans(text: str) -> Iterator[Hit]:
    known = [one.known for one in glance.plans(ports().clock.now())]
    for found in [one for one in known if one.plan.name.startswith(text.lower())][:PLANS]:
        yield Hit(f"/backups/{found.id}/", "archive-restore", found.plan.name, "backups")


def _infrastructure(text: str) -> Iterator[Hit]:
    for number, name in [one for one in deploy.names().items() if one[1].startswith(text.lower())][:PLANS]:
        yield Hit(f"/infrastructure/{number}/", "network", name, "infrastructure")


def _searches(actor: Actor, text: str) -> Iterator[Hit]:
    named = [one for one in errors.searches(actor) if _begins(text.lower(), one.name)]
    for found in named[:SEARCHES]:
        yield Hit(found.href, "star", found.name, "saved search")


def _projects(text: str) -> Iterator[Hit]:
    low = text.lower()
    named = [p for p in projects.projects() if _begins(low, p.name) or p.slug.startswith(low)]
    for project in named[:PROJECTS]:
        yield Hit(f"/issues/?project={project.slug}", "package", project.name, "issues")
        yield Hit(f"/settings/projects/{project.slug}/", "settings", project.name, "settings")


def _people(text: str) -> Iterator[Hit]:
    low = text.lower()
    named = [
        one
        for one in accounts.user_refs().values()
        if _begins(low, one.name) or one.email.lower().startswith(low)
    ]
    for person in named[:PEOPLE]:
        yield Hit(f"/issues/?q={quote(f'assigned:{person.email}')}", "user", person.name, "assigned issues")


def _begins(low: str, name: str) -> bool:
    """Tell whether a name, or a word of it, begins with a text."""
    return f" {name.lower()}".find(f" {low}") >= 0
