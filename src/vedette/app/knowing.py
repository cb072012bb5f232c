"""What intrusions ask the rest of the house: who is a real user, which set a rule is in, what hosts are told."""

import functools
from collections.abc import Mapping

from vedette.accounts import service as accounts
from vedette.agent.detect import rules
from vedette.core.errors import NotFound, VedetteError
from vedette.hosts import service as hosts
from vedette.wire.agent.deciding import targets

_DAYS = 30 * 86_400.0


class House:
    """Implements `intrusions.types.Knows`."""

    def people(self, address: str, now: float) -> tuple[str, ...]:
        """Return the members who were signed in here from an address in the last 30 days."""
        net = targets.network(targets.of_text(address)) if address else None
        if net is None:
            return ()
        found: dict[str, None] = {}
        for seen, _, name in accounts.addresses_seen(now - _DAYS):
            client = targets.of_address(seen)
            held = targets.network(client) if client else None
            if held is not None and held.version == net.version and held.overlaps(net):
                found[name] = None
        return tuple(found)

    def set_of(self, rule: str) -> str:
        """Return the set that a rule which comes with Vedette is in."""
        return sets().get(rule, "")

    def modes_of(self, host: str) -> Mapping[str, str]:
        """Return what a host is told to do with sets of rules."""
        try:
            return hosts.find(host).modes
        except NotFound:
            return {}


@functools.cache
def sets() -> Mapping[str, str]:
    """Return the set of every rule that comes with Vedette."""
    try:
        return {rule.id: rule.set for rule in rules.load()}
    except VedetteError:
        return {}
