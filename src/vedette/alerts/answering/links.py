"""The links of a notice: what who gets it may do without signing in."""

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Verb, may
from vedette.alerts.addressing import Addressee
from vedette.alerts.answering.token import Act, Claim, move_number, written
from vedette.alerts.types import Group
from vedette.core.errors import NotFound
from vedette.notify.types import Action, ChannelRef, Notice
from vedette.plumbing.ports import ports
from vedette.signals.types import SignalState

_LABELS = {Act.ACKNOWLEDGE: "Acknowledge", Act.SILENCE: "Silence 1 h"}
_PURPOSE = "alerts.answer"


def mark(text: str) -> str:
    """Return the HMAC of a text under the installation's key, as hex."""
    return ports().seal.mark(text, _PURPOSE)


def actions(group: Group, look: int, to: Addressee, now: float) -> tuple[Action, ...]:
    """Return the links of what a group tells at a look; none for a person who may not act themselves.

    A group without labels is everything, which nobody silences from a notice.
    """
    claim = Claim(act=Act.ACKNOWLEDGE, group=group.id, look=look, channel=to.channel.id, at=now)
    return _actions(claim, to.channel, silences=bool(group.labels))


def page_actions(
    escalation: int, move: str, to: ChannelRef, notice: Notice, now: float
) -> tuple[Action, ...]:
    """Return the links of a page that an escalation sends by a move (`0.2`); none for what nobody can acknowledge."""
    if notice.state != SignalState.FIRING.value:
        return ()
    look = move_number(move)
    claim = Claim(act=Act.ACKNOWLEDGE, group=escalation, look=look, channel=to.id, at=now, page=True)
    return _actions(claim, to, silences=bool(notice.labels))


def _actions(claim: Claim, to: ChannelRef, *, silences: bool) -> tuple[Action, ...]:
    if not _may_act(to.owner):
        return ()
    acts = (Act.ACKNOWLEDGE, Act.SILENCE) if silences else (Act.ACKNOWLEDGE,)
    return tuple(
        Action(act.value, _LABELS[act], _url(msgspec.structs.replace(claim, act=act))) for act in acts
    )


def _may_act(owner: int | None) -> bool:
    try:
        return owner is None or may(accounts.actor_for(owner), Verb.ALERT_WRITE).allowed
    except NotFound:
        return False


def _url(claim: Claim) -> str:
    return f"{ports().settings.public_url}/a/{written(claim, mark)}/"
