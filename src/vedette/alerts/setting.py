"""What is in force while a batch is dealt with, read from the stores."""

from vedette.alerts import builtin
from vedette.alerts.addressing import Setting
from vedette.alerts.store import rules as rule_store
from vedette.alerts.store import silences as silence_store
from vedette.notify import service as notify
from vedette.oncall import service as oncall


def setting_of(now: float) -> Setting:
    """Return what is in force."""
    return Setting(
        rules=rule_store.all_rules(),
        channels={channel.id: channel for channel in notify.channels()},
        people=notify.people(),
        table=builtin.table(),
        silences=silence_store.silences(now),
        now=now,
        policies=oncall.policies(),
    )
