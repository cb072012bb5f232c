"""A night that goes by fast: people with recorded phones, real alerts, real outbox, real escalations, a clock of our own."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.support.people import person

from vedette.accounts.permissions import SYSTEM, Actor, Role
from vedette.alerts import governing, processing, service
from vedette.alerts.becoming import Seen
from vedette.alerts.routing import Route
from vedette.alerts.telling import Story
from vedette.alerts.types import Alert, Receiver, Routing, Standing
from vedette.core.clock import ManualClock
from vedette.notify import service as notify
from vedette.notify.types import Preferences
from vedette.oncall import service as oncall
from vedette.oncall.types import EscalationStep, Policy, PolicyDraft, Schedule, ScheduleDraft, StepKind
from vedette.plumbing.testing import MemoryPorts
from vedette.signals.types import Severity, SignalState

PEOPLE = (("Mira", Role.OWNER), ("Jonas", Role.ADMIN), ("Ann", Role.MEMBER), ("Ola", Role.VIEWER))
OPS = "https://ops.example/all"
_LONGEST = 500  # looks of the house in one go; more means that something turns in a circle


@dataclass(frozen=True)
class Ring:
    """A phone that rang, an SMS that came, or a line in the room of all: when, whose, by what, under which key."""

    at: float
    who: str
    how: str
    key: str


@dataclass
class Night:
    """The house at night. `rings` is everything that went out, in order."""

    ports: MemoryPorts
    clock: ManualClock
    people: dict[str, Actor] = field(default_factory=dict)
    rings: list[Ring] = field(default_factory=list)
    room: int = 0
    _read: int = 0
    _policies: itertools.count = field(default_factory=lambda: itertools.count(1))

    def begin(self, at: float) -> "Night":
        """Set the clock and let the people come, each with a phone and an SMS of their own; one room is everybody's."""
        self.clock.forward(at - self.clock.now())
        for name, role in PEOPLE:
            self.people[name] = made = person(name, at, role)
            self.give_phone(made)
            notify.set_preferences(made, Preferences(severity=None), at)  # so that only pages make it ring
        self.room = notify.create_channel(SYSTEM, "webhook", "Ops", {"url": OPS}, at).id
        return self

    def give_phone(self, who: Actor) -> None:
        now = self.clock.now()
        notify.create_own(who, "webhook", "Phone", {"url": f"https://phone.example/{who.name}"}, now)
        sms = {"url": f"https://sms.example/{who.name}", "to": "+49170", "method": "POST", "form": "json", "body": '{"text": "{text}"}'}  # fmt: skip
        notify.create_own(who, "gateway", "SMS", sms, now)

    def ids(self, *names: str) -> tuple[int, ...]:
        return tuple(self.people[name].id for name in names)

    def schedule(self, draft: ScheduleDraft) -> Schedule:
        return oncall.create_schedule(SYSTEM, draft, self.clock.now())

    def policy(self, *steps: EscalationStep, **more: int) -> Policy:
        draft = PolicyDraft(name=f"Policy {next(self._policies)}", steps=steps, **more)  # type: ignore[arg-type]
        return oncall.create_policy(SYSTEM, draft, self.clock.now())

    def lead_to(self, *policies: Policy, channels: Sequence[str] = ()) -> None:
        """Let everything go to these policies, each alert in a group of its own, at once."""
        names = tuple(policy.name for policy in policies)
        tree = Route(receiver="Night", group_by=("alertname",), group_wait=0.0)
        receiver = Receiver(name="Night", policies=names, channels=tuple(channels))
        governing.save_routing(
            SYSTEM, Routing(tree=tree, receivers=(receiver,), source="hand"), self.clock.now()
        )

    def fire(self, name: str = "Down", *, over: bool = False) -> None:
        now = self.clock.now()
        state = SignalState.RESOLVED if over else SignalState.FIRING
        standing = Standing(state=state, severity=Severity.CRITICAL, change=0, starts=now, ends=now + 1e9)
        story = Story(
            labels={"alertname": name}, annotations={}, seen=standing, title=f"{name} fires", text="",
            link="/alerts/", subject=name, project=None,
        )  # fmt: skip
        processing.push([Seen(story, (), "It was pushed.")], now)
        self.turn()

    def resolve(self, name: str = "Down") -> None:
        self.fire(name, over=True)

    def ack(self, who: str, name: str = "Down") -> tuple[Alert, ...]:
        found = next(
            alert
            for alert in (*service.firing().alerts, *service.past().alerts)
            if alert.labels["alertname"] == name
        )
        taken = governing.acknowledge(self.people[who], [found.id], self.clock.now())
        self.turn()
        return taken

    def turn(self) -> None:
        """Let each role of the house look once, in the order of their threads."""
        service.process(self.clock.now())
        service.escalate(self.clock.now())
        while oncall.deliver_webhook(self.clock.now()):
            pass
        notify.deliver_due(self.clock.now(), service.settled)
        for request in self.ports.net.requests[self._read :]:
            self._note(request.url, request.headers)
        self._read = len(self.ports.net.requests)

    def forward(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Let time go by: the clock goes from one due instant to the next, and the house looks at each."""
        end = self.clock.now() + hours * 3_600 + minutes * 60 + seconds
        for _ in range(_LONGEST):
            waits = (service.next_due(), oncall.next_due(), oncall.next_webhook(), notify.next_due())
            due = min((at for at in waits if at is not None), default=end)
            self.clock.forward(max(0.0, min(due, end) - self.clock.now()))
            self.turn()
            if due >= end:
                return
        raise AssertionError("the night does not end")

    def told(self, since: float = 0.0) -> list[tuple[float, str, str]]:
        """Return (minutes since an instant, who, how) of everything that went out."""
        return [((ring.at - since) / 60, ring.who, ring.how) for ring in self.rings]

    def paged(self) -> list[str]:
        """Return whose phone rang, in order."""
        return [ring.who for ring in self.rings if ring.how == "phone"]

    def _note(self, url: str, headers: dict[str, str]) -> None:
        parts = urlsplit(url)
        how = re.sub(r"\..*", "", parts.hostname or "")
        self.rings.append(
            Ring(self.clock.now(), parts.path.strip("/"), how, headers.get("Idempotency-Key", ""))
        )


def page(night: Night, *names: str, important: bool = True) -> EscalationStep:
    return EscalationStep(kind=StepKind.NOTIFY_USERS, users=night.ids(*names), important=important)


def on_call(schedule: Schedule) -> EscalationStep:
    return EscalationStep(kind=StepKind.NOTIFY_SCHEDULE, schedule=schedule.id)


def wait(minutes: int) -> EscalationStep:
    return EscalationStep(kind=StepKind.WAIT, minutes=minutes)


def tell_room(night: Night) -> EscalationStep:
    return EscalationStep(kind=StepKind.NOTIFY_CHANNEL, channel=night.room)
