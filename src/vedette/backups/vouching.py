"""Who vouches for reports: a host's own key, as it is known here. A key counts for what it signed, also after it was replaced.

What does not hold proves nothing, whoever wrote it into the database: what a plan's standing rests on is asked for here.
"""

import base64
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

import msgspec

from vedette.backups import life
from vedette.backups.life import Act
from vedette.backups.store import runs
from vedette.backups.store.runs import Asked, Kept
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
    key = _key(told)
    return None if key is None else _signs(told, key, ports().kv.get(_place(host, _public(key))) is not None)


def judged(kept: Kept) -> Act:
    """Return something as it counts."""
    return life.judged(kept.act, signed=signed(kept.host, kept.told)) if life.is_good(kept.act) else kept.act


def last(asked: Asked) -> Act | None:
    """Return what ended last as it counts."""
    return _counting(asked, runs.last(asked), judged)


def lasts(asked: Sequence[Asked]) -> Iterator[Act | None]:
    """Return of each question what ended last as it counts; keys are looked up once for all of them."""
    known = {one.key for one in ports().kv.watch(_KEY, 0) if one.value is not None}

    def counted(kept: Kept) -> Act:
        key = _key(kept.told) if life.is_good(kept.act) else None
        if key is None:
            return kept.act
        return life.judged(kept.act, signed=_signs(kept.told, key, _place(kept.host, _public(key)) in known))

    return (_counting(one, kept, counted) for one, kept in zip(asked, runs.lasts(asked), strict=True))


def _counting(asked: Asked, kept: Kept | None, judge: Callable[[Kept], Act]) -> Act | None:
    """Return what counts: `kept`, or, where only what is good does, the last before it that is."""
    for _ in range(_FORGED):
        if kept is None:
            return None
        found = judge(kept)
        if not asked.good or life.is_good(found):
            return found
        kept = runs.last(asked, before=(kept.act.began_at, kept.id))
    return None


def _key(told: Act) -> str | None:
    signature = told.signature if isinstance(told, BackupRun | DrillRun) else None
    return None if signature is None else signature.key


def _signs(told: Act, key: str, known: bool) -> bool:
    return known and isinstance(told, BackupRun | DrillRun) and _holds(told, key)


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
