"""Bans as a file that nginx includes (`kind = "nginx"`): lines of a `geo` block, or with `style = "deny"` of a server."""

from collections.abc import Mapping

from vedette.core.errors import Invalid
from vedette.instruments.packets import options as common
from vedette.instruments.packets import snippets

_STYLES = {"geo": snippets.nginx_geo, "deny": snippets.nginx_deny}


class _Maker:
    kind, label = "nginx", "nginx"
    options = common.NAMES | {"style"}

    def make(self, options: Mapping[str, object]) -> snippets.Snippet:
        style = options.get("style", "geo")
        text = _STYLES.get(style) if isinstance(style, str) else None
        if text is None:
            raise Invalid("nginx: style is geo or deny.")
        return common.snippet(self.kind, options, text)


ENFORCER = _Maker()
