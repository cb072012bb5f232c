"""Making, changing and removing status pages; each with its audit entry and a new revision, in one transaction."""

from urllib.parse import urlsplit

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.service import audit
from vedette.core.errors import Invalid, NotFound
from vedette.monitors import service as monitors
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.status import drafting
from vedette.status.store import pages as store
from vedette.status.types import REVISION, TOPIC, StatusPage, StatusPageDraft

# Argon2id with 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def create(actor: Actor, draft: StatusPageDraft, now: float) -> StatusPage:
    """Make a page; raises `Invalid` by field, `Conflict` for a slug or domain that is taken, `Forbidden`.

    Choosing a domain asks for `SETTINGS_WRITE`.
    """
    require(actor, Verb.STATUS_WRITE)
    draft = _fit(draft)
    _require_domain(actor, draft, "")
    hashed = _hashed(draft.password) or ""
    with transaction():
        if store.count() >= drafting.MOST_PAGES:
            most = f"There are {drafting.MOST_PAGES} pages, which is the most; remove one first."
            raise Invalid(most, {"slug": most})
        store.add(draft, hashed, now)
        audit(actor, "status.create", f"status page {draft.slug}", {"title": draft.title}, now)
        changed(now)
    return find(draft.slug)


def update(actor: Actor, page: StatusPage, draft: StatusPageDraft, now: float) -> StatusPage:
    """Change a page; raises `Invalid` by field, `Conflict`, `Forbidden`."""
    require(actor, Verb.STATUS_WRITE)
    draft = _fit(draft)
    _require_domain(actor, draft, page.domain)
    hashed = _hashed(draft.password)
    with transaction():
        store.change(page.id, draft, hashed, now)
        detail = {"before": page.slug, "components": str(len(draft.components))}
        audit(actor, "status.update", f"status page {draft.slug}", detail, now)
        changed(now)
    return find(draft.slug)


def remove(actor: Actor, page: StatusPage, now: float) -> None:
    """Remove a page with its incidents and subscribers; raises `Forbidden`."""
    require(actor, Verb.STATUS_WRITE)
    with transaction():
        store.remove(page.id)
        audit(actor, "status.remove", f"status page {page.slug}", {"title": page.title}, now)
        changed(now)


def find(slug: str) -> StatusPage:
    """Return the page of a slug; raises `NotFound`."""
    found = store.find(slug)
    if found is None:
        raise NotFound(f"There is no status page {slug}; it may have been removed.")
    return found


def opens(page: int, password: str) -> bool:
    """Tell whether a password opens a page; takes some 20 ms of a core."""
    hashed = store.password(page)
    try:
        return bool(hashed) and _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def url(page: StatusPage) -> str:
    """Return where a page stands, with a slash at its end: at its own domain, else below ours."""
    base = ports().settings.public_url
    scheme, host = urlsplit(base).scheme or "https", domain(page)
    return f"{scheme}://{host}/" if host else f"{base}/s/{page.slug}/"


def domain(page: StatusPage) -> str:
    """Return the host at which a page alone is answered, empty for none.

    Never that of Vedette itself, which may have got its name after the page did: nobody could sign in any more.
    """
    return "" if page.domain == _own_host() else page.domain


def changed(now: float) -> None:
    """Say that words of a page are different now, in the caller's transaction."""
    ports().kv.put(REVISION, f"{now:.3f}".encode())
    on_commit(lambda: ports().bus.wake(TOPIC))


def _require_domain(actor: Actor, draft: StatusPageDraft, before: str) -> None:
    """Ask for more where a host is taken: whoever has one takes what else is answered there."""
    if draft.domain != before:
        require(actor, Verb.SETTINGS_WRITE)


def _fit(draft: StatusPageDraft) -> StatusPageDraft:
    draft = msgspec.structs.replace(
        draft, title=draft.title.strip(), text=draft.text.strip(), domain=draft.domain.strip().lower(),
        frames=" ".join(draft.frames.lower().split()),
        components=tuple(
            msgspec.structs.replace(one, name=one.name.strip(), section=one.section.strip()) for one in draft.components
        ),
    )  # fmt: skip
    there = monitors.some([one.monitor for one in draft.components])
    wrong = drafting.page_problems(draft, _own_host(), there)
    if wrong:
        raise Invalid("The page cannot be kept.", wrong)
    return draft


def _own_host() -> str:
    return urlsplit(ports().settings.public_url).hostname or ""


def _hashed(password: str | None) -> str | None:
    return _HASHER.hash(password) if password else password
