"""`vedette up`: run everything in one process, or some roles."""

import os
import sys

from vedette.core import settings as core_settings
from vedette.core.errors import ConfigError

ROLES = ("web", "digester", "alerter", "notifier", "scheduler", "prober")


def up(
    *,
    host: str | None = None,
    port: int | None = None,
    domain: tuple[str, ...] = (),
    staging: bool | None = None,
    role: tuple[str, ...] = (),
) -> None:
    """Run Vedette until Ctrl-C or SIGTERM; SIGHUP starts a fresh worker and lets the old one finish.

    Parameters
    ----------
    host
        Address to listen on (VEDETTE_HOST).
    port
        Port to listen on (VEDETTE_PORT).
    domain
        Obtain a certificate for this name, keep it valid, and serve by HTTPS (VEDETTE_DOMAINS); may be repeated.
    staging
        Ask the staging service of Let's Encrypt, to try it out (VEDETTE_ACME_STAGING).
    role
        Run only these roles (web, digester, alerter, notifier, scheduler, prober); may be repeated. web and digester
        go together.
    """
    unknown = sorted(set(role) - set(ROLES))
    if unknown:
        raise ConfigError(f"--role {unknown[0]}: the roles are {', '.join(ROLES)}.")
    if role and ("web" in role) != ("digester" in role):
        raise ConfigError("--role: web and digester go together, for the journal belongs to one process.")
    given = {
        "VEDETTE_HOST": host,
        "VEDETTE_PORT": port,
        "VEDETTE_DOMAINS": ",".join(domain) or None,
        "VEDETTE_ACME_STAGING": staging,
    }
    for name, value in given.items():
        if value is not None:
            os.environ[name] = str(value)
    settings = core_settings.load()
    if role:
        os.environ["VEDETTE_ROLES"] = ",".join(role)
    if role and "web" not in role:
        from vedette.app.worker import work

        work()
        return
    from vedette.app.server import serve

    serve(settings, _ready)


def _ready(address: str) -> None:
    print(f"Vedette is ready at {address.replace('127.0.0.1', 'localhost')} (Ctrl-C stops it).")
    sys.stdout.flush()
