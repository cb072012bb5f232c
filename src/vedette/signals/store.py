"""The only SQL of signals."""

from collections.abc import Callable, Sequence

import msgspec
from django.db import transaction

from vedette.plumbing.db import sql
from vedette.signals.models import MomentRow, SignalRow
from vedette.signals.types import Moment, Signal, StoredSignal

_ADD_MOMENT = """INSERT INTO signals_moment (at, room, kind, subject, text, link, project)
    VALUES (%s, %s, %s, %s, %s, %s, %s)"""
_MOMENTS = (
    "SELECT at, room, kind, subject, text, link, project FROM signals_moment WHERE at >= %s AND at < %s"
)
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Signal)


def add_signals(signals: Sequence[Signal], now: float) -> None:
    """Append signals in the caller's transaction, in order."""
    SignalRow.objects.bulk_create([SignalRow(published_at=now, body=_ENCODER.encode(s)) for s in signals])


def after_commit(act: Callable[[], None]) -> None:
    """Run `act` once the surrounding transaction is on disk, and not at all when it is rolled back."""
    transaction.on_commit(act)


def signals_after(seq: int, n: int) -> tuple[StoredSignal, ...]:
    """Return up to `n` signals whose seq is past `seq`, oldest first."""
    rows = SignalRow.objects.filter(seq__gt=seq).order_by("seq")[:n]
    return tuple(StoredSignal(row.seq, _DECODER.decode(bytes(row.body))) for row in rows)


def between(start: float, end: float, n: int) -> tuple[tuple[float, Signal], ...]:
    """Return the newest `n` signals with `start` <= published < `end` and when each was published, oldest first."""
    rows = SignalRow.objects.filter(published_at__gte=start, published_at__lt=end).order_by(
        "-published_at", "-seq"
    )
    found = [(row.published_at, _DECODER.decode(bytes(row.body))) for row in rows[:n]]
    return tuple(reversed(found))


def last_seq() -> int:
    """Return the highest seq that stands in the stream, 0 when it is empty."""
    return SignalRow.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


def add_moments(moments: Sequence[Moment]) -> None:
    """Append moments in the caller's transaction."""
    rows = [(m.at, m.room, m.kind, m.subject[:200], m.text, m.link[:500], m.project) for m in moments]
    sql.executemany(_ADD_MOMENT, rows)


def moments(
    start: float,
    end: float,
    *,
    project: int | None,
    room: str | None,
    subject: str | None,
    kind: str | None,
    n: int,
) -> tuple[Moment, ...]:
    """Return moments with `start` <= at < `end`, newest first."""
    asked = {"project": project, "room": room, "subject": subject, "kind": kind}
    narrowed = {name: value for name, value in asked.items() if value is not None}
    where = "".join(f" AND {name} = %s" for name in narrowed)
    statement = f"{_MOMENTS}{where} ORDER BY at DESC, id DESC LIMIT %s"
    return tuple(sql.rows(_moment, statement, (start, end, *narrowed.values(), n)))


def drop_before(instant: float, n: int) -> int:
    """Delete up to `n` signals and `n` moments older than `instant`; return how many went."""
    signals = SignalRow.objects.filter(published_at__lt=instant).order_by("published_at").values("pk")[:n]
    told = MomentRow.objects.filter(at__lt=instant).order_by("at").values("pk")[:n]
    return (
        SignalRow.objects.filter(pk__in=signals).delete()[0]
        + MomentRow.objects.filter(pk__in=told).delete()[0]
    )


def _moment(  # noqa: PLR0917 - the columns of the table, in order
    at: float, room: str, kind: str, subject: str, text: str, link: str, project: int | None
) -> Moment:
    return Moment(at=at, room=room, kind=kind, subject=subject, text=text, link=link, project=project)
