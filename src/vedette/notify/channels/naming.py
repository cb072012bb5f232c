"""The stable name of what a notice is about, as services that join and close by name take it. Pure."""

import hashlib

from vedette.notify.types import Notice


def name_of(notice: Notice, idempotency_key: str) -> str:
    """Return `vedette-` and a hash of the notice's group: the same when it fires, fires on and is over.

    What belongs to no group stands for itself. Hashed, it fits every limit (PagerDuty 255, Opsgenie 512).
    """
    named = notice.group or idempotency_key
    return f"vedette-{hashlib.sha256(named.encode(errors='replace')).hexdigest()}"
