"""SQL of what each person wants to hear of, and follows."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.notify.models import FollowRow, PreferencesRow
from vedette.notify.types import Preferences
from vedette.plumbing.db.sql import batched


def preferences(user: int) -> Preferences:
    """Return what a person wants; what everybody wants who never said."""
    wants = PreferencesRow.objects.filter(pk=user).values_list("wants", flat=True).first()
    return Preferences() if wants is None else msgspec.convert(wants, Preferences)


def all_preferences() -> Mapping[int, Preferences]:
    """Return what people want who said so, by user."""
    rows = PreferencesRow.objects.values_list("user", "wants")
    return {user: msgspec.convert(wants, Preferences) for user, wants in rows}


def set_preferences(user: int, wants: Preferences) -> None:
    """Overwrite what a person wants."""
    PreferencesRow.objects.update_or_create(pk=user, defaults={"wants": msgspec.to_builtins(wants)})


def follow(user: int, subject: str, now: float) -> bool:
    """Let a person follow an issue; False when they did."""
    return FollowRow.objects.get_or_create(user=user, subject=subject, defaults={"at": now})[1]


def follow_joined(subjects: Sequence[str], into: str, now: float) -> None:
    """Let those who follow any of some issues follow another one as well."""
    users: set[int] = set()
    for some in batched(subjects):
        users.update(FollowRow.objects.filter(subject__in=some).values_list("user", flat=True))
    rows = [FollowRow(user=user, subject=into, at=now) for user in sorted(users)]
    FollowRow.objects.bulk_create(rows, ignore_conflicts=True)


def unfollow(user: int, subject: str) -> bool:
    """Let a person follow an issue no more; False when they did not."""
    return bool(FollowRow.objects.filter(user=user, subject=subject).delete()[0])


def follows(user: int, subject: str) -> bool:
    """Tell whether a person follows an issue."""
    return FollowRow.objects.filter(user=user, subject=subject).exists()


def followed(user: int, n: int) -> tuple[str, ...]:
    """Return the keys of the issues a person follows, the latest first."""
    return tuple(FollowRow.objects.filter(user=user).order_by("-pk").values_list("subject", flat=True)[:n])


def followers(subject: str) -> frozenset[int]:
    """Return who follows an issue."""
    return frozenset(FollowRow.objects.filter(subject=subject).values_list("user", flat=True))
