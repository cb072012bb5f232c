"""Bans in the kernel by nftables (`kind = "nft"`)."""

from collections.abc import Mapping

from vedette.instruments.packets.nft import Nft


class _Maker:
    kind, label = "nft", "nftables"
    options: frozenset[str] = frozenset()

    def make(self, options: Mapping[str, object]) -> Nft:  # noqa: ARG002 - it has none
        return Nft()


ENFORCER = _Maker()
