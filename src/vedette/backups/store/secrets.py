"""SQL of the sealed secrets of copies; nothing here is readable without the key file."""

import msgspec

from vedette.backups.models import SecretRow


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed secret of a plan's copy; `previous` is what it was before, as long as the repository may know that alone."""

    plan: int
    copy: str
    name: str
    sealed: str
    previous: str = ""
    made_at: float
    printed_at: float | None = None


def of_plan(plan: int) -> list[Sealed]:
    """Return the secrets of a plan, by copy and name."""
    return [_sealed(row) for row in SecretRow.objects.filter(plan=plan).order_by("copy", "name")]


def find(plan: int, copy: str, name: str) -> Sealed | None:
    """Return one secret."""
    row = SecretRow.objects.filter(plan=plan, copy=copy, name=name).first()
    return None if row is None else _sealed(row)


def put(secret: Sealed) -> None:
    """Keep a secret in the place of the one before."""
    SecretRow.objects.update_or_create(
        plan=secret.plan, copy=secret.copy, name=secret.name,
        defaults={
            "sealed": secret.sealed, "previous": secret.previous, "made_at": secret.made_at, "printed_at": secret.printed_at,
        },
    )  # fmt: skip


def remove(plan: int, copy: str) -> None:
    """Delete the secrets of a copy."""
    SecretRow.objects.filter(plan=plan, copy=copy).delete()


def printed(plan: int, copy: str, at: float) -> None:
    """Note that the secrets of a copy were printed."""
    SecretRow.objects.filter(plan=plan, copy=copy).update(printed_at=at)


def changed_at(plans: "list[int]") -> float:
    """Return when a secret of these plans was made last, 0 where there is none."""
    found = (
        SecretRow.objects.filter(plan__in=plans)
        .order_by("-made_at")
        .values_list("made_at", flat=True)
        .first()
    )
    return found or 0.0


def _sealed(row: SecretRow) -> Sealed:
    return Sealed(
        plan=row.plan, copy=row.copy, name=row.name, sealed=row.sealed, previous=row.previous, made_at=row.made_at,
        printed_at=row.printed_at,
    )  # fmt: skip
