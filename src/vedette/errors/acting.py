"""What people do to issues: each act is one transaction with its history, its audit entry and its moment."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, ActorKind, Verb, require
from vedette.core import ids
from vedette.core.errors import Invalid, NotFound
from vedette.errors import lifecycle, releasing, shortid, signal, triaging
from vedette.errors.lifecycle import Known
from vedette.errors.releasing import Fix, Release
from vedette.errors.store import groups, standing, story
from vedette.errors.store.standing import Stored
from vedette.errors.store.story import Before, Line
from vedette.errors.types import (
    ISSUES_TOPIC,
    Action,
    Assign,
    Done,
    Entry,
    Fixed,
    Mute,
    Reopen,
    Resolve,
    Transition,
)
from vedette.notify import service as notify
from vedette.plumbing.db import sql
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.signals import service as signals
from vedette.signals.types import Signal

MOST_AT_ONCE = 500
LONGEST_COMMENT = 4_000
_KINDS: dict[type[Action], str] = {Resolve: "resolved", Reopen: "reopened", Mute: "muted", Assign: "assigned"}
_VERBS = {"resolved": "resolve", "reopened": "reopen", "muted": "mute", "assigned": "assign"}
_TOLD = frozenset({"resolved", "reopened", "muted"})
_AGES = 500


class _Change(msgspec.Struct, frozen=True):
    """An issue and how it stands after an act."""

    key: str
    stored: Stored
    before: Before

    @property
    def is_any(self) -> bool:
        """Say whether the act changes anything."""
        return self.before.standing != self.before.after or self.before.assignee != self.before.after_assignee


def act(actor: Actor, short_ids: Sequence[str], action: Action, now: float) -> Done:
    """Resolve, reopen, mute or assign issues; see `service.act`."""
    require(actor, Verb.ISSUE_WRITE)
    if len(short_ids) > MOST_AT_ONCE:
        raise Invalid(f"At most {MOST_AT_ONCE} issues at once.", {"ids": "too many"})
    check(action, now)
    token = ids.new_id()
    with sql.transaction():
        keys = apply(actor, [stored for _, stored in named(short_ids)], action, token, now)
    if not keys:
        return Done((), "Nothing changed.", "")
    return Done(keys, f"{_subject(keys)} {_done(action)}.", token)


def apply(
    actor: Actor, found: Sequence[Stored], action: Action, token: str, now: float, *, quiet: bool = False
) -> tuple[str, ...]:  # fmt: skip
    """Do one thing to issues within a transaction; return the keys of those that changed.

    `quiet` writes their history and nothing else: whoever acts on very many tells of it once.
    """
    kind, text = _KINDS[type(action)], text_of(action)
    slugs = {project.id: project.slug for project in projects.projects()}
    known = triaging.known_of(found, action, now)
    changes = [_change(key_of(one, slugs), one, action, now, known.get(one.id, Known())) for one in found]
    changed = [change for change in changes if change.is_any]
    told = [(change, kind, text + _where_of(change, action)) for change in changed]
    (_keep if quiet else _write)(actor, told, token, now)
    sql.on_commit(lambda: wake([change.stored for change in changed]))
    return tuple(change.key for change in changed)


def undo(actor: Actor, token: str, now: float) -> Done:
    """Take back an act; see `service.undo`."""
    require(actor, Verb.ISSUE_WRITE)
    with sql.transaction():
        lines = [line for line in story.of_act(token) if line.before is not None]
        if not lines:
            raise NotFound("This cannot be taken back any more.")
        keys = take_back(actor, lines, now)
        story.close(token)
    return Done(
        keys, f"{_subject(keys)} as before." if keys else "It changed meanwhile and stays as it is.", ""
    )


def take_back(actor: Actor, lines: Sequence[Line], now: float, job: str = "") -> tuple[str, ...]:
    """Take back what lines of history did, within a transaction; return the keys of the issues that are as before.

    A `job` that takes very many back writes their history and nothing else.
    """
    found = standing.by_ids([line.issue for line in lines])
    slugs = {project.id: project.slug for project in projects.projects()}
    restored = [pair for line in lines if (pair := _restored(line, found, slugs))]
    told = [(change, "undone", f"took back: {line.text}") for change, line in restored]
    if job:
        _keep(actor, told, job, now, last=True)
    else:
        _write(actor, told, "", now)
    sql.on_commit(lambda: wake([change.stored for change, _ in restored]))
    return tuple(change.key for change, _ in restored)


def comment(actor: Actor, short_id: str, text: str, now: float) -> Entry:
    """Add a comment; see `service.comment`."""
    require(actor, Verb.ISSUE_WRITE)
    text = text.strip()
    if not 1 <= len(text) <= LONGEST_COMMENT:
        raise Invalid(f"A comment has 1 to {LONGEST_COMMENT} characters.", {"text": "too short or too long"})
    with sql.transaction():
        ((key, stored),) = named([short_id])
        line = Line(
            issue=stored.id, at=now, kind="comment", user=user_of(actor), who=who_of(actor), text=text
        )
        story.add([line])
        accounts.audit(actor, "issue.comment", key, {}, now)
        _tell_commented(actor, key, stored, text, now)
    wake([stored])
    return entry(story.of_issue(stored.id, 1)[0])


def _tell_commented(actor: Actor, key: str, stored: Stored, text: str, now: float) -> None:
    """Tell whom a comment concerns; whoever comments follows the issue from then on."""
    told = signal.Told(
        title=stored.title, project=stored.project, who=who_of(actor), act=ids.new_id(), by=user_of(actor),
        assignee=stored.assignee, comment=text,
    )  # fmt: skip
    signals.publish([signal.of_act("issue.commented", key, told, "commented", now)], now)
    if user_of(actor) is not None:
        notify.follow(actor, key, now)


def entry(line: Line) -> Entry:
    """Return a line of history as it is shown."""
    return Entry(
        id=line.id, at=line.at, kind=line.kind, user=line.user, who=line.who, text=line.text,
        undo=line.act if line.before else "",
    )  # fmt: skip


def age(now: float) -> int:
    """Reopen mutes that ended and let what was new become old; return how many mutes ended."""
    ended = 0
    while True:
        with sql.transaction():
            due = standing.aging(now - lifecycle.NEW_FOR, now - lifecycle.REGRESSED_FOR, now, _AGES)
            unmuted = [stored for stored in due if _aged(stored, now)]
            _tell_unmuted(unmuted, now)
        wake(due)
        ended += len(unmuted)
        if len(due) < _AGES:
            return ended


def _aged(stored: Stored, now: float) -> bool:
    """Write what time did to an issue; tell whether its mute ended."""
    step = lifecycle.aged(stored.standing, now)
    standing.write(stored.id, stored.level, step.standing, stored.assignee)
    if step.transition is not Transition.UNMUTED:
        return False
    story.add([Line(issue=stored.id, at=now, kind="unmuted", text=step.reason.rstrip("."))])
    return True


def _tell_unmuted(unmuted: Sequence[Stored], now: float) -> None:
    slugs = {project.id: project.slug for project in projects.projects()} if unmuted else {}
    signals.record(
        [
            signal.moment("issue.unmuted", key_of(stored, slugs), f"No longer muted: {stored.title}", stored.project, now)
            for stored in unmuted
        ]
    )  # fmt: skip


def check(action: Action, now: float) -> None:
    """Raise `Invalid` for an act that makes no sense."""
    who = action.user if isinstance(action, Assign) else None
    if who is not None and who not in accounts.user_refs([who]):
        raise Invalid(f"There is no user {who}.", {"assignee": "unknown"})
    if isinstance(action, Mute):
        if action.until is not None and action.until <= now:
            raise Invalid("A mute ends in the future.", {"until": "in the past"})
        counts = [count for count in (action.events, action.users) if count is not None]
        if any(not 1 <= count <= 1_000_000_000 for count in counts):
            raise Invalid("A mute ends after 1 event or user, or more.", {"events": "out of range"})
    if isinstance(action, Resolve) and (action.fixed is Fixed.RELEASE) != (0 < len(action.release) <= 200):
        raise Invalid(
            "Name the release that has the fix, in at most 200 characters.",
            {
                "release": "missing or too long"
                if action.fixed is Fixed.RELEASE
                else "goes with a named release"
            },
        )


def named(short_ids: Sequence[str]) -> list[tuple[str, Stored]]:
    """Return issues by their keys, each once, or what they were merged into; raises `NotFound` for the first unknown."""
    slugs = {project.slug: project.id for project in projects.projects()}
    asked = {}
    for key in short_ids:
        parsed = shortid.parse(key)
        if parsed is None or parsed[0] not in slugs:
            raise NotFound(f"There is no issue {key[:60]}.")
        asked[slugs[parsed[0]], parsed[1]] = shortid.short_id(*parsed)
    found = standing.by_numbers(asked)
    missing = {place: key for place, key in asked.items() if place not in found}
    merged = _owners(missing)
    direct = {stored.id: (asked[place], stored) for place, stored in found.items()}
    by_id = {project: slug for slug, project in slugs.items()}
    return list(({one.id: (key_of(one, by_id), one) for one in merged} | direct).values())


def _owners(missing: Mapping[tuple[int, int], str]) -> list[Stored]:
    """Return the issues into which others were merged, by (project, number)."""
    found = groups.owners(list(missing))
    unknown = next((key for place, key in missing.items() if place not in found), None)
    if unknown is not None:
        raise NotFound(f"There is no issue {unknown}.")
    return list(standing.by_ids(list({*found.values()})).values())


def _change(key: str, stored: Stored, action: Action, now: float, known: Known) -> _Change:
    if isinstance(action, Assign):
        return _Change(key, stored, Before(stored.standing, stored.assignee, stored.standing, action.user))
    after = lifecycle.decided(stored.standing, action, now, known)
    return _Change(key, stored, Before(stored.standing, stored.assignee, after, stored.assignee))


def _restored(line: Line, found: dict[int, Stored], slugs: dict[int, str]) -> tuple[_Change, Line] | None:
    """Return the change that takes a line's act back; None when the issue stands otherwise meanwhile."""
    stored, before = found.get(line.issue), line.before
    if stored is None or before is None:
        return None
    same = (stored.standing.state, stored.standing.changed_at, stored.assignee) == (
        before.after.state, before.after.changed_at, before.after_assignee,
    )  # fmt: skip
    if not same:
        return None
    counted = msgspec.structs.replace(
        before.standing, events=stored.standing.events, users=stored.standing.users
    )
    back = Before(stored.standing, stored.assignee, counted, before.assignee)
    return _Change(key_of(stored, slugs), stored, back), line


