"""The token in a link of a notice: one act on what one channel was told, for 72 hours. Pure.

`act-group-look-channel-at-mac`: the first letter of the act (a capital one in a page), numbers to the base of 36, the instant in milliseconds, and
the first 128 bits of an HMAC-SHA-256 over all before it, in base64url. So it fits into the 64 bytes that Telegram keeps
with a button (Bot API, `InlineKeyboardButton.callback_data`), and nothing needs to be kept for it here. Who has it can
do that act and nothing else; it is no session.
"""

import base64
import enum
import hmac
import math
import re
from collections.abc import Callable

import msgspec

from vedette.core.errors import Forbidden

LIFE = 72 * 3_600.0
_STEPS = 1_000  # more than a policy has
_MAC = 32  # hex digits of what `mark` returns
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_TOKEN = re.compile(r"(([asAS])((?:-(?:0|[1-9a-z][0-9a-z]{0,12})){4}))-([\w-]{22})", re.ASCII)
_BROKEN = "This link is not complete, or was changed. Open it from the notice again; nothing was changed."
_EXPIRED = "This link was good for 72 hours and is not any more. Sign in to act; nothing was changed."


class Act(enum.StrEnum):
    """What a link does."""

    ACKNOWLEDGE = "acknowledge"
    SILENCE = "silence"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a token stands for: an act on what a group told a channel (its id) at its n-th `look`.

    `at` is the instant it was told. Of a `page` the group is the escalation that sent it, and `look` its move (`move`).
    """

    act: Act
    group: int
    look: int
    channel: int
    at: float
    page: bool = False

    @property
    def until(self) -> float:
        """Return the instant from which the link does not work any more."""
        return self.at + LIFE

    @property
    def key(self) -> str:
        """Return the idempotency key of the notice it stood in; a page's names its owner as well (`page_key`)."""
        return notice_key(self.group, self.look, self.channel)

    def page_key(self, owner: int) -> str:
        """Return the idempotency key of the page it stood in; `owner` is whose channel it is, 0 for everybody's."""
        turn, step = divmod(self.look, _STEPS)
        return f"esc.{self.group}.{turn}.{step}.{owner}.{self.channel}"


def notice_key(group: int, look: int, channel: int) -> str:
    """Return the idempotency key of what a group tells a channel at a look."""
    return f"{group}.{look}.{channel}"


def move_number(move: str) -> int:
    """Return the number that stands for a move of an escalation (`0.2`: round and step) in a token."""
    turn, _, step = move.partition(".")
    return int(turn) * _STEPS + int(step)


def written(claim: Claim, mark: Callable[[str], str]) -> str:
    """Return the token; `mark` returns an HMAC of a text as hex."""
    numbers = (claim.group, claim.look, claim.channel, _milliseconds(claim.at))
    letter = claim.act.value[0]
    text = "-".join([letter.upper() if claim.page else letter, *map(_short, numbers)])
    return f"{text}-{_signature(text, mark)}"


def read(token: str, mark: Callable[[str], str], now: float) -> Claim:
    """Return what a token stands for; raises `Forbidden` when it was changed, made elsewhere, or is over."""
    found = _TOKEN.fullmatch(token)
    if found is None or not hmac.compare_digest(_signature(found[1], mark), found[4]):
        raise Forbidden(_BROKEN)
    group, look, channel, at = (int(each, len(_DIGITS)) for each in found[3].split("-")[1:])
    claim = Claim(
        act=_ACTS[found[2].lower()], group=group, look=look, channel=channel, at=at / 1_000, page=found[2].isupper()
    )  # fmt: skip
    if now >= claim.until:
        raise Forbidden(_EXPIRED)
    return claim


def _signature(text: str, mark: Callable[[str], str]) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(mark(text)[:_MAC])).rstrip(b"=").decode()


def _short(number: int) -> str:
    high, low = divmod(number, len(_DIGITS))
    return (_short(high) if high else "") + _DIGITS[low]


def _milliseconds(instant: float) -> int:
    return math.ceil(instant * 1_000)  # up, so that what began at that very instant began before it


_ACTS = {act.value[0]: act for act in Act}
