"""SQL of the steps of personal rules, and of test pages."""

import msgspec

from vedette.notify.models import ProofRow, StepRow
from vedette.notify.types import DeliveryState, Proof, Stage

_OPEN = (DeliveryState.WAITING.value, DeliveryState.QUEUED.value, DeliveryState.RETRYING.value)
_HEARD = (DeliveryState.SENT.value, DeliveryState.BUNDLED.value)


def add(delivery_id: int, stage: Stage) -> None:
    """Write down which step a delivery is."""
    StepRow.objects.create(delivery_id=delivery_id, **msgspec.structs.asdict(stage))


def heard(channel_id: int, thread: str, since: float) -> bool:
    """Tell whether a channel was told of a thread by a step that was queued since an instant."""
    return StepRow.objects.filter(
        thread=thread,
        delivery__channel_id=channel_id,
        delivery__state__in=_HEARD,
        delivery__queued_at__gte=since,
    ).exists()


def open_of(thread: str) -> tuple[int, ...]:
    """Return the ids of the deliveries of a thread's steps that are still to go out."""
    rows = StepRow.objects.filter(thread=thread, delivery__state__in=_OPEN)
    return tuple(rows.values_list("delivery_id", flat=True))


def of_proof(proof_id: int) -> dict[str, Stage]:
    """Return the steps of a test page in their order, by the idempotency keys of their deliveries."""
    rows = StepRow.objects.filter(proof=proof_id, thread=thread_of(proof_id)).select_related("delivery")
    return {
        row.delivery.idempotency_key: Stage(
            owner=row.owner,
            which=row.which,
            number=row.number,
            after=row.after,
            thread=row.thread,
            proof=row.proof,
        )
        for row in rows.order_by("number", "pk")
    }


def thread_of(proof_id: int) -> str:
    """Return the thread of a test page."""
    return f"proof.{proof_id}"


def begin_proof(user: int, started_at: float, ends_at: float) -> Proof:
    """Insert a test page."""
    return _proof(ProofRow.objects.create(user=user, started_at=started_at, ends_at=ends_at))


def proof(proof_id: int) -> Proof | None:
    """Return a test page, or None."""
    row = ProofRow.objects.filter(pk=proof_id).first()
    return None if row is None else _proof(row)


def last_proof(user: int, *, answered: bool = False) -> Proof | None:
    """Return a person's last test page, or the last that was acknowledged; None when there is none."""
    rows = ProofRow.objects.filter(user=user)
    row = (rows.filter(acknowledged_at__isnull=False) if answered else rows).order_by("-pk").first()
    return None if row is None else _proof(row)


def proofs_since(user: int, instant: float) -> tuple[float, ...]:
    """Return when a person's test pages began since an instant, oldest first."""
    rows = ProofRow.objects.filter(user=user, started_at__gt=instant)
    return tuple(rows.order_by("started_at").values_list("started_at", flat=True))


def answer_proof(proof_id: int, how: str, now: float) -> bool:
    """Write down that a test page was acknowledged; False when it was before."""
    rows = ProofRow.objects.filter(pk=proof_id, acknowledged_at=None)
    return bool(rows.update(acknowledged_at=now, how=how[:200]))


def _proof(row: ProofRow) -> Proof:
    return Proof(
        id=row.pk,
        user=row.user,
        started_at=row.started_at,
        ends_at=row.ends_at,
        acknowledged_at=row.acknowledged_at,
        how=row.how,
    )
