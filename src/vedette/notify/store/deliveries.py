"""SQL of deliveries and their tries."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from django.db.models import Count, Min

from vedette.notify.models import AttemptRow, DeliveryRow
from vedette.notify.types import Attempt, Delivery, DeliveryState, Lag, Notice, Stage
from vedette.plumbing.db import sql

_DUE = (DeliveryState.QUEUED.value, DeliveryState.RETRYING.value)
_OPEN = (*_DUE, DeliveryState.WAITING.value)
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Notice)


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as the notifier needs it; `open` is False once nothing is left to do, `stage` is None unless it is a step."""

    id: int
    channel_id: int | None
    idempotency_key: str
    notice: Notice
    open: bool
    queued_at: float
    tries: int
    is_bundle: bool
    frozen: bool
    stage: Stage | None = None


def add(
    *,
    channel_id: int,
    channel_name: str,
    kind: str,
    notice: Notice,
    idempotency_key: str,
    now: float,
    is_bundle: bool = False,
    due: float | None = None,
    owner: int | None = None,
    state: DeliveryState = DeliveryState.QUEUED,
) -> int | None:
    """Insert a delivery and return its id; None when the key is there already."""
    row = sql.query_one(
        _ADD,
        (
            channel_id,
            channel_name,
            kind,
            idempotency_key,
            _ENCODER.encode(notice),
            notice.title[:300],
            now,
            due,
            is_bundle,
            owner,
            state.value,
        ),
    )
    return int(row[0] or 0) if row else None


def work(delivery_id: int) -> Work | None:
    """Return a delivery for the notifier, or None when it was cleaned up."""
    return sql.row(_work_of, _WORK, (delivery_id,))


def waiting_bundle(channel_id: int) -> int | None:
    """Return the id of the channel's bundle that has not been tried yet and so still takes notices."""
    row = sql.query_one(_WAITING_BUNDLE, (channel_id,))
    return int(row[0] or 0) if row else None


def put_in_bundle(delivery_id: int, bundle_id: int, why: str, now: float) -> None:
    """Mark a delivery as told by a bundle."""
    sql.execute(_PUT_IN_BUNDLE, (bundle_id, now, why, delivery_id))


def bundled(bundle_id: int) -> tuple[Notice, ...]:
    """Return the notices of a bundle in the order they were queued."""
    rows = DeliveryRow.objects.filter(bundle_id=bundle_id).order_by("pk").values_list("notice", flat=True)
    return tuple(_DECODER.decode(bytes(notice)) for notice in rows.iterator())


def last_notice(kind: str | None) -> Notice | None:
    """Return the notice that was queued last for everybody's channels of a kind, or of any."""
    rows = DeliveryRow.objects.filter(owner=None, **({} if kind is None else {"kind": kind}))
    notice = rows.order_by("-pk").values_list("notice", flat=True).first()
    return None if notice is None else _DECODER.decode(bytes(notice))


def notice_of(key: str) -> Notice | None:
    """Return the notice that bears an idempotency key, or None."""
    notice = DeliveryRow.objects.filter(idempotency_key=key).values_list("notice", flat=True).first()
    return None if notice is None else _DECODER.decode(bytes(notice))


def freeze(bundle_id: int, notice: Notice) -> None:
    """Fix what a bundle says, so that every try says the same."""
    DeliveryRow.objects.filter(pk=bundle_id).update(
        notice=_ENCODER.encode(notice), title=notice.title[:300], frozen=True
    )


def note_try(
    work: Work,
    *,
    ok: bool,
    detail: str,
    state: DeliveryState,
    next_at: float | None,
    now: float,
    verdict: str = "",
) -> None:
    """Write one try to the log and move the delivery on; `verdict` says what follows from a failure."""
    tries = work.tries + 1
    AttemptRow.objects.create(
        delivery_id=work.id, channel=work.channel_id or 0, number=tries, at=now, ok=ok, detail=detail
    )
    DeliveryRow.objects.filter(pk=work.id).update(
        state=state.value,
        tries=tries,
        next_at=next_at,
        detail=f"{detail.rstrip('.')}. {verdict}" if verdict else detail,
        done_at=None if state.value in _OPEN else now,
    )


def give_up(delivery_id: int, why: str, now: float, state: DeliveryState = DeliveryState.FAILED) -> None:
    """End a delivery without another try."""
    DeliveryRow.objects.filter(pk=delivery_id).update(
        state=state.value, next_at=None, detail=why, done_at=now
    )


def recent_tries(channel_id: int, since: float, n: int) -> list[float]:
    """Return the instants of a channel's last `n` tries after `since`."""
    return sql.rows(float, _RECENT, (channel_id, since, n))


def page(
    *,
    channel_id: int | None,
    state: DeliveryState | None,
    before: int | None,
    n: int,
    owner: int | None = None,
) -> tuple[Delivery, ...]:
    """Return up to `n` deliveries with an id below `before`, newest first: to everybody's channels, or one person's."""
    narrowed = {"channel_id": channel_id, "state": state and state.value, "pk__lt": before}
    rows = DeliveryRow.objects.filter(owner=owner, **{k: v for k, v in narrowed.items() if v is not None})
    return _with_attempts(rows.order_by("-pk")[:n])


