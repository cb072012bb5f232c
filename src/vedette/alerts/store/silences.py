"""SQL of silences, of the routing, and of the alerts that mute others."""

from collections.abc import Iterable, Sequence

import msgspec

from vedette.alerts.inhibition import Source
from vedette.alerts.models import RoutingRow, SilenceRow
from vedette.alerts.silencing import Silence
from vedette.alerts.types import Routing
from vedette.plumbing.db import sql

_THE_ONE = 1
_ROUTING, _SILENCE = msgspec.json.Decoder(Routing), msgspec.json.Decoder(Silence)


def silences(since: float) -> tuple[Silence, ...]:
    """Return the silences that end after `since`, the one that ends first first."""
    rows = sql.query("SELECT body FROM alerts_silence WHERE ends > %s ORDER BY ends, id", (since,))
    return tuple(_SILENCE.decode(str(body)) for (body,) in rows)


def silence(silence_id: str) -> Silence | None:
    """Return one silence, or None."""
    row = SilenceRow.objects.filter(pk=silence_id).first()
    return None if row is None else msgspec.convert(row.body, Silence)


def save_silence(made: Silence) -> None:
    """Insert or overwrite a silence."""
    columns = {"starts": made.starts, "ends": made.ends, "body": msgspec.to_builtins(made)}
    SilenceRow.objects.update_or_create(pk=made.id, defaults=columns)


def drop_silences(instant: float) -> int:
    """Delete the silences that ended before `instant`; return how many went."""
    return SilenceRow.objects.filter(ends__lt=instant).delete()[0]


def routing() -> Routing | None:
    """Return the routing that was saved; None while there is only the built-in one."""
    found = sql.query_one("SELECT body FROM alerts_routing WHERE id = %s", (_THE_ONE,))
    return None if found is None else _ROUTING.decode(str(found[0]))


def routing_version() -> int | None:
    """Return the version of the routing that was saved; None while there is only the built-in one."""
    return RoutingRow.objects.filter(pk=_THE_ONE).values_list("version", flat=True).first()


def save_routing(made: Routing, version: int) -> None:
    """Put a routing in force."""
    columns = {"version": version, "body": msgspec.to_builtins(made)}
    RoutingRow.objects.update_or_create(pk=_THE_ONE, defaults=columns)


def set_sources(alerts: Sequence[int], found: Iterable[tuple[int, Source]]) -> None:
    """Remember which of these alerts mute others; what was known of them before is forgotten."""
    sql.executemany("DELETE FROM alerts_source WHERE alert_id = %s", [(alert,) for alert in alerts])
    sql.executemany(
        "INSERT INTO alerts_source (alert_id, rule, equal, two_sided) VALUES (%s, %s, %s, %s)",
        [(alert, each.rule, each.equal, each.two_sided) for alert, each in found],
    )


def forget_sources() -> None:
    """Forget every alert that mutes others, for the inhibitions are others now."""
    sql.execute("DELETE FROM alerts_source")


def firing_sources(rule: str, equal: str) -> tuple[tuple[str, bool], ...]:
    """Return fingerprint, and whether it is a target too, of each firing source; at most one of either sort."""
    statement = """SELECT MIN(a.fingerprint), s.two_sided FROM alerts_source s JOIN alerts_alert a ON a.id = s.alert_id
        WHERE s.rule = %s AND s.equal = %s AND a.state = 'firing' GROUP BY s.two_sided"""
    return tuple((str(name), bool(two)) for name, two in sql.query(statement, (rule, equal)))
