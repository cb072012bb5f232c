"""SQL of channels."""

from collections.abc import Mapping

import msgspec
from django.db.models import F
from django.db.models.functions import Coalesce

from vedette.notify.models import ChannelRow
from vedette.plumbing.db import sql


class StoredChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as it stands in the table: secrets in `config` are sealed."""

    id: int
    kind: str
    name: str
    config: Mapping[str, str]
    enabled: bool
    is_default: bool
    created_at: float
    failures: int
    failing_since: float | None
    refused: bool
    last_error: str
    last_success_at: float | None
    owner: int | None


def all_channels(owner: int | None = None) -> tuple[StoredChannel, ...]:
    """Return everybody's channels by name, or those of one person."""
    if owner is None:
        return tuple(sql.rows(_channel_of, f"{_SELECT} WHERE owner IS NULL ORDER BY name"))
    return tuple(sql.rows(_channel_of, f"{_SELECT} WHERE owner = %s ORDER BY name", (owner,)))


def personal() -> tuple[StoredChannel, ...]:
    """Return the channels of every person."""
    return tuple(sql.rows(_channel_of, f"{_SELECT} WHERE owner IS NOT NULL ORDER BY owner, name"))


def of_kind(kind: str) -> tuple[StoredChannel, ...]:
    """Return every channel of a kind, whoever's it is, the oldest first."""
    return tuple(_channel(row) for row in ChannelRow.objects.filter(kind=kind).order_by("id"))


def find(channel_id: int) -> StoredChannel | None:
    """Return a channel, or None; a URL may hold a number no id can be."""
    return None if channel_id > _LARGEST else sql.row(_channel_of, f"{_SELECT} WHERE id = %s", (channel_id,))


def name_taken(name: str, but: int | None, owner: int | None) -> bool:
    """Tell whether another channel than `but` of this owner bears this name."""
    return ChannelRow.objects.filter(name=name, owner=owner).exclude(pk=but or 0).exists()


def add(
    *,
    kind: str,
    name: str,
    config: Mapping[str, str],
    enabled: bool,
    is_default: bool,
    now: float,
    owner: int | None = None,
) -> StoredChannel:
    """Insert a channel."""
    return _channel(
        ChannelRow.objects.create(
            kind=kind,
            name=name,
            config=dict(config),
            enabled=enabled,
            is_default=is_default,
            created_at=now,
            owner=owner,
        )
    )


def change(channel_id: int, *, name: str, config: Mapping[str, str], enabled: bool, is_default: bool) -> None:
    """Overwrite what a person sets."""
    ChannelRow.objects.filter(pk=channel_id).update(
        name=name, config=dict(config), enabled=enabled, is_default=is_default
    )


def remove(channel_id: int) -> None:
    """Delete a channel; its deliveries stay and remember its name."""
    ChannelRow.objects.filter(pk=channel_id).delete()


def note_success(channel_id: int, now: float) -> None:
    """Remember that the channel works."""
    ChannelRow.objects.filter(pk=channel_id).update(
        failures=0, failing_since=None, refused=False, last_error="", last_success_at=now
    )


def note_failure(channel_id: int, error: str, now: float, *, refused: bool) -> None:
    """Remember one more failure in a row."""
    ChannelRow.objects.filter(pk=channel_id).update(
        failures=F("failures") + 1,
        failing_since=Coalesce(F("failing_since"), now),
        refused=refused,
        last_error=error,
    )


_SELECT = """SELECT id, kind, name, config, enabled, is_default, created_at, failures, failing_since, refused,
    last_error, last_success_at, owner FROM notify_channel"""
_LARGEST = 2**63 - 1
_CONFIG = msgspec.json.Decoder(dict[str, str])


def _channel_of(  # noqa: PLR0917 - the columns of the table, in order
    channel_id: int,
    kind: str,
    name: str,
    config: str,
    enabled: bool,
    is_default: bool,
    created_at: float,
    failures: int,
    failing_since: float | None,
    refused: bool,
    last_error: str,
    last_success_at: float | None,
    owner: int | None,
) -> StoredChannel:
    return StoredChannel(
        id=channel_id,
        kind=kind,
        name=name,
        config=_CONFIG.decode(config),
        enabled=bool(enabled),
        is_default=bool(is_default),
        created_at=created_at,
        failures=failures,
        failing_since=failing_since,
        refused=bool(refused),
        last_error=last_error,
        last_success_at=last_success_at,
        owner=owner,
    )


def _channel(row: ChannelRow) -> StoredChannel:
    return StoredChannel(
        id=row.pk,
        kind=row.kind,
        name=row.name,
        config=row.config,
        enabled=row.enabled,
        is_default=row.is_default,
        created_at=row.created_at,
        failures=row.failures,
        failing_since=row.failing_since,
        refused=row.refused,
        last_error=row.last_error,
        last_success_at=row.last_success_at,
        owner=row.owner,
    )
