"""Reverse DNS: which name an address answers with."""

import ipaddress

import msgspec

from vedette.instruments.hetzner.fake.calls import invalid
from vedette.instruments.hetzner.fake.state import Action


class Pointed(msgspec.Struct, kw_only=True):
    """The name that an address is to have; none: the one it had at first."""

    ip: str
    dns_ptr: str | None = None

    def check(self, *own: str) -> None:
        """Raise `Refused` unless the address is one of a thing's own (an address or a /64)."""
        try:
            found = ipaddress.ip_address(self.ip)
        except ValueError as error:
            raise invalid("ip", f"'{self.ip}' is not an address") from error
        nets = [ipaddress.ip_network(one, strict=False) for one in own if one]
        if not any(found.version == net.version and found in net for net in nets):
            raise invalid("ip", f"{self.ip} does not belong to this resource")

    @staticmethod
    def keep(pointers: dict[str, str], action: Action) -> None:
        """Put the name of an action into a thing's pointers."""
        ip, name = str(action.args["ip"]), action.args["dns_ptr"]
        if name:
            pointers[ip] = str(name)
        elif ip in pointers:
            pointers.update(given(ip))


def given(ip: str) -> dict[str, str]:
    """Return the name that an IPv4 address has at first; IPv6 has none."""
    if ":" in ip:
        return {}
    return {ip: f"static.{'.'.join(reversed(ip.split('.')))}.clients.your-server.de"}


def pointers(kind: str, ip: str) -> dict[str, str]:
    """Return the names that a new address has."""
    return given(ip) if kind == "ipv4" else {}
