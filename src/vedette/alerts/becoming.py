"""What an alert becomes by what was seen. Pure: the alerter and the replay of a preview both ask here."""

import msgspec

from vedette.alerts import flapping, life
from vedette.alerts.telling import Story
from vedette.alerts.types import Alert, Rule
from vedette.signals.types import SignalState


class Seen(msgspec.Struct, frozen=True):
    """What was seen, by which rules (none: it was pushed), and in words why it is an alert."""

    story: Story
    rules: tuple[Rule, ...]
    why: str


def become(fingerprint: str, seen: Seen, before: Alert | None, now: float) -> Alert | None:
    """Return the alert as it is after what was seen (its `id` is 0 when it is new); None when there is nothing to keep."""
    story = seen.story
    standing = life.step(before.standing if before else None, story.seen)
    if standing is None:
        return None
    began_or_ended = before is None or before.standing.state is not standing.state
    lasts = standing.state is not SignalState.INFO
    flips = before.flips if before else ()
    goes_on = before is not None and not began_or_ended and lasts
    return Alert(
        id=before.id if before else 0,
        rule_id=seen.rules[0].id if seen.rules else None,
        rule=seen.rules[0].name if seen.rules else story.hook,
        rules=tuple(rule.id for rule in seen.rules),
        why=seen.why,
        fingerprint=fingerprint,
        labels=story.labels,
        annotations=story.annotations,
        standing=standing,
        title=story.title,
        text=story.text,
        link=story.link,
        subject=story.subject,
        project=story.project,
        updated_at=now,
        flips=flapping.flipped(flips, now) if began_or_ended and lasts else flips,
        acked_at=before.acked_at if before and goes_on else None,
        acked_by=before.acked_by if before and goes_on else "",
    )
