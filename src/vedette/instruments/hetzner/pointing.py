"""What adapters share whose things have public addresses: reverse names of these."""

from vedette.instruments.hetzner import rdns
from vedette.instruments.hetzner.plain import Plain, Raw, differs
from vedette.instruments.hetzner.types import Asks
from vedette.wire import jsons
from vedette.wire.infra import Thing


class Pointing(Plain):
    """An adapter of a kind whose addresses answer with a name (`rdns`)."""

    def addresses(self, raw: Raw) -> tuple[str, str]:
        """Return its IPv4 and IPv6 address."""
        public = jsons.record(raw, "public_net")
        return jsons.text(public, "ipv4", "ip"), jsons.text(public, "ipv6", "ip")

    def point(self, cloud: Asks, number: int, before: Thing | None, after: Thing) -> None:
        """Let its addresses answer with the names they should have; a new thing has none."""
        if before is not None and not differs(before, after, "rdns"):
            return
        had = jsons.record(before.fields, "rdns") if before is not None else {}
        steps = list(rdns.steps(had, jsons.record(after.fields, "rdns")))
        own = self.addresses(self.fetch(cloud, number)) if steps else ("", "")
        for key, name in steps:
            self.act(cloud, number, "change_dns_ptr", {"ip": rdns.whole(key, *own), "dns_ptr": name})