def key_of(stored: Stored, slugs: Mapping[int, str]) -> str:
    """Return the human key of an issue; `slugs` names projects by id."""
    return shortid.short_id(slugs.get(stored.project, f"project-{stored.project}"), stored.number)


def _write(actor: Actor, changes: Sequence[tuple[_Change, str, str]], token: str, now: float) -> None:
    """Write changes, each with the kind and the text of its line of history; `token` takes them back."""
    told = _keep(actor, changes, token, now)
    entries = [(f"issue.{_VERBS.get(kind, kind)}", change.key, {"what": text}) for change, kind, text in told]
    accounts.audit_many(actor, entries, now)
    if token:
        given = [(change, text) for change, kind, text in told if kind == "assigned"]
        signals.publish([_given(actor, change, text, token, now) for change, text in given], now)
    who = who_of(actor)
    signals.record(
        [
            signal.moment(f"issue.{kind}", change.key, f"{who} {text}: {change.stored.title}", change.stored.project, now)
            for change, kind, text in told
            if kind in _TOLD
        ]
    )  # fmt: skip


def _keep(
    actor: Actor, changes: Sequence[tuple[_Change, str, str]], token: str, now: float, *, last: bool = False
) -> list[tuple[_Change, str, str]]:  # fmt: skip
    """Write how issues stand and their lines of history; return the changes. The `last` cannot be taken back."""
    told = [(change, _kind(change, kind), text) for change, kind, text in changes]
    standing.write_all(
        (one.stored.id, one.stored.level, one.before.after, one.before.after_assignee) for one, _, _ in told
    )
    lines = [_line(actor, one, token, now) for one in told]
    story.add([msgspec.structs.replace(line, before=None) for line in lines] if last else lines)
    return told


