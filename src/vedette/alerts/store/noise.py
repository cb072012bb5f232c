"""SQL of what people were told, and whether anybody took it: one alert for each row, bounded."""

from vedette.alerts.types import ToldAlert
from vedette.plumbing.db import sql

_LATER = 3_600.0  # seconds after its end in which a notice is still of an alert
_STATEMENT = f"""SELECT a.rule_name, a.fingerprint, a.acked_at IS NOT NULL, a.link
    FROM (SELECT * FROM alerts_alert WHERE updated_at >= %s ORDER BY updated_at DESC, id DESC LIMIT %s) a
    WHERE EXISTS (SELECT 1 FROM alerts_trace t WHERE t.alert_id = a.id AND t.sent AND t.at >= %s)
    OR EXISTS (SELECT 1 FROM json_each(a.groups) g JOIN alerts_trace t ON t."group" = g.value
        WHERE t.sent AND t.alert_id IS NULL AND t.at >= max(a.starts, %s) AND t.at <= coalesce(a.ends, a.updated_at) + {_LATER})"""  # noqa: S608 - a number of ours


def told(since: float, n: int) -> tuple[ToldAlert, ...]:
    """Return the newest `n` alerts that changed since an instant, those of them that somebody was told of."""
    return tuple(sql.rows(_told, _STATEMENT, (since, n, since, since)))


def _told(rule: str, fingerprint: str, acknowledged: int, link: str) -> ToldAlert:
    return ToldAlert(rule=rule, fingerprint=fingerprint, acknowledged=bool(acknowledged), link=link)
