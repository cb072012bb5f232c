"""What Alertmanager's API v2 says and takes, in its own shapes. Pure.

Source: Alertmanager's OpenAPI document, api/v2/openapi.yaml, version 0.25.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from vedette.alerts import matching, silencing
from vedette.alerts.matching import Matcher, Operator
from vedette.alerts.pushed import NOWHERE
from vedette.alerts.silencing import Silence
from vedette.alerts.types import Alert
from vedette.core.clock import iso
from vedette.core.errors import Invalid
from vedette.wire.alertmanager import RESOLVE_TIMEOUT

SPOKEN = "0.25.0"  # the version of Alertmanager whose API this is
_OPERATORS = {
    (False, True): Operator.EQUAL,
    (False, False): Operator.NOT_EQUAL,
    (True, True): Operator.MATCHES,
    (True, False): Operator.MATCHES_NOT,
}
_PARTS = {operator: parts for parts, operator in _OPERATORS.items()}


class Named(msgspec.Struct, frozen=True):
    """A receiver."""

    name: str


class AlertStatus(msgspec.Struct, frozen=True, rename="camel"):
    """Whether an alert may be heard: `active` or `suppressed`, by which silences and alerts."""

    state: str
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()


class GettableAlert(msgspec.Struct, frozen=True, rename="camel"):
    """One alert that fires."""

    annotations: Mapping[str, str]
    ends_at: str
    fingerprint: str
    receivers: tuple[Named, ...]
    starts_at: str
    status: AlertStatus
    updated_at: str
    generator_url: str = msgspec.field(name="generatorURL")
    labels: Mapping[str, str]


class AlertGroup(msgspec.Struct, frozen=True):
    """Alerts that are told together."""

    alerts: tuple[GettableAlert, ...]
    labels: Mapping[str, str]
    receiver: Named


class MatcherBody(msgspec.Struct, frozen=True, rename="camel"):
    """One condition of a silence."""

    name: str
    value: str
    is_regex: bool
    is_equal: bool = True


class PostableSilence(msgspec.Struct, frozen=True, rename="camel"):
    """A silence as it is posted; with an `id` it changes that one."""

    matchers: tuple[MatcherBody, ...]
    starts_at: dt.datetime
    ends_at: dt.datetime
    created_by: str
    comment: str
    id: str | None = None


class SilenceStatus(msgspec.Struct, frozen=True):
    """Where a silence is in its life."""

    state: str


class GettableSilence(msgspec.Struct, frozen=True, rename="camel"):
    """One silence."""

    id: str
    status: SilenceStatus
    updated_at: str
    comment: str
    created_by: str
    ends_at: str
    matchers: tuple[MatcherBody, ...]
    starts_at: str


class Wanted(msgspec.Struct, frozen=True):
    """Which alerts somebody asks for; `receiver` is a pattern for the whole name."""

    active: bool = True
    silenced: bool = True
    inhibited: bool = True
    matchers: tuple[Matcher, ...] = ()
    receiver: Matcher | None = None

    def names(self, receivers: Sequence[str]) -> bool:
        """Tell whether one of these receivers is asked for."""
        return self.receiver is None or any(
            matching.matches([self.receiver], {self.receiver.name: name}) for name in receivers
        )

    def takes(self, labels: Mapping[str, str], status: AlertStatus) -> bool:
        """Tell whether an alert of these labels is asked for."""
        if not self.active and status.state == "active":
            return False
        if (status.silenced_by and not self.silenced) or (status.inhibited_by and not self.inhibited):
            return False
        return matching.matches(self.matchers, labels)


def wanted(flags: Mapping[str, str], filters: Sequence[str], receiver: str) -> Wanted:
    """Return what a query asks for; raises `Invalid`."""
    flag = {name: flags.get(name, "true") != "false" for name in ("active", "silenced", "inhibited")}
    matchers = tuple(matcher for text in filters for matcher in matching.parse(text))
    named = matching.matcher("receiver", Operator.MATCHES, receiver) if receiver else None
    return Wanted(**flag, matchers=matchers, receiver=named)


def status(silenced_by: Sequence[str], inhibited_by: Sequence[str]) -> AlertStatus:
    """Return the status of an alert that fires."""
    state = "suppressed" if silenced_by or inhibited_by else "active"
    return AlertStatus(state, tuple(silenced_by), tuple(inhibited_by))


def alert(
    found: Alert, receivers: Sequence[str], told: AlertStatus, base_url: str, now: float
) -> GettableAlert:
    """Return an alert; one without an end goes on for as long as one that is pushed without one."""
    standing = found.standing
    link = "" if found.pushed and found.link == NOWHERE else found.link
    return GettableAlert(
        annotations=found.annotations,
        ends_at=iso(now + RESOLVE_TIMEOUT if standing.ends is None else standing.ends),
        fingerprint=found.fingerprint,
        receivers=tuple(map(Named, receivers)),
        starts_at=iso(standing.starts),
        status=told,
        updated_at=iso(found.updated_at),
        generator_url=link if not link or "://" in link else f"{base_url}{link}",
        labels=found.labels,
    )


def silence(found: Silence, now: float) -> GettableSilence:
    """Return a silence."""
    return GettableSilence(
        id=found.id,
        status=SilenceStatus(silencing.state(found, now).value),
        updated_at=iso(found.updated_at),
        comment=found.comment,
        created_by=found.author,
        ends_at=iso(found.ends),
        matchers=tuple(MatcherBody(m.name, m.value, *_PARTS[m.op]) for m in found.matchers),
        starts_at=iso(found.starts),
    )


def matchers(bodies: Sequence[MatcherBody]) -> tuple[Matcher, ...]:
    """Return the matchers of a posted silence; raises `Invalid`."""
    return tuple(
        matching.matcher(body.name, _OPERATORS[body.is_regex, body.is_equal], body.value) for body in bodies
    )


def instant(moment: dt.datetime) -> float:
    """Return the instant of a posted silence; without a zone it is read as UTC. Raises `Invalid`."""
    if moment.year == 1:
        raise Invalid("A silence needs startsAt and endsAt.")
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()


def asked_for(found: Silence, filters: Sequence[Matcher]) -> bool:
    """Tell whether a silence is asked for: its own conditions are looked at as if they were labels."""
    return matching.matches(filters, {each.name: each.value for each in found.matchers})
