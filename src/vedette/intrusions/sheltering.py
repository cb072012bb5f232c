"""Who is never banned: the allowlist, this server, its proxies, and whoever is signed in right now."""

from collections.abc import Mapping

import msgspec

from vedette.accounts import service as accounts
from vedette.intrusions.store import lists
from vedette.intrusions.types import HOUR
from vedette.plumbing.ports import ports
from vedette.wire.agent.deciding import sparing, targets
from vedette.wire.agent.deciding.networks import Networks
from vedette.wire.agent.deciding.sparing import Shelter

OURS = "intrusions/ours"  # a key of KV: addresses of this server, as they were found last
SIGNED_IN, MINE, NAMED = "signed in here", "this server", "named by the setting never_ban"
_READ = msgspec.json.Decoder(list[str]).decode


def never(now: float) -> Mapping[str, str]:
    """Return the addresses that are never banned, each with a word why."""
    found = dict.fromkeys(_listed(ports().settings.never_ban), NAMED)
    entry = ports().kv.get(OURS)
    if entry is not None and entry.value:
        found |= dict.fromkeys(_READ(entry.value), MINE)
    found |= {address: SIGNED_IN for address, _, _ in accounts.addresses_seen(now - HOUR)}
    nets = sparing.addresses(found, "")
    known = {str(net) for net, _ in nets}
    return {text: why for text, why in found.items() if _normal(text) in known}


def shelter(now: float) -> Shelter:
    """Return who is sheltered at an instant."""
    pairs = never(now).items()
    named = [pair for text, why in pairs for pair in sparing.addresses([text], why)]
    allowed = [pair for one in lists.allowed() for pair in sparing.addresses([one.network], one.note)]
    return Shelter(Networks(allowed), Networks(named))


def _normal(text: str) -> str:
    return next((str(net) for net, _ in sparing.addresses([text], "")), "")


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def own_target(address: str) -> str:
    """Return the value that stands for a client's address, empty when it is none."""
    found = targets.of_address(address)
    return found.value if found else ""
