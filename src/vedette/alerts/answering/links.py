"""The links of a notice: what who gets it may do without signing in."""

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Verb, may
from vedette.alerts.addressing import Addressee
from vedette.alerts.answering.token import Act, Claim, written
from vedette.alerts.types import Group
from vedette.core.errors import NotFound
from vedette.notify.types import Action
from vedette.plumbing.ports import ports

_LABELS = {Act.ACKNOWLEDGE: "Acknowledge", Act.SILENCE: "Silence 1 h"}
_PURPOSE = "alerts.answer"


def mark(text: str) -> str:
    """Return the HMAC of a text under the installation's key, as hex."""
    return ports().seal.mark(text, _PURPOSE)


def actions(group: Group, look: int, to: Addressee, now: float) -> tuple[Action, ...]:
    """Return the links of what a group tells at a look; none for a person who may not act themselves.

    A group without labels is everything, which nobody silences from a notice.
    """
    if not _may_act(to.channel.owner):
        return ()
    acts = (Act.ACKNOWLEDGE, Act.SILENCE) if group.labels else (Act.ACKNOWLEDGE,)
    return tuple(Action(act.value, _LABELS[act], _url(act, group, look, to, now)) for act in acts)


def _may_act(owner: int | None) -> bool:
    try:
        return owner is None or may(accounts.actor_for(owner), Verb.ALERT_WRITE).allowed
    except NotFound:
        return False


def _url(act: Act, group: Group, look: int, to: Addressee, now: float) -> str:
    claim = Claim(act=act, group=group.id, look=look, channel=to.channel.id, at=now)
    return f"{ports().settings.public_url}/a/{written(claim, mark)}/"
