"""SQL of what detectors have learnt: one row for each rule and series with its labels."""

from collections.abc import Mapping

from vedette.alerts.models import DetectorRow


def of_rule(rule_id: int) -> Mapping[str, bytes]:
    """Return what a rule's detectors know, by the key of the series."""
    return {
        key: bytes(body) for key, body in DetectorRow.objects.filter(rule=rule_id).values_list("key", "body")
    }


def find(rule_id: int, key: str) -> bytes | None:
    """Return what one detector knows, or None."""
    body = DetectorRow.objects.filter(rule=rule_id, key=key).values_list("body", flat=True).first()
    return None if body is None else bytes(body)


def save(rule_id: int, bodies: Mapping[str, bytes], now: float) -> None:
    """Keep what detectors of a rule know now."""
    DetectorRow.objects.bulk_create(
        [DetectorRow(rule=rule_id, key=key, body=body, updated_at=now) for key, body in bodies.items()],
        update_conflicts=True,
        unique_fields=["rule", "key"],
        update_fields=["body", "updated_at"],
        batch_size=200,
    )


def forget_before(instant: float) -> int:
    """Forget the detectors that were fed last before an instant; return how many."""
    return DetectorRow.objects.filter(updated_at__lt=instant).delete()[0]


def forget_rule(rule_id: int) -> None:
    """Forget what the detectors of a rule know."""
    DetectorRow.objects.filter(rule=rule_id).delete()
