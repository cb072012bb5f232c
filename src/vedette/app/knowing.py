"""What intrusions ask the rest of the house: who is a real user, which set a rule is in, what hosts are told."""

from collections.abc import Mapping

from vedette.core.errors import NotFound
from vedette.hosts import service as hosts
from vedette.web import addresses, visitors


class House:
    """Implements `intrusions.types.Knows`."""

    def people(self, address: str, now: float) -> tuple[str, ...]:
        """Return the members and the users of applications who were seen at an address in the last 30 days."""
        return visitors.people_at(address, now)

    def set_of(self, rule: str) -> str:
        """Return the set that a rule which comes with Vedette is in."""
        return addresses.set_of(rule)

    def modes_of(self, host: str) -> Mapping[str, str]:
        """Return what a host is told to do with sets of rules."""
        try:
            return hosts.find(host).modes
        except NotFound:
            return {}
