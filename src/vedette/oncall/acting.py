"""What a move of an escalation does: pages, notices, webhooks and signals, all in the caller's transaction."""

from collections.abc import Sequence

import msgspec

from vedette.notify import service as notify
from vedette.notify.types import ChannelRef, Notice, Person, Planned, Stage
from vedette.oncall import calling
from vedette.oncall.escalation import Does, Move
from vedette.oncall.gathering import Circle
from vedette.oncall.store import escalations as store
from vedette.oncall.store import policies
from vedette.oncall.types import DECLARE, ROOM, Escalation, EscalationStep, Links
from vedette.signals import service as signals
from vedette.signals.types import Moment, Severity, Signal, SignalState

_IMPORTANT, _DEFAULT = "critical", "info"  # a severity that a person's rule of that name always tells


class Act:
    """Does the moves of escalations at one instant."""

    def __init__(self, circle: Circle, links: Links, now: float) -> None:
        self.circle, self.now = circle, now
        self._links = links
        self._loud: list[str] = []

    def do(self, before: Escalation, move: Move) -> None:
        """Do what a move says and write down its line; what is not as the policy means it is told to whom it tells next."""
        steps = before.policy.steps
        step = steps[before.step] if before.step < len(steps) else None
        if move.turned:
            policies.turn(before.policy.id, before.step, move.turned)
        if move.does is Does.LAST_RESORT:
            self._tell(before, move, self.circle.default_channels)
        elif step is not None:
            self._step(before, move, step)
        store.add_line(before.id, f"{_word(move)}.{move.key}", self._line(move), self.now)
        if move.loud:
            self._loud.append(move.reason)
            self._record("escalation.gap", before, move.reason)

    def _step(self, before: Escalation, move: Move, step: EscalationStep) -> None:
        if move.does is Does.PAGE:
            self._page(before, move, step)
        elif move.does is Does.CHANNEL:
            self._tell(before, move, [self.circle.channels[step.channel or 0]])
        elif move.does is Does.WEBHOOK:
            calling.queue(before, step.url, move.key, self._notice(before, move), self.now)
        elif move.does is Does.DECLARE:
            signals.publish([self._declared(before, move, step)], self.now)

    def _page(self, before: Escalation, move: Move, step: EscalationStep) -> None:
        for user in move.users:
            person = self.circle.people[user]
            severity = _IMPORTANT if step.important else _DEFAULT
            for planned in notify.plan(person.preferences, person.channels, severity):
                self._queue_page(before, move, person, planned)
        store.add_pages(before.id, move.users, self.now)
        self._record("page.sent", before, move.reason)

    def _queue_page(self, before: Escalation, move: Move, person: Person, planned: Planned) -> None:
        """Queue one channel of a person's rule; what has not gone out when somebody answers does not go any more."""
        to, key = planned.channel, f"esc.{before.id}.{move.key}.{person.user}.{planned.channel.id}"
        notice = self._addressed(before, move, to, planned.reason if planned.number > 1 else "")
        stage = Stage(
            owner=person.user, which=planned.which, number=planned.number, after=planned.after,
            thread=f"esc.{before.id}",
        )  # fmt: skip
        notify.queue_step(to.id, notice, key, stage, self.now)

    def _tell(self, before: Escalation, move: Move, channels: Sequence[ChannelRef]) -> None:
        for channel in channels:
            notice = self._addressed(before, move, channel)
            notify.queue(channel.id, notice, f"esc.{before.id}.{move.key}.0.{channel.id}", self.now)

    def _addressed(self, before: Escalation, move: Move, to: ChannelRef, why: str = "") -> Notice:
        notice = self._notice(before, move, why)
        return msgspec.structs.replace(notice, actions=self._links(before.id, move.key, to, notice, self.now))

    def _notice(self, before: Escalation, move: Move, why: str = "") -> Notice:
        said = " ".join(part for part in (*self._loud, move.reason, why) if part)
        reason = f"Escalation policy “{before.policy.name}”: {said}"
        return msgspec.structs.replace(before.notice, at=self.now, reason=reason)

    def _line(self, move: Move) -> str:
        nobody = move.does is Does.LAST_RESORT and not self.circle.default_channels
        return f"{move.reason} THERE IS NO DEFAULT CHANNEL: nobody was told." if nobody else move.reason

    def _declared(self, before: Escalation, move: Move, step: EscalationStep) -> Signal:
        severity = "" if step.severity is None else str(step.severity)
        return Signal(
            room=ROOM, kind=DECLARE, subject=before.thread[:200], severity=Severity(before.notice.severity),
            state=SignalState.INFO, at=self.now, title=before.notice.title, text=move.reason,
            link=f"/on-call/escalations/{before.id}/", project=before.project,
            labels={"thread": before.thread, "policy": before.policy.name, "severity": severity},
            annotations={"escalation": str(before.id), "link": before.notice.link, "text": before.notice.text},
        )  # fmt: skip

    def _record(self, kind: str, before: Escalation, text: str) -> None:
        moment = Moment(
            at=self.now, room=ROOM, kind=kind, subject=before.thread, text=f"{before.policy.name}: {text}",
            link=f"/on-call/escalations/{before.id}/", project=before.project,
        )  # fmt: skip
        signals.record([moment])


def _word(move: Move) -> str:
    return {Does.LAST_RESORT: "end", Does.END: "end", Does.STOP: "end"}.get(move.does, move.does.value)
