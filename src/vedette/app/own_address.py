"""How this machine reaches its own server: by number, over plain HTTP or, where names are served, over TLS."""

import ssl

from vedette.core.settings import Settings

_HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where one listens everywhere


def own_address(settings: Settings) -> tuple[str, int, str]:
    """Return host, port and base URL."""
    host = _HERE.get(settings.host, settings.host)
    shown = f"[{host}]" if ":" in host else host
    return host, settings.port, f"{'https' if settings.domains else 'http'}://{shown}:{settings.port}"


def own_tls(settings: Settings) -> ssl.SSLContext | None:
    """Return what asks by number: no certificate is for that, so none is checked. None without TLS."""
    if not settings.domains:
        return None
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
