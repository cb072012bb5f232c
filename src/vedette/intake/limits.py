"""What the front door takes at most."""

import msgspec

from vedette.core.settings import Settings


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the front door takes, in bytes; `per_minute` guards keys without a quota (0 = no guard).

    `alerts_alive` and `alerts_per_minute` are those of one key or token, `pings_per_minute` those of one heartbeat.
    """

    event: int = 1024 * 1024
    envelope: int = 200 * 1024 * 1024
    attachment: int = 200 * 1024 * 1024
    request: int = 20 * 1024 * 1024
    in_flight: int = 256 * 1024 * 1024
    body_seconds: float = 60.0
    upload_seconds: float = 600.0
    per_minute: int = 600_000
    trusted_proxies: int = 0
    alerts_alive: int = 100_000
    alerts_per_minute: int = 600_000
    pings_per_minute: int = 300


def limits_of(settings: Settings) -> Limits:
    """Return the limits that the settings ask for."""
    return Limits(
        event=settings.max_event_bytes,
        envelope=settings.max_envelope_bytes,
        attachment=settings.max_attachment_bytes,
        request=settings.max_request_bytes,
        in_flight=settings.max_envelope_bytes + 2 * settings.max_request_bytes,
        per_minute=settings.max_events_per_minute,
        trusted_proxies=settings.trusted_proxies,
        alerts_alive=settings.max_alerts_per_key,
        alerts_per_minute=settings.max_alerts_per_minute,
    )
