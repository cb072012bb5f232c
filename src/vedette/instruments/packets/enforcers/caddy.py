"""Bans as a file that Caddy imports (`kind = "caddy"`)."""

from collections.abc import Mapping

from vedette.instruments.packets import options as common
from vedette.instruments.packets import snippets


class _Maker:
    kind, label = "caddy", "Caddy"
    options = common.NAMES

    def make(self, options: Mapping[str, object]) -> snippets.Snippet:
        return common.snippet(self.kind, options, snippets.caddy)


ENFORCER = _Maker()
