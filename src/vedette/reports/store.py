"""The only SQL of reports."""

from collections.abc import Sequence

import msgspec
from django.db.models import Q

from vedette.reports.models import DigestRow, SubscriptionRow
from vedette.reports.types import Digest, Period, Subscription

_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(Digest).decode
Place = tuple[float, int]


def keep(digest: Digest) -> Digest:
    """Insert a digest, or return the one that was made of the same time before."""
    row, _ = DigestRow.objects.get_or_create(
        period=str(digest.period), project=digest.project or 0, zone=digest.zone, start=digest.start,
        defaults={"end": digest.end, "body": _ENCODE(digest), "made_at": digest.made_at},
    )  # fmt: skip
    return _digest(row)


def find(digest_id: int) -> Digest | None:
    """Return a digest, or None."""
    row = DigestRow.objects.filter(pk=digest_id).first()
    return None if row is None else _digest(row)


def made(period: Period, zone: str, start: float) -> frozenset[int]:
    """Return the projects (0: all of them) whose digest of a time was made."""
    rows = DigestRow.objects.filter(period=str(period), zone=zone, start=start)
    return frozenset(rows.values_list("project", flat=True))


def of(period: Period, zone: str, start: float, project: int) -> Digest | None:
    """Return the digest of a time, None when it was not made yet."""
    row = DigestRow.objects.filter(period=str(period), zone=zone, start=start, project=project).first()
    return None if row is None else _digest(row)


def page(project: int, period: Period | None, before: Place | None, n: int) -> tuple[Digest, ...]:
    """Return up to `n` digests of a project (0: of all together), newest first."""
    rows = DigestRow.objects.filter(project=project)
    if period is not None:
        rows = rows.filter(period=str(period))
    if before is not None:
        at, last = before
        rows = rows.filter(Q(start__lt=at) | Q(start=at, id__lt=last))
    return tuple(_digest(row) for row in rows.order_by("-start", "-id")[:n])


def drop_before(instant: float, n: int) -> int:
    """Delete up to `n` digests that ended before an instant; return how many went."""
    old = DigestRow.objects.filter(end__lt=instant).order_by("end").values("pk")[:n]
    return DigestRow.objects.filter(pk__in=old).delete()[0]


def forget_project(project: int) -> None:
    """Delete a project's digests, in the caller's transaction."""
    DigestRow.objects.filter(project=project).delete()


def subscriptions(user: int) -> tuple[Subscription, ...]:
    """Return which digests a person gets."""
    return tuple(_subscription(row) for row in SubscriptionRow.objects.filter(user=user).order_by("period"))


def zones() -> tuple[str, ...]:
    """Return the zones of those who get digests, the most first."""
    rows = SubscriptionRow.objects.filter(next_at__isnull=False).values_list("body", flat=True)
    found = [str(body.get("zone", "UTC")) for body in rows]
    return tuple(sorted(set(found), key=lambda zone: (-found.count(zone), zone)))


def due(now: float, n: int) -> tuple[Subscription, ...]:
    """Return up to `n` subscriptions whose time has come, the oldest first."""
    rows = SubscriptionRow.objects.filter(next_at__lte=now).order_by("next_at", "id")[:n]
    return tuple(_subscription(row) for row in rows)


def next_due() -> float | None:
    """Return when the next subscription is due, None when there is none."""
    return (
        SubscriptionRow.objects.filter(next_at__isnull=False)
        .order_by("next_at")
        .values_list("next_at", flat=True)
        .first()
    )


def subscribe(asked: Subscription) -> None:
    """Keep which digest of a period a person gets."""
    body = msgspec.to_builtins(asked)
    SubscriptionRow.objects.update_or_create(
        user=asked.user, period=str(asked.period), defaults={"body": body, "next_at": asked.next_at}
    )


def postpone(asked: Subscription, at: float | None) -> bool:
    """Say when a subscription is due next; False when somebody else did, or it was changed meanwhile."""
    rows = SubscriptionRow.objects.filter(user=asked.user, period=str(asked.period), next_at=asked.next_at)
    return rows.update(next_at=at) > 0


def forget_people(users: Sequence[int]) -> None:
    """Delete the subscriptions of people who are gone."""
    SubscriptionRow.objects.filter(user__in=list(users)).delete()


def _digest(row: DigestRow) -> Digest:
    return msgspec.structs.replace(_DECODE(bytes(row.body)), id=row.pk)


def _subscription(row: SubscriptionRow) -> Subscription:
    return msgspec.structs.replace(msgspec.convert(row.body, Subscription), next_at=row.next_at)
