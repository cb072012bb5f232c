"""Find issues for somebody who types: by the beginning of their key, else by the beginnings of words."""

from vedette.errors import reading, shortid
from vedette.errors.store import listing
from vedette.errors.types import Issue, Query, Sort, Term
from vedette.plumbing.db import sql
from vedette.plumbing.ports import ports

SHORTEST = 3
LONGEST = 100
_MOST_WORDS = 6
_SECONDS = 0.5


def find(text: str, n: int) -> tuple[Issue, ...]:
    """Return up to `n` issues; see `service.find`."""
    known = reading.by_id()
    with sql.reading(_SECONDS):
        begun = shortid.begun(text[:LONGEST])
        project = next((p for p in known.values() if begun and p.slug == begun[0]), None)
        if begun and project:
            return tuple(listing.by_numbers(project, begun[1], n))
        words = [word for word in text[:LONGEST].split() if sum(map(str.isalnum, word)) >= SHORTEST]
        if not words:
            return ()
        query = Query(tuple(Term("text", word) for word in words[:_MOST_WORDS]))
        found, _ = listing.page(
            query, known, project=None, sort=Sort.WORST, cursor=None, n=n, now=ports().clock.now()
        )
    return tuple(found)
