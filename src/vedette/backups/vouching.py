"""Who vouches for reports: a host's own key, as it is known here. A key counts for what it signed, also after it was replaced."""

import base64

from vedette.backups.life import Act
from vedette.hosts import service as hosts
from vedette.instruments.backup import evidence
from vedette.plumbing.ports import ports
from vedette.plumbing.seal.ed25519 import fingerprint
from vedette.wire.backup import BackupRun, DrillRun

_KEY = "backups/signer/"


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
    return ports().kv.get(_place(host, public)) is not None and evidence.holds(told, told.signature.key)


def _public(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _place(host: int, public: bytes) -> str:
    return f"{_KEY}{host}/{fingerprint(public)}"
