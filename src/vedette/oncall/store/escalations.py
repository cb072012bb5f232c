"""SQL of escalations, of what they did, and of the pages they sent."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.notify.types import Notice
from vedette.oncall.models import EscalationRow, LineRow
from vedette.oncall.types import (
    Escalation,
    EscalationLine,
    EscalationState,
    Page,
    PageKind,
    Policy,
)
from vedette.plumbing.db import sql

_COLUMNS = "id, thread, policy, state, step, round, due, started_at, notice, project, acked_by, acked_at, ended_at, why"
_SELECT = f"SELECT {_COLUMNS} FROM oncall_escalation"  # noqa: S608 - constants
_RUNNING, _ACKNOWLEDGED = EscalationState.RUNNING.value, EscalationState.ACKNOWLEDGED.value
_ADD = """INSERT INTO oncall_escalation (thread, policy_id, policy, secrets, notice, project, state, step, round, due,
    started_at, acked_by, why) VALUES (%s, %s, %s, %s, %s, %s, 'running', 0, 0, %s, %s, '', %s) ON CONFLICT DO NOTHING RETURNING id"""
_SAVE = """UPDATE oncall_escalation SET notice = %s, state = %s, step = %s, round = %s, due = %s, acked_by = %s,
    acked_at = %s, ended_at = %s, why = %s WHERE id = %s"""
_LINE = """INSERT INTO oncall_line (escalation_id, key, at, text) VALUES (%s, %s, %s, %s)
    ON CONFLICT (escalation_id, key) DO NOTHING"""
_PAGE = "INSERT INTO oncall_page (escalation_id, user, at, kind) VALUES (%s, %s, %s, 'open')"
_PAGES = """SELECT p.id, p.escalation_id, p.user, p.at, json_extract(e.policy, '$.name'), json_extract(e.notice, '$.title'),
    json_extract(e.notice, '$.link'), p.kind, p.answered_at
    FROM oncall_page p JOIN oncall_escalation e ON e.id = p.escalation_id"""
_OPEN_PAGE = (
    "EXISTS (SELECT 1 FROM oncall_page p WHERE p.escalation_id = oncall_escalation.id AND p.kind = 'open')"
)
_OPEN_CHANNEL = """(EXISTS (SELECT 1 FROM oncall_line l WHERE l.escalation_id = oncall_escalation.id AND l.key LIKE 'channel.%%')
    AND NOT EXISTS (SELECT 1 FROM oncall_line l WHERE l.escalation_id = oncall_escalation.id AND l.key = 'over'))"""
_POLICY, _NOTICE = msgspec.json.Decoder(Policy), msgspec.json.Decoder(Notice)


def add(
    thread: str, policy: Policy, secret: str, notice: Notice, now: float, *, project: int | None, why: str
) -> int | None:
    """Insert an escalation that begins now and return its id; None when one of this policy runs for this thread.

    `secret` is the sealed one of its webhooks.
    """
    made = (thread, policy.id, _json(policy), secret, _json(notice), project, now, now, why)
    found = sql.query_one(_ADD, made)
    return None if found is None else int(found[0] or 0)


def save(escalation: Escalation) -> None:
    """Overwrite where an escalation stands."""
    sql.execute(
        _SAVE,
        (
            _json(escalation.notice),
            escalation.state.value,
            escalation.step,
            escalation.round,
            escalation.due,
            escalation.acked_by[:200],
            escalation.acked_at,
            escalation.ended_at,
            escalation.why,
            escalation.id,
        ),
    )


def find(escalation_id: int) -> Escalation | None:
    """Return an escalation, or None."""
    return sql.row(_escalation, f"{_SELECT} WHERE id = %s", (escalation_id,))


def secret(escalation_id: int) -> str:
    """Return the sealed secret of an escalation's webhooks, "" when they are not signed."""
    found = EscalationRow.objects.filter(pk=escalation_id).values_list("secrets", flat=True).first()
    return found or ""


