"""A test page that must be acknowledged: what it came to, when another may be sent, and its signed link. Pure."""

import hmac
import re
from collections.abc import Callable, Sequence

from vedette.core.errors import Forbidden
from vedette.notify.types import Proof
from vedette.notify.verdict import Verdict

LIFE = 600.0
HOUR = 3_600.0
MOST_AN_HOUR = 6
_MAC = 32  # hex digits
_TOKEN = re.compile(r"([1-9][0-9]{0,15})-([1-9][0-9]{0,15})-([0-9a-f]{32})", re.ASCII)
_BROKEN = "This link is not complete, or was changed. Open it from the notice again; nothing was changed."


def running(proof: Proof | None, now: float) -> bool:
    """Tell whether a test page still waits for an acknowledgement."""
    return proof is not None and proof.acknowledged_at is None and now < proof.ends_at


def settled(proof: Proof | None, now: float) -> str:
    """Return why nothing more of a test page is sent, "" while it waits for an acknowledgement."""
    if proof is None or running(proof, now):
        return "" if proof else "The test page is gone."
    return took(proof) or "The test page was over."


def took(proof: Proof) -> str:
    """Return after how long a test page was acknowledged, and how; "" when nobody did."""
    if proof.acknowledged_at is None:
        return ""
    seconds = max(0, round(proof.acknowledged_at - proof.started_at))
    return f"Acknowledged after {_span(seconds)}, {proof.how}."


def verdict(proof: Proof | None, now: float) -> Verdict:
    """Return in one sentence what the last test page came to."""
    if proof is None:
        return Verdict("off", "bell", "You never sent yourself a page for real.", _NEVER)
    if running(proof, now):
        return Verdict("off", "hourglass", "Waiting for your acknowledgement.", _RUNNING)
    if proof.acknowledged_at is not None:
        return Verdict("ok", "check", took(proof), "You can be reached this way.")
    return Verdict("warn", "bell-off", "Nobody acknowledged.", "This is what would have happened at night.")


def wait_for_another(began: Sequence[float], now: float) -> float:
    """Return for how many seconds no other test page may be sent; `began` are those of the last hour, oldest first."""
    recent = [at for at in began if at > now - HOUR]
    return 0.0 if len(recent) < MOST_AN_HOUR else max(1.0, recent[-MOST_AN_HOUR] + HOUR - now)


def written(proof_id: int, channel: int, mark: Callable[[str], str]) -> str:
    """Return the token of the link by which one channel's notice acknowledges a test page; `mark` returns an HMAC as hex."""
    text = f"{proof_id}-{channel}"
    return f"{text}-{mark(text)[:_MAC]}"


def read(token: str, mark: Callable[[str], str]) -> tuple[int, int]:
    """Return the ids of the test page and the channel; raises `Forbidden` for a token that was changed, or made elsewhere."""
    found = _TOKEN.fullmatch(token)
    if found is None or not hmac.compare_digest(mark(f"{found[1]}-{found[2]}")[:_MAC], found[3]):
        raise Forbidden(_BROKEN)
    return int(found[1]), int(found[2])


def _span(seconds: int) -> str:
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min {seconds % 60} s"


_NEVER = "Send one, leave your phone where it lies at night, and see whether you hear it."
_RUNNING = "Press Acknowledge in the notice. It waits ten minutes."
