"""What would a body become? Pure: the door's own reading, shown as alerts that nobody keeps."""

from vedette.alerts import identity, pushed
from vedette.alerts.hooks.types import HookTrial
from vedette.alerts.types import Alert
from vedette.core.errors import Invalid
from vedette.wire.alertmanager import PushedAlert
from vedette.wire.hooks import mapping, reading
from vedette.wire.hooks.mapping import AlertMapping


def trial(body: bytes | str, given: AlertMapping, hook: str, now: float) -> HookTrial:
    """Return what a body would become by a mapping, at `now`; raises `Invalid` naming wrong fields of the mapping."""
    shape = mapping.shape(given)
    try:
        shaped = reading.read(reading.parsed(body), shape, hook, now)
    except Invalid as error:
        return HookTrial(wrong=(str(error),))
    alerts = tuple(_alert(each, now) for each in shaped.alerts)
    return HookTrial(alerts, shaped.ignored, tuple(map(str, shaped.faults)))


def _alert(given: PushedAlert, now: float) -> Alert:
    story = pushed.story(given, None, now)
    return Alert(
        id=0, rule_id=None, rule=story.hook, fingerprint=identity.fingerprint(story.labels), labels=story.labels,
        annotations=story.annotations, standing=story.seen, title=story.title, text=story.text, link=story.link,
        subject=story.subject, project=None, updated_at=now,
    )  # fmt: skip
