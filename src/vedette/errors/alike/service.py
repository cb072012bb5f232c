"""The verbs of likeness: remember what new issues are like, and find those like one."""

from collections.abc import Iterable, Mapping

from vedette.errors import ranks, reading
from vedette.errors.alike import store
from vedette.errors.alike.features import Likeness, features_of, likeness
from vedette.errors.alike.types import Similar, Traits
from vedette.errors.store import listing
from vedette.errors.types import Issue
from vedette.plumbing.db import sql
from vedette.projects import service as projects

MOST = 10
_NEWEST = 100  # of a feature that very many issues have
_WEIGHED = 60
_CHUNK = 250


def remember(newcomers: Iterable[Traits]) -> None:
    """Keep the features of new issues, in the caller's transaction."""
    store.add((one.id, one.project, feature) for one in newcomers for feature in features_of(one))


def similar(issue: Issue, n: int = MOST) -> tuple[Similar, ...]:
    """Return at most `n` issues of the project that are most like one, the worst of them first."""
    own = store.of_issue(issue.id)
    found = store.newest_with(issue.project, own, _NEWEST)
    likely = sorted(found, key=lambda one: (likeness(own, found[one]).score, one), reverse=True)[:_WEIGHED]
    shared = _by_owner(store.among(likely, list(own)))
    shared.pop(issue.id, None)
    likes = {one: likeness(own, features) for one, features in shared.items()}
    best = sorted((one for one in likes if likes[one].score), key=lambda one: likes[one].score)[-n:]
    return _told(best, likes)


def _by_owner(shared: Mapping[int, set[int]]) -> dict[int, set[int]]:
    """Let what groups share count for the issues they belong to."""
    owners, found = store.owners(list(shared)), dict[int, set[int]]()
    for one, features in shared.items():
        found.setdefault(owners.get(one, one), set()).update(features)
    return found


def _told(best: list[int], likes: Mapping[int, Likeness]) -> tuple[Similar, ...]:
    named = listing.by_id(best, reading.by_id()) if best else {}
    told = [Similar(named[one], likes[one].score, likes[one].reason) for one in best if one in named]
    worst = sorted(told, key=lambda one: (ranks.rank(one.issue.state, one.issue.level), one.score))
    return tuple(reversed(worst))


def catch_up(n: int = 1_000) -> int:
    """Give features to at most about `n` issues from before there were any; return how many got some."""
    done = 0
    while done < n and (up_to := store.left()):
        chunk = store.traits(up_to, _CHUNK)
        made = [(one.id, one.project, feature) for one in chunk for feature in features_of(one)]
        with sql.transaction():
            store.add(made)
            store.go_on(chunk[-1].id if chunk else 1)
        done += len(chunk)
    return done


projects.on_delete(store.forget_project)
