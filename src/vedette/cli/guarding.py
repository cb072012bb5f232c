"""`vedette guard render`: the guard's policy as the configuration of a proxy."""

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vedette.cli.out import emit
from vedette.core.errors import ConfigError

if TYPE_CHECKING:
    from vedette_guard import Policy


def render(
    proxy: str, *, policy: Path, upstream: str = "127.0.0.1:8000", certificate: str = "", key: str = "",
    http_port: int = 80, json: bool = False,
) -> None:  # fmt: skip
    """Print a policy as a Caddyfile, or as a file for nginx's http block; what it cannot carry is told on stderr.

    Parameters
    ----------
    proxy
        caddy or nginx.
    policy
        A TOML file with [guard] (docs/guard.md).
    upstream
        Where the application listens: host:port, or unix:/path.
    certificate
        The PEM file of the certificate and its chain; Caddy obtains one itself without.
    key
        The PEM file of its key.
    http_port
        The port of plain HTTP; that of HTTPS is the policy's https.port.
    json
        Print one line of JSON: the text, and what is missing.
    """
    from vedette_guard.policy import PolicyError
    from vedette_guard.proxies.rendering import render as rendered
    from vedette_guard.proxies.site import ProxyError, Site

    from vedette.core.clock import SystemClock

    read = policy_of(policy)
    try:
        site = Site(upstream, certificate, key, http_port)
        made = rendered(proxy, read, site, dt.datetime.fromtimestamp(SystemClock().now(), dt.UTC).date())
    except (PolicyError, ProxyError) as error:
        raise ConfigError(f"{policy}: {error}.") from error
    emit({"text": made.text, "missing": list(made.missing)}, made.text.rstrip("\n"), json=json)
    for sentence in made.missing:
        print(f"Not carried: {sentence}.", file=sys.stderr)


def policy_of(file: Path) -> "Policy":
    """Return the policy of a file; raises `ConfigError` with what is wrong in it."""
    from vedette_guard import Policy
    from vedette_guard.policy import PolicyError

    try:
        return Policy.from_file(file)
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}.") from error
    except PolicyError as error:
        raise ConfigError(f"{error}.") from error
