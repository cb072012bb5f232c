"""SQL of who asked to hear of a page."""

from collections.abc import Collection, Mapping

import msgspec
from django.db.models import Count, F, Q

from vedette.plumbing.db.faults import guarded
from vedette.status.models import SubscriberRow
from vedette.status.types import PageSubscriber, SubscriberKind


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A subscriber as it is kept: the address, or the sealed URL."""

    id: int
    page: int
    kind: SubscriberKind
    target: str
    asked_at: float
    confirmed_at: float | None
    created_at: float
    failures: int


@guarded()
def known(page: int, mark: str) -> Stored | None:
    """Return the subscriber that a mark stands for."""
    row = SubscriberRow.objects.filter(page=page, mark=mark).first()
    return _stored(row) if row else None


@guarded()
def find(subscriber: int) -> Stored | None:
    """Return a subscriber."""
    row = SubscriberRow.objects.filter(pk=subscriber).first()
    return _stored(row) if row else None


class Marks(msgspec.Struct, frozen=True):
    """What stands for a subscriber's address, and for the host of a webhook (empty for none)."""

    address: str
    host: str = ""


def add(page: int, kind: SubscriberKind, target: str, marks: Marks, now: float) -> int:
    """Insert a subscriber that did not confirm yet; return its id."""
    row = SubscriberRow.objects.create(
        page=page, kind=str(kind), target=target, mark=marks.address, host=marks.host, created_at=now, asked_at=now,
        confirmed_at=None, failures=0,
    )  # fmt: skip
    return row.id


def asked(subscriber: int, now: float) -> None:
    """Remember when a subscriber was last asked to confirm."""
    SubscriberRow.objects.filter(pk=subscriber).update(asked_at=now)


def confirm(subscriber: int, now: float) -> bool:
    """Take a subscriber's word; False when it is gone. Saying so twice changes nothing."""
    SubscriberRow.objects.filter(pk=subscriber, confirmed_at__isnull=True).update(confirmed_at=now)
    return SubscriberRow.objects.filter(pk=subscriber).exists()


def remove(subscriber: int) -> bool:
    """Delete a subscriber; False when it is gone already."""
    return SubscriberRow.objects.filter(pk=subscriber).delete()[0] > 0


def went(subscriber: int) -> None:
    """Remember that a subscriber was reached."""
    SubscriberRow.objects.filter(pk=subscriber).exclude(failures=0).update(failures=0)


def failed(subscriber: int, most: int) -> None:
    """Count a message that could not be delivered; who could not be reached `most` times in a row is dropped."""
    SubscriberRow.objects.filter(pk=subscriber).update(failures=F("failures") + 1)
    SubscriberRow.objects.filter(pk=subscriber, failures__gte=most).delete()


@guarded()
def confirmed_after(page: int, after: int, n: int) -> tuple[int, ...]:
    """Return up to `n` confirmed subscribers of a page with ids above one, by id."""
    rows = SubscriberRow.objects.filter(page=page, confirmed_at__isnull=False, pk__gt=after).order_by("id")
    return tuple(rows.values_list("id", flat=True)[:n])


def of_host(page: int, mark: str) -> int:
    """Return how many webhooks of a host a page has, confirmed or not."""
    return SubscriberRow.objects.filter(page=page, host=mark).count()


def count(page: int, *, confirmed: bool) -> int:
    """Return how many subscribers of a page have confirmed, or have not yet."""
    return SubscriberRow.objects.filter(page=page, confirmed_at__isnull=not confirmed).count()


@guarded()
def counts(pages: Collection[int]) -> Mapping[int, int]:
    """Return how many confirmed subscribers pages have."""
    confirmed = SubscriberRow.objects.filter(page__in=pages, confirmed_at__isnull=False)
    rows = confirmed.values("page").annotate(n=Count("id"))
    return {row["page"]: row["n"] for row in rows}


@guarded()
def listed(page: int, after: int, n: int) -> tuple[Stored, ...]:
    """Return up to `n` subscribers of a page with ids above one."""
    rows = SubscriberRow.objects.filter(page=page, pk__gt=after).order_by("id")
    return tuple(_stored(row) for row in rows[:n])


@guarded()
def clean(asked_before: float) -> int:
    """Delete those who were first asked before an instant and did not confirm, and those whose address was blotted out by an erasure."""
    late = Q(confirmed_at__isnull=True, created_at__lt=asked_before)
    blotted = Q(kind=str(SubscriberKind.EMAIL)) & ~Q(target__contains="@")
    return SubscriberRow.objects.filter(late | blotted).delete()[0]


def _stored(row: SubscriberRow) -> Stored:
    return Stored(
        id=row.id, page=row.page, kind=SubscriberKind(row.kind), target=row.target, asked_at=row.asked_at,
        confirmed_at=row.confirmed_at, created_at=row.created_at, failures=row.failures,
    )  # fmt: skip


def shown(one: Stored, target: str) -> PageSubscriber:
    """Return a subscriber as people may see it, with what is shown of its target."""
    return PageSubscriber(
        id=one.id, page=one.page, kind=one.kind, target=target, confirmed_at=one.confirmed_at, created_at=one.created_at,
        failures=one.failures,
    )  # fmt: skip