def due(now: float, n: int) -> tuple[Escalation, ...]:
    """Return up to `n` escalations that run and whose time has come, the longest due first."""
    statement = f"{_SELECT} WHERE due <= %s AND state = '{_RUNNING}' ORDER BY due, id LIMIT %s"
    return tuple(sql.rows(_escalation, statement, (now, n)))


def next_due() -> float | None:
    """Return the instant at which the next escalation goes on, None when none does."""
    return _first("due IS NOT NULL AND state = %s", _RUNNING)


def expired(now: float, n: int) -> tuple[Escalation, ...]:
    """Return up to `n` escalations whose acknowledgement does not hold any more."""
    statement = f"{_SELECT} WHERE due <= %s AND state = '{_ACKNOWLEDGED}' ORDER BY due, id LIMIT %s"
    return tuple(sql.rows(_escalation, statement, (now, n)))


def next_expiry() -> float | None:
    """Return the instant at which the next acknowledgement is over, None when none ends by itself."""
    return _first("due IS NOT NULL AND state = %s", _ACKNOWLEDGED)


def live(threads: Sequence[str]) -> tuple[Escalation, ...]:
    """Return the escalations of these threads that have not ended."""
    return _of_threads(threads, "AND ended_at IS NULL")


def done_and_open(threads: Sequence[str]) -> tuple[Escalation, ...]:
    """Return the escalations of these threads that did all they could, and whose end those they told do not know yet.

    A page of theirs is open, or a channel was told that it fires and not that it is over.
    """
    return _of_threads(
        threads, f"AND state = '{EscalationState.DONE.value}' AND ({_OPEN_PAGE} OR {_OPEN_CHANNEL})"
    )


def live_after(escalation_id: int, n: int) -> tuple[Escalation, ...]:
    """Return up to `n` escalations that have not ended and whose id is past `escalation_id`."""
    statement = f"{_SELECT} WHERE id > %s AND ended_at IS NULL ORDER BY id LIMIT %s"
    return tuple(sql.rows(_escalation, statement, (escalation_id, n)))


def of_threads(threads: Sequence[str]) -> tuple[Escalation, ...]:
    """Return every escalation of these threads, the newest first."""
    return _of_threads(threads, "")


def page(before: int | None, n: int, *, live_only: bool) -> tuple[Escalation, ...]:
    """Return up to `n` escalations with an id below `before`, newest first."""
    which = "AND ended_at IS NULL" if live_only else ""
    statement = f"{_SELECT} WHERE id < %s {which} ORDER BY id DESC LIMIT %s"
    return tuple(sql.rows(_escalation, statement, (2**62 if before is None else before, n)))


def count_live() -> int:
    """Return how many escalations have not ended."""
    return EscalationRow.objects.filter(ended_at__isnull=True).count()


def add_line(escalation_id: int, key: str, text: str, now: float) -> None:
    """Write down what an escalation did, once under each key."""
    sql.execute(_LINE, (escalation_id, key[:80], now, text))


def lines(escalation_ids: Sequence[int]) -> Mapping[int, tuple[EscalationLine, ...]]:
    """Return the lines of escalations in their order, by the escalation's id."""
    found: dict[int, list[EscalationLine]] = {each: [] for each in escalation_ids}
    for part in sql.batched(escalation_ids):
        rows = LineRow.objects.filter(escalation_id__in=list(part)).order_by("at", "pk")
        for row in rows:
            found[row.escalation_id].append(EscalationLine(key=row.key, at=row.at, text=row.text))
    return {each: tuple(some) for each, some in found.items()}


def told(escalation_id: int, round_: int) -> bool:
    """Tell whether somebody was told by an escalation in one of its rounds."""
    keys = LineRow.objects.filter(escalation_id=escalation_id).values_list("key", flat=True)
    return any(key.startswith((f"page.{round_}.", f"channel.{round_}.")) for key in keys)


def add_pages(escalation_id: int, users: Iterable[int], now: float) -> None:
    """Write down that people were paged."""
    sql.executemany(_PAGE, [(escalation_id, user, now) for user in users])


