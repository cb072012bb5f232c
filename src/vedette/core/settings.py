"""Settings: defaults, then `vedette.toml`, then `VEDETTE_*` variables; wrong ones are named with file and line."""

import dataclasses
import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vedette.core import domains
from vedette.core.errors import ConfigError

PUBLIC_ACME = "https://acme-v02.api.letsencrypt.org/directory"
STAGING_ACME = "https://acme-staging-v02.api.letsencrypt.org/directory"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting of the server. The key in `vedette.toml` is the field's name; the variable is VEDETTE_<NAME>."""

    host: str = "127.0.0.1"
    port: int = 8700
    data: Path = Path("data")
    base_url: str = ""
    domains: str = ""
    http_port: int = 80
    acme_directory: str = ""
    acme_staging: bool = False
    acme_ca_bundle: str = ""
    acme_email: str = ""
    log_level: str = "info"
    log_format: str = "auto"
    trusted_proxies: int = 0
    agent: str = "auto"
    allow_private_addresses: bool = False
    check_folders: str = ""
    journey_user: str = ""
    journeys_at_once: int = 1
    journey_max_megabytes: int = 1_024
    journey_max_cpu_seconds: int = 60
    chromium_path: str = ""
    retention_days: int = 90
    max_event_bytes: int = 1_048_576
    max_envelope_bytes: int = 209_715_200
    max_attachment_bytes: int = 209_715_200
    attachments_max_bytes: int = 2_147_483_648
    max_request_bytes: int = 20_971_520
    max_events_per_minute: int = 600_000
    spike_events_per_minute: int = 6_000
    max_alerts_per_key: int = 100_000
    max_alerts_per_minute: int = 600_000
    journal_max_bytes: int = 1_073_741_824
    min_free_disk_bytes: int = 268_435_456
    smtp_host: str = ""
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: str = dataclasses.field(default="", repr=False)
    smtp_tls: str = "starttls"
    mail_from: str = ""
    session_idle_hours: int = 72
    session_max_days: int = 30
    token_requests_per_minute: int = 600
    password_filter: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = dataclasses.field(default="", repr=False)
    oidc_client_secret_file: str = ""
    oidc_name: str = "single sign-on"
    oidc_domains: str = ""
    oidc_new_users: bool = False
    oidc_role: str = "viewer"
    never_ban: str = ""
    geoip: str = ""

    @property
    def checked_folders(self) -> tuple[str, ...]:
        """Return the folders whose files and sockets checks may open; those that are no whole path are left out."""
        named = (part.strip() for part in self.check_folders.split(","))
        return tuple(part for part in named if part.startswith("/"))

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names that certificates are obtained for; none without the setting `domains`."""
        return domains.names(self.domains, public=not self.acme_directory)

    @property
    def acme_url(self) -> str:
        """Return the directory of the authority that is asked for certificates."""
        return self.acme_directory or (STAGING_ACME if self.acme_staging else PUBLIC_ACME)

    @property
    def public_url(self) -> str:
        """Return the base URL people and SDKs use, without a trailing slash."""
        if self.base_url:
            return self.base_url.rstrip("/")
        if self.domains:
            return f"https://{self.names[0]}" + ("" if self.port == 443 else f":{self.port}")
        host = "localhost" if self.host in {"127.0.0.1", "::1", "0.0.0.0", "::"} else self.host  # noqa: S104
        return f"http://{host}:{self.port}"


HELP: Mapping[str, str] = {
    "host": "address to listen on; 0.0.0.0 where `domains` is set and this is not",
    "port": "TCP port to listen on; 443 where `domains` is set and this is not",
    "data": "folder that holds everything Vedette stores",
    "base_url": "public URL, when it is not http://localhost:<port> (behind a proxy, with TLS)",
    "domains": "names, with commas, that Vedette obtains a certificate for and serves by HTTPS (docs/certificates.md); empty = plain HTTP",
    "http_port": "TCP port that answers the authority and sends browsers on to HTTPS, where `domains` is set; it is asked for at 80",
    "acme_directory": "directory URL of another authority (ACME) than Let's Encrypt",
    "acme_staging": "ask the staging service of Let's Encrypt, whose certificates no browser trusts: to try it out",
    "acme_ca_bundle": "PEM file of the authorities that vouch for the ACME server itself, where it is a private one",
    "acme_email": "address that the authority may write to about certificates; empty = none is told",
    "log_level": "debug, info, warning or error",
    "log_format": "auto (text on a terminal, else json), json or text",
    "trusted_proxies": "how many reverse proxies in front of Vedette are trusted to tell the client's address",
    "agent": "the agent beside the server, which watches the machine that Vedette runs on (docs/agent.md): auto (unless the machine has an agent of its own, or Vedette runs in a container), on or off",
    "allow_private_addresses": "let webhooks and other outgoing requests reach private networks",
    "check_folders": "folders of this machine whose files and sockets checks may open (sqlite, docker), whole paths with commas; empty = none",
    "journey_user": "system user that the scripts of browser journeys run as; empty = none are run. Vedette becomes it as root or with capabilities (docs/journeys.md); its own user is taken only when it is named here",
    "journeys_at_once": "browser journeys that run at the same time",
    "journey_max_megabytes": "memory that one browser journey may use, in MB",
    "journey_max_cpu_seconds": "processor time that one browser journey may use, in seconds",
    "chromium_path": "the browser of journeys and of what is printed; empty = chromium where the system has it",
    "retention_days": "days that events are kept",
    "max_event_bytes": "largest event, inflated",
    "max_envelope_bytes": "largest envelope, inflated",
    "max_attachment_bytes": "largest attachment or minidump",
    "attachments_max_bytes": "most bytes of all attachments together; beyond it the oldest go",
    "max_request_bytes": "largest request body, as sent",
    "max_events_per_minute": "events a minute that a key without a quota of its own may send (a guard against abuse)",
    "spike_events_per_minute": "events a minute of a project that are kept whole whatever its usual rate; 0 = no spike protection",
    "max_alerts_per_key": "pushed alerts that may be alive at once by one key or API token; further ones are answered 429",
    "max_alerts_per_minute": "alerts a minute that one key or API token may push",
    "journal_max_bytes": "most bytes of accepted items waiting to be digested; beyond it intake answers 503",
    "min_free_disk_bytes": "intake answers 503 while the disk has less than this free",
    "smtp_host": "mail server; empty = e-mail is off",
    "smtp_port": "port of the mail server",
    "smtp_user": "user at the mail server",
    "smtp_password": "password at the mail server",
    "smtp_tls": "starttls, tls or none",
    "mail_from": "sender of Vedette's mails; empty = vedette@<host name of base_url>",
    "session_idle_hours": "a session ends after this many hours without a request",
    "session_max_days": "a session ends after this many days in any case",
    "token_requests_per_minute": "API requests a token may make a minute",
    "password_filter": "file of leaked passwords that nobody may choose; empty = passwords.filter in the data folder, if there",
    "oidc_issuer": "OpenID provider people may sign in with, its issuer URL (https); empty = none",
    "oidc_client_id": "client id that Vedette has at the provider",
    "oidc_client_secret": "client secret at the provider; better in a variable or a file than here",
    "oidc_client_secret_file": "file whose first line is the client secret",
    "oidc_name": "what the button on the sign-in page calls the provider",
    "oidc_domains": "e-mail domains that may come by the provider, with commas; empty = all",
    "oidc_new_users": "make an account for who comes by the provider and has none",
    "oidc_role": "role of such new accounts: viewer, member or admin",
    "never_ban": "addresses and networks, with commas, that no host and no guard ever bans: proxies, load balancers, other addresses of this server",
    "geoip": "files (mmdb) of countries, cities and networks, with commas, that say where an address is; empty = nothing is shown",
}
_CHOICES = {
    "agent": ("auto", "on", "off"),
    "oidc_role": ("viewer", "member", "admin"),
    "log_level": ("debug", "info", "warning", "error"),
    "log_format": ("auto", "json", "text"),
    "smtp_tls": ("starttls", "tls", "none"),
}
_POSITIVE = {
    "journeys_at_once",
    "journey_max_megabytes",
    "journey_max_cpu_seconds",
    "retention_days",
    "max_event_bytes",
    "max_envelope_bytes",
    "max_attachment_bytes",
    "attachments_max_bytes",
    "max_request_bytes",
    "max_events_per_minute",
    "max_alerts_per_key",
    "max_alerts_per_minute",
    "journal_max_bytes",
    "session_idle_hours",
    "session_max_days",
    "token_requests_per_minute",
}
_WITH_DOMAINS = {"host": "0.0.0.0", "port": 443}  # noqa: S104 - whoever names a domain wants to be reached
FILE = "vedette.toml"
SECRETS = ("password", "secret")  # how the names of settings end that are never shown
_FIELDS = {field.name: field for field in dataclasses.fields(Settings)}


def load(environ: Mapping[str, str] | None = None, file: Path | None = None) -> Settings:
    """Read the settings; `file` defaults to `VEDETTE_CONFIG` or `./vedette.toml` when that exists.

    Raises `ConfigError` whose one line names key, file and line (or the variable) and what to do.
    """
    environ = os.environ if environ is None else environ
    values = {**_from_file(_config_path(environ, file)), **_from_environ(environ)}
    found = Settings(**{**(_WITH_DOMAINS if values.get("domains") else {}), **values})
    _check_oidc(found)
    _check_domains(found)
    return found


def _check_domains(settings: Settings) -> None:
    """Refuse names no certificate can be had for, and what does not go with one."""
    if not settings.domains:
        return
    if not settings.names:
        raise ConfigError("domains holds no name; name a domain, or unset it.")
    if settings.base_url and not settings.base_url.startswith("https://"):
        raise ConfigError("base_url starts with https:// where domains is set; change it, or unset it.")
    if settings.acme_directory and settings.acme_staging:
        raise ConfigError("acme_directory and acme_staging name two authorities; unset one.")
    if settings.acme_directory and not re.match(r"https://[^/\s]+", settings.acme_directory):
        raise ConfigError(f"acme_directory starts with https://, not {settings.acme_directory!r}.")
    if settings.acme_ca_bundle and not Path(settings.acme_ca_bundle).is_file():
        raise ConfigError(f"acme_ca_bundle: {settings.acme_ca_bundle}: no such file.")
    if settings.port == settings.http_port != 0:
        raise ConfigError(f"port and http_port are both {settings.port}; they need one each.")


def _check_oidc(settings: Settings) -> None:
    issuer = settings.oidc_issuer
    if issuer and not settings.oidc_client_id:
        raise ConfigError("oidc_issuer is set and oidc_client_id is not; set both, or none.")
    if issuer and not re.match(r"https://[^/\s]+|http://(localhost|127\.0\.0\.1)(?=[:/]|$)", issuer):
        raise ConfigError(f"oidc_issuer starts with https:// (http:// for localhost alone), not {issuer!r}.")


def _config_path(environ: Mapping[str, str], file: Path | None) -> Path | None:
    named = file or (Path(environ["VEDETTE_CONFIG"]) if environ.get("VEDETTE_CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise ConfigError(f"{named}: no such file; create it or unset VEDETTE_CONFIG.")
        return named
    return Path(FILE) if Path(FILE).is_file() else None


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    text = path.read_text(encoding="utf-8")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}.") from error
    return {name: _checked(name, value, f"{path}:{_line_of(text, key)}") for name, key, value in _flat(table)}


def _flat(table: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Yield name, key and value of each setting; those of the table `[oidc]` are named with `oidc_` before them.

    Tables of which there may be many (`[[monitor]]`) are no settings: `vedette apply` reads them, `vedette scan` `[scan]`, and `vedette deploy` `[infra]`.
    """
    for key, value in table.items():
        if key in {"scan", "infra"} and isinstance(value, dict):
            continue
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            continue
        if key == "oidc" and isinstance(value, dict):
            yield from ((f"oidc_{inner}", inner, found) for inner, found in value.items())
        else:
            yield key, key, value


