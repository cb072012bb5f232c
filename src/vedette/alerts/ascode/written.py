"""What may stand in a file of rules, routes, receivers, inhibitions, silences and hooks: names as people write them. Pure.

Files name projects by slug, channels by name and people by e-mail address; ids are this installation's own.
"""

from typing import Annotated

import msgspec

from vedette.alerts.types import REPEAT_MINUTES, Compare, Direction, Params, Per, Sensitivity
from vedette.oncall.types import StepKind
from vedette.signals.types import Severity
from vedette.wire.ascode.lengths import Length, Wall

_P = Params()
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
MatcherText = Annotated[
    str, msgspec.Meta(max_length=2_000, description='matchers: severity="high", team=~"a|b"')
]


class RuleText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule; its kind and params are those of docs/alerts.md. `project` is a slug."""

    name: Name
    kind: str
    project: str = ""
    matchers: MatcherText = ""
    series: str = _P.series
    compare: Compare = _P.compare
    count: float = _P.count
    minutes: int = _P.minutes
    per: Per = _P.per
    hold: int = _P.hold
    percent: float = _P.percent
    factor: float = _P.factor
    days: int = _P.days
    label: str = _P.label
    signal: str = _P.signal
    good: str = _P.good
    objective: float = _P.objective
    burn: float = _P.burn
    short: int = _P.short
    sensitivity: Sensitivity = _P.sensitivity
    direction: Direction = _P.direction
    least: Severity = _P.severity
    severity: Severity | None = None
    channels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    assignee: bool = False
    enabled: bool = True
    repeat_minutes: int = REPEAT_MINUTES
    send_resolved: bool = False
    policy: str = ""


class RouteText(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"goes_on": "continue", "routes": "route"},
):
    """A route; those at the top are tried in order, those below them inherit what they do not say."""

    matchers: MatcherText = ""
    receiver: str | None = None
    group_by: tuple[str, ...] | None = None
    group_wait: Length | None = None
    group_interval: Length | None = None
    repeat_interval: Length | None = None
    send_resolved: bool | None = None
    goes_on: bool = False
    routes: tuple["RouteText", ...] = ()


class ReceiverText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom a route tells: channels and escalation policies by name, people by e-mail address."""

    name: Name
    channels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


class StepText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of a policy (docs/escalation.md): people by e-mail address, schedules and channels by name, `spans` as on the page."""

    kind: StepKind
    people: tuple[str, ...] = ()
    role: str = ""
    schedule: str = ""
    channel: str = ""
    important: bool = True
    minutes: int = 0
    spans: tuple[str, ...] = ()
    zone: str = "UTC"
    count: int = 0
    skips: int = 1
    url: str = ""
    severity: int | None = None


class PolicyText(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"steps": "step"}
):
    """An escalation policy; secrets of its webhooks are set on its page, and stay."""

    name: Name
    steps: tuple[StepText, ...] = ()
    repeats: int = 0
    ack_minutes: int = 0


class InhibitText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `source` matches mutes what `target` matches, where `equal` agree."""

    source: MatcherText
    target: MatcherText
    equal: tuple[str, ...] = ()


class SilenceText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Quiet every week on `days` (mon … sun; every day without them) from `start` for `length`, by the clock of `zone`."""

    name: Name
    matchers: MatcherText
    start: Wall
    length: Length
    days: tuple[str, ...] = ()
    zone: str = "UTC"
    comment: str = ""


class HookText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A hook; its keys are those of a mapping (docs/hooks.md). What is not said is as the `preset` has it."""

    name: Name
    preset: str = ""
    enabled: bool = True
    alerts: str | None = None
    labels: dict[str, str] | None = None
    labels_from: str | None = None
    annotations: dict[str, str] | None = None
    annotations_from: str | None = None
    title: str | None = None
    text: str | None = None
    link: str | None = None
    state: str | None = None
    states: dict[str, str] | None = None
    severity: str | None = None
    severities: dict[str, str] | None = None
    starts: str | None = None
    ends: str | None = None
    lasts: Length | None = None


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole file."""

    rule: tuple[RuleText, ...] = ()
    route: tuple[RouteText, ...] = ()
    receiver: tuple[ReceiverText, ...] = ()
    inhibit: tuple[InhibitText, ...] = ()
    silence: tuple[SilenceText, ...] = ()
    hook: tuple[HookText, ...] = ()
    policy: tuple[PolicyText, ...] = ()


SECTIONS: dict[str, type[msgspec.Struct]] = {
    "rule": RuleText,
    "route": RouteText,
    "receiver": ReceiverText,
    "inhibit": InhibitText,
    "silence": SilenceText,
    "hook": HookText,
    "policy": PolicyText,
}
