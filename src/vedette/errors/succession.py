"""Let issues keep their events when grouping gets a new version. Pure; the rule and its reasons are in ADR 11.

An event has a fingerprint by the newest version and, while the store holds hashes of older versions, one by each of
those. The oldest that leads to an issue decides: what was one issue stays it. That issue also inherits the event's newest
hash (unless another issue has it), so that events which only the new version recognises come to it too.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec

from vedette.errors.tallying import Digested


class Settled(NamedTuple):
    """A batch whose fingerprints are decided, and which issue inherits which hash: new hash to the older one."""

    digested: list[Digested]
    heirs: dict[bytes, bytes]


def settle(digested: Sequence[Digested], known: Collection[bytes]) -> Settled:
    """Decide by which version each event is grouped; `known` are the older hashes that lead to issues."""
    settled: list[Digested] = []
    heirs: dict[bytes, bytes] = {}
    for one in digested:
        elder = next((found for found in one.elders if found.hash in known), None)
        if elder is None:
            settled.append(one)
        else:
            heirs.setdefault(one.fingerprint.hash, elder.hash)
            settled.append(msgspec.structs.replace(one, fingerprint=elder))
    return Settled(settled, heirs)


def older_hashes(digested: Sequence[Digested]) -> list[bytes]:
    """Return the hashes that older versions give the events of a batch."""
    return list({elder.hash for one in digested for elder in one.elders})
