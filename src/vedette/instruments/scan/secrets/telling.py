"""Makes findings of leaks: one secret is one finding, however often it is there, and it is never shown."""

import datetime
import functools
import hashlib
import math
from collections.abc import Iterable, Sequence

from vedette.instruments.scan.secrets.hinting import hint
from vedette.instruments.scan.secrets.types import Hit, Leak
from vedette.instruments.scan.stray import STAGED, UNREACHED
from vedette.instruments.scan.tree import aside, shown
from vedette.wire.finding import Finding, FindingState

MOST_PLACES = 20
_ROUNDS = 2_000
_PAST = " It is in the history only: everyone with a clone still has it."
_ONLY = {
    STAGED: " It is staged: the next commit takes it along.",
    UNREACHED: " Nothing leads to it any more, but it lies in this repository until git removes it (git gc --prune=now).",
}
_KEY = b"vedette.secrets.1"


def findings(leaks: Iterable[Leak], now: float) -> list[Finding]:
    """Return a finding a secret, the worst first. Sightings in files come before those in the past."""
    by_secret: dict[tuple[str, bytes], list[Leak]] = {}
    for each in leaks:
        by_secret.setdefault((each.hit.rule.id, each.hit.secret), []).append(each)
    found = [_finding(sorted(each, key=_order), now) for each in by_secret.values()]
    return sorted(found, key=lambda each: (-each.risk, each.place))


def masked(secret: bytes) -> str:
    """Return what may be shown of a secret: its first characters (four, or a quarter of a short one) and its length."""
    first = secret[: min(4, len(secret) // 4)].decode("ascii", "replace")
    return f"{''.join(c if c.isprintable() else '?' for c in first)}… ({len(secret)} characters)"


@functools.lru_cache(maxsize=4_096)
def identity(rule: str, secret: bytes) -> str:
    """Return what makes a secret the same one in a later scan, on whatever machine, and is of no use to guess it.

    Slow to make (PBKDF2, RFC 8018), apart by rule, and cut to 40 bits, so that of the guesses at a short password many fit.
    """
    made = hashlib.pbkdf2_hmac("sha256", secret, _KEY + rule.encode(), _ROUNDS)
    return f"secrets/{rule}/{made.hex()[:10]}"


def place(leak: Leak) -> str:
    """Return where a person finds a secret: file and line, and the commit where it is in the past alone."""
    at = f"@{leak.commit[:12]}" if leak.commit else ""
    return f"{shown(leak.path)}{at}:{leak.hit.line}"


def _order(leak: Leak) -> tuple[bool, bool, float, str, int]:
    return bool(leak.commit), aside(leak.path), leak.at, leak.path, leak.hit.line


def _finding(leaks: Sequence[Leak], now: float) -> Finding:
    first = leaks[0]
    hit, said = first.hit, hint(first, now)
    rule = hit.rule
    labels = {
        "rule": rule.id,
        "places": str(len(leaks)),
        **({"hint": said.text} if said else {}),
        **_past(leaks),
    }
    return Finding(
        check=f"secrets.{rule.id}", title=f"{rule.about} in {shown(first.path)}", state=FindingState.FAILED,
        subject=masked(hit.secret), risk=min(rule.risk, said.most if said else math.inf), why=_why(first, said.text if said else ""),
        fix=_fix(first), evidence=_evidence(hit, leaks), references=(rule.revoke,) if rule.revoke else (),
        labels=labels, place=place(first), identity=identity(rule.id, hit.secret),
    )  # fmt: skip


def _why(first: Leak, hint_text: str) -> str:
    opens = first.hit.rule.opens or "whatever takes it"
    what = f"Whoever reads it can open {opens}."
    return f"{what}{_ONLY.get(first.commit, _PAST) if first.commit else ''} {hint_text}".strip()


def _fix(first: Leak) -> str:
    where = (
        "and rewrite the history or live with a dead one"
        if first.commit
        else "and read it from the environment or a vault"
    )
    return f"Revoke it where it was issued and make a new one, {where}: to delete the line is not enough."


def _evidence(hit: Hit, leaks: Sequence[Leak]) -> str:
    places = list(dict.fromkeys(place(each) for each in leaks))
    more = f"\nand {len(places) - MOST_PLACES} more places" if len(places) > MOST_PLACES else ""
    encoded = ", written in base64" if hit.encoded else ""
    return f"{masked(hit.secret)}{encoded}, at\n" + "\n".join(places[:MOST_PLACES]) + more


def _past(leaks: Sequence[Leak]) -> dict[str, str]:
    """Return the commit a secret came with, where its history was read."""
    past = [each for each in leaks if each.commit and each.commit not in _ONLY]
    if not past:
        return {}
    came = min(past, key=lambda each: each.at)
    day = datetime.datetime.fromtimestamp(max(0.0, min(came.at, 4e9)), datetime.UTC).date().isoformat()
    only = "yes" if all(each.commit for each in leaks) else "no"
    return {"commit": came.commit, "since": day, "history only": only}