def _kind(change: _Change, kind: str) -> str:
    return "unassigned" if kind == "assigned" and change.before.after_assignee is None else kind


def _line(actor: Actor, told: tuple[_Change, str, str], token: str, now: float) -> Line:
    change, kind, text = told
    return Line(
        issue=change.stored.id, at=now, kind=kind, user=user_of(actor), who=who_of(actor), text=text, act=token,
        before=change.before if token else None,
    )  # fmt: skip


def _given(actor: Actor, change: _Change, text: str, token: str, now: float) -> Signal:
    """Return the signal for whom an issue was assigned to."""
    stored = change.stored
    given = signal.Told(
        title=stored.title, project=stored.project, who=who_of(actor), act=f"{token}.{stored.id}", by=user_of(actor),
        assignee=change.before.after_assignee,
    )  # fmt: skip
    return signal.of_act("issue.assigned", change.key, given, text, now)


def user_of(actor: Actor) -> int | None:
    """Return the user an actor is; None for Vedette itself."""
    return actor.id if actor.kind in {ActorKind.USER, ActorKind.TOKEN} and actor.id else None


def who_of(actor: Actor) -> str:
    """Return the name an actor goes by in a history."""
    return actor.name or str(actor.kind)


def text_of(action: Action) -> str:
    """Return what an act says in the history, after a name."""
    match action:
        case Resolve():
            return "resolved it"
        case Reopen():
            return "reopened it"
        case Assign(user=None):
            return "gave it to nobody"
        case Assign(user=user):
            name = accounts.user_refs([user])[user].name if user is not None else ""
            return f"gave it to {name}"
        case Mute():
            return f"muted it{_until(action)}"


