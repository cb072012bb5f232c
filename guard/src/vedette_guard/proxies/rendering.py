"""The proxies a policy can be rendered for, by name."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping

from vedette_guard.policy import Policy
from vedette_guard.proxies import caddy, nginx
from vedette_guard.proxies.site import ProxyError, Rendering, Site

RENDERERS: Mapping[str, Callable[[Policy, Site, datetime.date], Rendering]] = {
    "caddy": caddy.render,
    "nginx": nginx.render,
}


def render(proxy: str, policy: Policy, site: Site, today: datetime.date) -> Rendering:
    """Return a policy as a proxy's configuration on a day (HSTS may go up by a ramp).

    Raise ProxyError for a proxy there is not, and for what it cannot read; PolicyError for a wrong policy.
    """
    if proxy not in RENDERERS:
        raise ProxyError(f"{proxy}: there are {' and '.join(RENDERERS)}")
    return RENDERERS[proxy](policy, site, today)
