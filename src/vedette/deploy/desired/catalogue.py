"""What Hetzner offers, as far as is known without asking: a misspelt type is told before anything is sent. Pure.

What the API says is put beside it (`with_more`): a type that came after this list is no fault then.
"""

from collections.abc import Iterable, Mapping

import msgspec

from vedette.wire.infra import Live

ZONES: Mapping[str, str] = {
    "fsn1": "eu-central",
    "nbg1": "eu-central",
    "hel1": "eu-central",
    "ash": "us-east",
    "hil": "us-west",
    "sin": "ap-southeast",
}
_SERVERS = (
    "cx22 cx32 cx42 cx52 cx23 cx33 cx43 cx53 cpx11 cpx21 cpx31 cpx41 cpx51 cpx12 cpx22 cpx32 cpx42 cpx52 cpx62"
    " cax11 cax21 cax31 cax41 ccx13 ccx23 ccx33 ccx43 ccx53 ccx63"
)
_IMAGES = (
    "debian-11 debian-12 debian-13 ubuntu-20.04 ubuntu-22.04 ubuntu-24.04 ubuntu-26.04 alma-8 alma-9 alma-10 rocky-8 rocky-9 rocky-10"
    " centos-stream-9 centos-stream-10 fedora-41 fedora-42 fedora-43 opensuse-15 opensuse-16 docker-ce lamp wordpress nextcloud gitlab"
)


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """Names that are offered: types of servers and load balancers, system images, and locations with their network zone."""

    servers: frozenset[str]
    load_balancers: frozenset[str]
    images: frozenset[str]
    locations: Mapping[str, str]

    def with_more(
        self,
        servers: Iterable[str] = (),
        load_balancers: Iterable[str] = (),
        images: Iterable[str] = (),
    ) -> "Catalogue":
        """Return it with what the API offers besides."""
        return Catalogue(
            servers=self.servers | set(servers),
            load_balancers=self.load_balancers | set(load_balancers),
            images=self.images | set(images),
            locations=self.locations,
        )

    def with_prices(self, prices: Iterable[str]) -> "Catalogue":
        """Return it with what prices name (`server/cx23/fsn1`)."""
        priced = [each.split("/") for each in prices if each.count("/") == 2]
        of = {kind: {each[1] for each in priced if each[0] == kind} for kind in ("server", "load_balancer")}
        return self.with_more(servers=of["server"], load_balancers=of["load_balancer"])

    def with_live(self, live: Live) -> "Catalogue":
        """Return it with what prices name and what things that are there are made of."""
        return self.with_prices(live.prices).with_more(
            servers=_fields(live, "server", "type"),
            load_balancers=_fields(live, "load_balancer", "type"),
            images=_fields(live, "server", "image"),
        )


def _fields(live: Live, kind: str, field: str) -> set[str]:
    return {str(one.fields[field]) for one in live.things if one.kind == kind and one.fields.get(field)}


SHIPPED = Catalogue(
    servers=frozenset(_SERVERS.split()),
    load_balancers=frozenset({"lb11", "lb21", "lb31"}),
    images=frozenset(_IMAGES.split()),
    locations=ZONES,
)