def end_pages(escalation_id: int, user: int | None, now: float) -> None:
    """Let the open pages of an escalation be answered by one person (None: by nobody who was paged), the rest be closed."""
    sql.execute(
        "UPDATE oncall_page SET kind = 'answered', answered_at = %s WHERE escalation_id = %s AND user = %s AND kind = 'open'",
        (now, escalation_id, user),
    )
    sql.execute(
        "UPDATE oncall_page SET kind = 'closed' WHERE escalation_id = %s AND kind = 'open'", (escalation_id,)
    )


def pages(start: float, end: float, n: int) -> tuple[Page, ...]:
    """Return the newest `n` pages with `start` <= at < `end`, oldest first."""
    found = sql.rows(
        _page,
        f"{_PAGES} WHERE p.at >= %s AND p.at < %s ORDER BY p.at DESC, p.id DESC LIMIT %s",
        (start, end, n),
    )
    return tuple(reversed(found))


def pages_before(before: int | None, n: int, user: int | None) -> tuple[Page, ...]:
    """Return up to `n` pages with an id below `before`, newest first; of one person, or of all."""
    statement = f"{_PAGES} WHERE p.id < %s AND (%s IS NULL OR p.user = %s) ORDER BY p.id DESC LIMIT %s"
    return tuple(sql.rows(_page, statement, (2**62 if before is None else before, user, user, n)))


def open_pages(user: int) -> tuple[Page, ...]:
    """Return the pages of a person that nobody answered yet, newest first."""
    return tuple(
        sql.rows(
            _page, f"{_PAGES} WHERE p.user = %s AND p.kind = 'open' ORDER BY p.id DESC LIMIT 100", (user,)
        )
    )


def drop_before(instant: float, n: int) -> int:
    """Delete up to `n` escalations that ended before `instant`, with their lines and pages; return how many went."""
    old = EscalationRow.objects.filter(ended_at__lt=instant).order_by("pk").values_list("pk", flat=True)[:n]
    ids = list(old)
    EscalationRow.objects.filter(pk__in=ids).delete()
    return len(ids)


def of_project(project: int) -> int:
    """Delete the escalations of a project; return how many went."""
    found = EscalationRow.objects.filter(project=project)
    count = found.count()
    found.delete()
    return count


def _of_threads(threads: Sequence[str], which: str) -> tuple[Escalation, ...]:
    found: list[Escalation] = []
    for part in sql.batched(list(dict.fromkeys(threads))):
        statement = f"{_SELECT} WHERE thread IN ({sql.marks(len(part))}) {which} ORDER BY id DESC"
        found += sql.rows(_escalation, statement, part)
    return tuple(found)


def _first(which: str, state: str) -> float | None:
    found = sql.query_one(f"SELECT MIN(due) FROM oncall_escalation WHERE {which}", (state,))  # noqa: S608 - constants
    return None if found is None or found[0] is None else float(found[0])


def _json(value: Policy | Notice) -> str:
    return msgspec.json.encode(value).decode()


def _escalation(  # noqa: PLR0917 - the columns of the table, in order
    escalation_id: int,
    thread: str,
    policy: str,
    state: str,
    step: int,
    round_: int,
    due_at: float | None,
    started_at: float,
    notice: str,
    project: int | None,
    acked_by: str,
    acked_at: float | None,
    ended_at: float | None,
    why: str,
) -> Escalation:
    return Escalation(
        id=escalation_id,
        thread=thread,
        policy=_POLICY.decode(policy),
        state=EscalationState(state),
        step=step,
        round=round_,
        due=due_at,
        started_at=started_at,
        notice=_NOTICE.decode(notice),
        project=project,
        acked_by=acked_by,
        acked_at=acked_at,
        ended_at=ended_at,
        why=why,
    )


def _page(  # noqa: PLR0917 - the columns of the statement, in order
    page_id: int,
    escalation: int,
    user: int,
    at: float,
    policy: str,
    title: str,
    link: str,
    kind: str,
    answered_at: float | None,
) -> Page:
    return Page(
        id=page_id,
        escalation=escalation,
        user=user,
        at=at,
        policy=policy,
        title=title,
        link=link,
        kind=PageKind(kind),
        answered_at=answered_at,
    )
