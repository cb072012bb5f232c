"""Merge issues into one, and make issues of its groups again: each act with its history, audit entries and moment.

The pieces (`begin`, `join`, `finish`; `part`) are for use within a transaction: few issues go in one, many in a job.
"""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core import ids
from vedette.core.errors import Invalid, NotFound
from vedette.errors import acting, merging, shortid, signal, triaging
from vedette.errors.acting import key_of
from vedette.errors.lifecycle import Standing
from vedette.errors.store import groups, standing, story
from vedette.errors.store import issues as store
from vedette.errors.store.groups import Group
from vedette.errors.store.standing import Stored
from vedette.errors.store.story import Before, Line
from vedette.errors.types import Done, GroupPage
from vedette.errors.types import Group as Shown
from vedette.notify import service as notify
from vedette.plumbing.db import sql
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.signals import service as signals
from vedette.ui import pager

MOST_AT_ONCE = 100
_NAMED = 5


def merge(actor: Actor, short_ids: Sequence[str], into: str, now: float) -> Done:
    """Merge at most `MOST_AT_ONCE` issues into one, in one transaction; see `service.merge`."""
    require(actor, Verb.ISSUE_WRITE)
    token = ids.new_id()
    with sql.transaction():
        target, others = chosen(short_ids, into)
        begin(actor, target, others, token, now)
        join(actor, target.id, [other.id for other in others], token, now)
        finish(target.id)
    acting.wake([target, *others])
    key = key_of(target, slugs())
    return Done((key,), f"{len(others) + 1} issues are one now: {key}.", token)


def slugs() -> Mapping[int, str]:
    """Return the names of projects in keys, by id."""
    return {project.id: project.slug for project in projects.projects()}


def chosen(short_ids: Sequence[str], into: str) -> tuple[Stored, list[Stored]]:
    """Return the issue that remains and those that go into it; raises `Invalid` and `NotFound`."""
    found = {stored.id: stored for _, stored in acting.named([*short_ids, *([into] if into else [])])}
    return _checked(found, acting.named([into])[0][1].id if into else store.oldest(list(found)))


def chosen_of(found: Sequence[int]) -> tuple[Stored, list[Stored]]:
    """Return the oldest of issues (by id) and the others; raises `Invalid`."""
    return _checked(standing.by_ids(found), store.oldest(found))


def _checked(found: dict[int, Stored], remains: int) -> tuple[Stored, list[Stored]]:
    if len(found) < 2:
        raise Invalid(
            "Two different issues or more can be merged; name another one.",
            {"ids": "too few", "into": "the same"},
        )
    if len({stored.project for stored in found.values()}) > 1:
        raise Invalid(
            "Issues of one project can be merged; these are of several.", {"ids": "of several projects"}
        )
    return found.pop(remains), list(found.values())


def begin(actor: Actor, target: Stored, others: Sequence[Stored], token: str, now: float) -> None:
    """Write into the history of the issue that remains what is merged into it; `token` takes it back."""
    keys = slugs()
    named = [key_of(other, keys) for other in others]
    text = f"merged {_listed(named)} into it"
    after = merging.joined(target.standing, [other.standing for other in others], now).standing
    before = Before(target.standing, target.assignee, after, target.assignee)
    standing.write(target.id, target.level, after, target.assignee)
    _tell(actor, target, "joined", text, now, token=token, before=before)
    key = key_of(target, keys)
    accounts.audit(actor, "issue.merge", key, {"what": text}, now)
    notify.follow_joined(named, key, now)
    told = f"{acting.who_of(actor)} merged {_listed(named)} into {key}: {target.title}"
    signals.record([signal.moment("issue.merged", key, told, target.project, now)])


def join(actor: Actor, target: int, others: Sequence[int], token: str, now: float) -> None:
    """Move issues into another one, each with a line of its own history; its counts are right after `finish`."""
    keys = slugs()
    into = standing.by_ids([target])[target]
    moved = standing.by_ids(others)
    text = f"merged it into {key_of(into, keys)}"
    story.add([_line(actor, one, "merged", text, now) for one in moved])
    accounts.audit_many(
        actor, [("issue.merge", key_of(other, keys), {"what": text}) for other in moved.values()], now
    )
    groups.join(target, list(moved), token, now)


def finish(issue: int) -> None:
    """Make the counts of an issue right after groups came or went."""
    before = standing.by_ids([issue])[issue]
    groups.recount(issue)
    settle(before)


def settle(before: Stored) -> None:
    """Let a mute that counts end after as many events and users as it had left `before` groups came or went."""
    now_stands = standing.by_ids([before.id])[before.id]
    counted = now_stands.standing
    kept = merging.recounted(before.standing, counted.events, counted.users)
    if kept.mute_usual is not None:  # it is used to what its groups are used to
        usual = triaging.usuals([before.id], ports().clock.now())[before.id]
        kept = msgspec.structs.replace(kept, mute_usual=max(kept.mute_usual, usual))
    standing.write(before.id, now_stands.level, kept, now_stands.assignee)


def split(actor: Actor, short_id: str, group_keys: Sequence[str], now: float) -> Done:
    """Make issues of groups of an issue; see `service.split`."""
    require(actor, Verb.ISSUE_WRITE)
    if not 1 <= len(group_keys) <= MOST_AT_ONCE:
        raise Invalid(f"1 to {MOST_AT_ONCE} groups are split off at once.", {"groups": "too few or too many"})
    with sql.transaction():
        ((key, issue),) = acting.named([short_id])
        found = _groups(issue, key, group_keys)
        keys = part(actor, found, f"split it off {key}", now)
        _tell(actor, issue, "split", f"split off {_listed(keys)}", now)
        finish(issue.id)
    acting.wake([issue])
    return Done((key, *keys), f"{_listed(keys)} {'is' if len(keys) == 1 else 'are'} separate again.", "")


