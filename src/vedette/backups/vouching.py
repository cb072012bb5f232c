"""Who vouches for reports: a host's own key, as it is known here. A key counts for what it signed, also after it was replaced.

What does not hold proves nothing, whoever wrote it into the database: what a plan's standing rests on is asked for here.
"""

import base64
from hashlib import sha256

import msgspec

from vedette.backups import life
from vedette.backups.life import Act
from vedette.backups.store import runs
from vedette.backups.store.runs import Kept
from vedette.hosts import service as hosts
from vedette.instruments.backup import evidence
from vedette.plumbing.ports import ports
from vedette.plumbing.seal.ed25519 import fingerprint
from vedette.wire.backup import BackupRun, DrillRun

_KEY = "backups/signer/"
_FORGED = 100  # of what does not hold, so many are passed over to find what does
_MOST = 4_096  # signatures that are remembered: reports stay as they are, and pages ask for the last ones again and again
_found: dict[bytes, bool] = {}


def note(host: int, told: Act, now: float) -> None:
    """Remember that a report came with the signature of a key that the host has now; in the caller's transaction."""
    if not isinstance(told, BackupRun | DrillRun) or told.signature is None:
        return
    public = _public(told.signature.key)
    held = hosts.credentials().get(fingerprint(public)) if public else None
    if held is not None and held.host == host and ports().kv.get(_place(host, public)) is None:
        ports().kv.put(_place(host, public), repr(now).encode())


def signed(host: int, told: Act) -> bool | None:
    """Tell whether a report is as the host's key signed it; None for one without a signature."""
    if not isinstance(told, BackupRun | DrillRun) or told.signature is None:
        return None
    public = _public(told.signature.key)
    return ports().kv.get(_place(host, public)) is not None and _holds(told, told.signature.key)


def judged(kept: Kept) -> Act:
    """Return something as it counts."""
    return life.judged(kept.act, signed=signed(kept.host, kept.told)) if life.is_good(kept.act) else kept.act


def last(plan: int, kind: str, *, copy: str = "", good: bool = False) -> Act | None:
    """Return what ended last of a plan and kind as it counts, of a copy and only of what is good where that is asked for."""
    before: tuple[float, str] | None = None
    for _ in range(_FORGED):
        kept = runs.last(plan, kind, copy=copy, good=good, before=before)
        if kept is None:
            return None
        found = judged(kept)
        if not good or life.is_good(found):
            return found
        before = kept.act.began_at, kept.id
    return None


def _holds(told: BackupRun | DrillRun, key: str) -> bool:
    digest = sha256(msgspec.msgpack.encode(told)).digest()
    held = _found.get(digest)
    if held is None:
        held = evidence.holds(told, key)
        if len(_found) >= _MOST:
            _found.clear()
        _found[digest] = held
    return held


def _public(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _place(host: int, public: bytes) -> str:
    return f"{_KEY}{host}/{fingerprint(public)}"
