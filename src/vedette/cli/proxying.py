"""`vedette certificates …`: a proxy in front that obtains one, instead of Vedette."""

from vedette.cli.out import emit
from vedette.core import domains
from vedette.core import settings as core_settings
from vedette.core.errors import ConfigError
from vedette.core.settings import PUBLIC_ACME, Settings

_TEMPLATE = """\
# Caddy obtains the certificate, redirects port 80, and tells Vedette who asks (X-Forwarded-For, X-Forwarded-Proto).
# In vedette.toml, without domains:
#     base_url = "https://{first}"
#     trusted_proxies = 1
{options}{names} {{
\treverse_proxy {upstream}
}}
"""


def caddyfile(*, domain: tuple[str, ...] = (), upstream: str = "", json: bool = False) -> None:
    """Print a Caddyfile that puts Caddy in front of Vedette, instead of a certificate of Vedette's own.

    Parameters
    ----------
    domain
        Name to serve; may be repeated. Without it, those of the setting `domains`.
    upstream
        Where Vedette listens, as in 127.0.0.1:8700, which it is without this.
    json
        Print JSON.
    """
    settings = core_settings.load()
    names = domains.names(",".join(domain) or settings.domains, public=not settings.acme_directory)
    if not names:
        raise ConfigError("--domain is missing; name the domain that Caddy is to serve.")
    text = written(names, upstream or "127.0.0.1:8700", settings)
    emit(
        {"caddyfile": text, "base_url": f"https://{names[0]}", "trusted_proxies": 1}, text.rstrip(), json=json
    )


def written(names: tuple[str, ...], upstream: str, settings: Settings) -> str:
    """Return the Caddyfile for these names, with the authority that the settings name."""
    given = {"email": settings.acme_email}
    if settings.acme_url != PUBLIC_ACME:
        given |= {"acme_ca": settings.acme_url, "acme_ca_root": settings.acme_ca_bundle}
    lines = [f"\t{name} {value}\n" for name, value in given.items() if value]
    options = "{\n" + "".join(lines) + "}\n\n" if lines else ""
    return _TEMPLATE.format(first=names[0], options=options, names=", ".join(names), upstream=upstream)