def _where_of(change: _Change, action: Action) -> str:
    """Return in which releases an issue was resolved, after `resolved it`."""
    after = change.before.after
    if not isinstance(action, Resolve) or not after.awaits_release:
        return ""
    within = None if after.fixed_in is None else Release(after.fixed_in)
    return releasing.resolved(Fix(after.changed_at, after.fixed_after, within)).removeprefix("resolved")


def _until(mute: Mute) -> str:
    said = [
        "until it escalates" if mute.escalating else "",
        "for a time" if mute.until is not None else "",
        f"until {mute.events} more events" if mute.events is not None else "",
        f"until {mute.users} more users" if mute.users is not None else "",
    ]
    return " " + " or ".join(part for part in said if part) if any(said) else ""


def verb_of(action: Action) -> str:
    """Return the verb of an act, as the audit log has it after `issue.`."""
    return _VERBS[_KINDS[type(action)]]


def asked_of(action: Action, issues: str) -> str:
    """Return what an act is asked to do to so many issues: `Mute 1,284 issues for a time`."""
    _, _, how = text_of(action).partition(" it")
    return f"{verb_of(action).capitalize()} {issues}{how}"


def _done(action: Action) -> str:
    if isinstance(action, Assign):
        return "assigned" if action.user is not None else "assigned to nobody"
    return _KINDS[type(action)]


def _subject(keys: Sequence[str]) -> str:
    return keys[0] if len(keys) == 1 else f"{len(keys)} issues"


def wake(changed: Sequence[Stored]) -> None:
    """Let live pages of these issues, and the list, look again."""
    bus = ports().bus
    for stored in changed:
        bus.wake(f"live:issue:{stored.id}")
    if changed:
        bus.wake(ISSUES_TOPIC)