def by_keys(keys: Sequence[str]) -> tuple[Delivery, ...]:
    """Return the deliveries that bear these idempotency keys."""
    return _with_attempts(DeliveryRow.objects.filter(idempotency_key__in=keys))


def note_acknowledged(keys: Sequence[str], who: str) -> None:
    """Write down who acknowledged what the deliveries with these keys tell."""
    for some in sql.batched(keys):
        DeliveryRow.objects.filter(idempotency_key__in=some).update(acknowledged=who[:200])


def counts(since: float) -> Mapping[DeliveryState, int]:
    """Return how many deliveries queued since an instant are in which state."""
    rows = DeliveryRow.objects.filter(queued_at__gte=since).values_list("state").annotate(n=Count("pk"))
    return {DeliveryState(state): n for state, n in rows}


def lag() -> Lag:
    """Return what waits to go out."""
    found = DeliveryRow.objects.filter(state__in=_DUE).aggregate(n=Count("pk"), oldest=Min("queued_at"))
    return Lag(found["n"], found["oldest"])


def drop_before(instant: float, n: int) -> int:
    """Delete up to `n` finished deliveries queued before `instant`; return how many went."""
    old = DeliveryRow.objects.filter(queued_at__lt=instant).exclude(state__in=_OPEN)
    ids = list(old.order_by("queued_at").values_list("pk", flat=True)[:n])
    DeliveryRow.objects.filter(pk__in=ids).delete()
    return len(ids)


# The path of every notice speaks SQL of its own: the ORM takes ten times as long over it.
_ADD = """INSERT INTO notify_delivery (channel_id, channel_name, kind, idempotency_key, notice, title,
    queued_at, next_at, is_bundle, owner, state, detail, tries, frozen, acknowledged)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '', 0, false, '')
    ON CONFLICT (idempotency_key) DO NOTHING RETURNING id"""
_WORK = """SELECT d.id, d.channel_id, d.idempotency_key, d.notice, d.state, d.queued_at, d.tries, d.is_bundle, d.frozen,
    s.owner, s.which, s.number, s.after, s.thread, s.proof
    FROM notify_delivery d LEFT JOIN notify_step s ON s.delivery_id = d.id WHERE d.id = %s"""
_WAITING_BUNDLE = """SELECT id FROM notify_delivery
    WHERE state = 'queued' AND channel_id = %s AND is_bundle AND NOT frozen ORDER BY id LIMIT 1"""
_PUT_IN_BUNDLE = """UPDATE notify_delivery SET bundle_id = %s, state = 'bundled', done_at = %s, next_at = NULL,
    detail = %s WHERE id = %s"""
_RECENT = "SELECT at FROM notify_attempt WHERE channel = %s AND at > %s ORDER BY at DESC LIMIT %s"


def _work_of(  # noqa: PLR0917 - the columns of the table, in order
    delivery_id: int,
    channel_id: int | None,
    idempotency_key: str,
    notice: bytes,
    state: str,
    queued_at: float,
    tries: int,
    is_bundle: bool,
    frozen: bool,
    owner: int | None,
    which: str,
    number: int,
    after: float,
    thread: str,
    proof: int,
) -> Work:
    return Work(
        id=delivery_id,
        channel_id=channel_id,
        idempotency_key=idempotency_key,
        notice=_DECODER.decode(notice),
        open=state in _OPEN,
        queued_at=queued_at,
        tries=tries,
        is_bundle=bool(is_bundle),
        frozen=bool(frozen),
        stage=None
        if owner is None
        else Stage(owner=owner, which=which, number=number, after=after, thread=thread, proof=proof),
    )


def _with_attempts(rows: Iterable[DeliveryRow]) -> tuple[Delivery, ...]:
    found = list(rows)
    tries: dict[int, list[Attempt]] = {row.pk: [] for row in found}
    for attempt in AttemptRow.objects.filter(delivery_id__in=list(tries)).order_by("number"):
        told = Attempt(number=attempt.number, at=attempt.at, ok=attempt.ok, detail=attempt.detail)
        tries[attempt.delivery_id].append(told)
    return tuple(_delivery(row, tuple(tries[row.pk])) for row in found)


def _delivery(row: DeliveryRow, attempts: tuple[Attempt, ...]) -> Delivery:
    notice = _DECODER.decode(bytes(row.notice))
    return Delivery(
        id=row.pk,
        channel_id=row.channel_id,
        channel=row.channel_name,
        kind=row.kind,
        title=row.title,
        reason=notice.reason,
        severity=notice.severity,
        link=notice.link,
        idempotency_key=row.idempotency_key,
        state=DeliveryState(row.state),
        queued_at=row.queued_at,
        done_at=row.done_at,
        next_at=row.next_at,
        detail=row.detail,
        bundle_id=row.bundle_id,
        acknowledged=row.acknowledged,
        attempts=attempts,
    )