def _groups(issue: Stored, key: str, group_keys: Sequence[str]) -> list[Group]:
    """Return groups of an issue by their keys; raises `NotFound` for the first that is none of its."""
    parsed = [shortid.parse(one) for one in group_keys]
    slug = slugs().get(issue.project, "")
    numbers = [one[1] if one is not None and one[0] == slug and one[1] < 2**31 else 0 for one in parsed]
    found = groups.by_numbers(issue.id, numbers)
    known = {group.number for group in found}
    missing = next(
        (name for name, number in zip(group_keys, numbers, strict=True) if number not in known), None
    )
    if missing is not None:
        raise NotFound(f"{key} has no group {missing[:60]} that could be split off.")
    return found


def part(actor: Actor, found: Sequence[Group], text: str, now: float) -> list[str]:
    """Make issues of groups again, those that came from one issue together; return their keys.

    The counts of the issue they leave are right after `finish`.
    """
    together: dict[int, list[Group]] = {}
    for group in found:
        together.setdefault(group.came_from, []).append(group)
    several = {
        home: [one.id for one in some]
        for home, some in together.items()
        if len(some) > 1 and home in {one.id for one in some}
    }
    inside = {one for some in several.values() for one in some}
    singles = [group.id for group in found if group.id not in inside]
    bases = {group.id: group for group in found}
    groups.part(singles, several)
    keys = slugs()
    made = standing.by_ids([*singles, *several])
    standing.write_all(
        (one.id, one.level, _stands(one, bases[one.id], now), one.assignee) for one in made.values()
    )
    entries = [("issue.split", key_of(stored, keys), {"what": text}) for stored in made.values()]
    accounts.audit_many(actor, entries, now)
    story.add([_line(actor, one, "split", text, now) for one in made])
    return sorted(key_of(stored, keys) for stored in made.values())


def _stands(stored: Stored, base: Group, now: float) -> Standing:
    """Return how a group stands as an issue again; its last release counts where it waits for one."""
    counts, waits = (base.base_events, base.base_users), stored.standing.awaits_release
    last = triaging.releases()(stored.project, base.last_release) if waits and base.last_release else None
    return merging.parted(stored.standing, counts, base.last_seen, now, last).standing


def is_merge(token: str) -> bool:
    """Tell whether this token takes back a merge."""
    return bool(groups.of_act(token, 1))


def undo(actor: Actor, token: str, now: float) -> Done:
    """Take a merge back: its issues are as before, with the events that came for them since."""
    require(actor, Verb.ISSUE_WRITE)
    with sql.transaction():
        found = groups.of_act(token, MOST_AT_ONCE + 1)
        if not found:
            raise NotFound("This cannot be taken back any more.")
        issue = standing.by_ids([found[0].issue])[found[0].issue]
        keys = part(actor, found, f"split it off {key_of(issue, slugs())}: the merge was taken back", now)
        end(actor, issue, token, f"took back: merged {_listed(keys)} into it", now)
    acting.wake([issue])
    return Done((key_of(issue, slugs()), *keys), f"{len(keys) + 1} issues as before.", "")


def end(actor: Actor, issue: Stored, token: str, text: str, now: float) -> None:
    """Finish taking a merge back: counts, and how the issue stood."""
    finish(issue.id)
    close(actor, issue, token, text, now)


def close(actor: Actor, issue: Stored, token: str, text: str, now: float) -> None:
    """Let an issue stand as before a merge that was taken back, and say so."""
    line = next((line for line in story.of_act(token, [issue.id])), None)
    left = standing.by_ids([issue.id])[issue.id]
    if line is not None and line.before is not None:
        back = merging.taken_back(left.standing, line.before.standing, line.before.after)
        standing.write(left.id, left.level, back, left.assignee)
    story.close(token)
    _tell(actor, issue, "undone", text, now)


def _tell(
    actor: Actor, issue: Stored, kind: str, text: str, now: float, *, token: str = "", before: Before | None = None
) -> None:  # fmt: skip
    line = _line(actor, issue.id, kind, text, now)
    story.add([msgspec.structs.replace(line, act=token, before=before)])


def _line(actor: Actor, issue: int, kind: str, text: str, now: float) -> Line:
    return Line(
        issue=issue, at=now, kind=kind, user=acting.user_of(actor), who=acting.who_of(actor), text=text
    )


def _listed(keys: Sequence[str]) -> str:
    """Return a few keys as words, of many how many there are."""
    if len(keys) > _NAMED:
        return f"{len(keys)} issues"
    return " and ".join(filter(None, (", ".join(keys[:-1]), keys[-1])))


def page(issue: int, slug: str, cursor: str | None, n: int) -> GroupPage:
    """Return a page of the groups of an issue; see `service.groups`."""
    after = pager.decode(cursor, tuple[int, int]) if cursor is not None else None
    found = groups.of_issue(issue, n + 1, after)
    hashes = groups.hashes([group.id for group in found])
    shown = tuple(
        Shown(
            key=shortid.short_id(slug, group.number), title=group.title, level=group.level, component=group.component,
            hashes=tuple(sorted(hash_.hex() for hash_ in hashes.get(group.id, []))), events=group.events, users=group.users,
            first_seen=group.first_seen, last_seen=group.last_seen, joined_at=group.joined_at, own=group.id == group.issue,
        )
        for group in found[:n]
    )  # fmt: skip
    last = found[n - 1] if len(found) > n else None
    return GroupPage(shown, groups.size(issue), pager.encode(last.events, last.id) if last else None)