def _from_environ(environ: Mapping[str, str]) -> dict[str, Any]:
    named = ((name, f"VEDETTE_{name.upper()}") for name in _FIELDS)
    return {
        name: _checked(name, _parse(name, environ[var], var), var) for name, var in named if environ.get(var)
    }


def _line_of(text: str, key: str) -> int:
    pattern = re.compile(rf"^\s*\[?\"?{re.escape(key)}\"?\s*[=\]]")
    return next((n for n, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 1)


def _parse(name: str, text: str, where: str) -> Any:
    kind = _FIELDS[name].type
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise ConfigError(f"{where}: {name} takes a whole number, not {text!r}.") from None
    if kind is bool:
        if text.lower() not in {"1", "0", "true", "false", "yes", "no"}:
            raise ConfigError(f"{where}: {name} takes true or false, not {text!r}.")
        return text.lower() in {"1", "true", "yes"}
    return text


def _checked(key: str, value: Any, where: str) -> Any:
    field = _FIELDS.get(key)
    if field is None:
        near = difflib.get_close_matches(key, _FIELDS, 1)
        hint = f"; did you mean {near[0]}?" if near else "; docs/settings.md lists them all."
        raise ConfigError(f"{where}: unknown setting {key}{hint}")
    if field.type is Path and isinstance(value, str):
        return Path(value)
    if type(value) is not field.type:
        shown = "a value" if key.endswith(SECRETS) else repr(value)
        raise ConfigError(f"{where}: {key} takes {_kind_name(field.type)}, not {shown}.")
    _check_range(key, value, where)
    return value


def _check_range(key: str, value: Any, where: str) -> None:
    if key in _CHOICES and value not in _CHOICES[key]:
        raise ConfigError(f"{where}: {key} is one of {', '.join(_CHOICES[key])}, not {value!r}.")
    if key.endswith("port") and not 0 <= value <= 65535:
        raise ConfigError(f"{where}: {key} is a port (0 to 65535), not {value}.")
    if key in _POSITIVE and value < 1:
        raise ConfigError(f"{where}: {key} must be at least 1, not {value}.")
    if key == "base_url" and value and not re.match(r"https?://[^/\s]+", value):
        raise ConfigError(f"{where}: base_url starts with http:// or https://, not {value!r}.")


def _kind_name(kind: Any) -> str:
    return {int: "a whole number", bool: "true or false", str: "a text", Path: "a path"}[kind]
