"""Names that certificates are asked for; what cannot be one is refused with the reason. Pure."""

import re

from vedette.core.errors import ConfigError

MOST = 100  # names in one certificate of Let's Encrypt
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# RFC 6761, RFC 6762, RFC 8375 and ICANN's reservation of .internal: names of no public authority.
_PRIVATE = ("localhost", "local", "test", "example", "invalid", "internal", "home.arpa", "onion")


def names(text: str, *, public: bool) -> tuple[str, ...]:
    """Return the names that a text with commas lists, in lower case and ASCII, each once.

    `public` says that a public authority is to be asked. Raises `ConfigError` for the first that cannot be had.
    """
    found = dict.fromkeys(_ascii(part.strip()) for part in text.split(",") if part.strip())
    for name in found:
        why = why_not(name, public=public)
        if why:
            raise ConfigError(f"domains: {name}: {why}")
    if len(found) > MOST:
        raise ConfigError(f"domains: {len(found)} names; a certificate holds at most {MOST}.")
    return tuple(found)


def why_not(name: str, *, public: bool) -> str:
    """Return why no certificate can be had for a name, empty when it can."""
    if _is_address(name):
        return "this is an address; name a domain whose A record points to it."
    if name.startswith("*."):
        return f"wildcards need a proof in DNS, which is not made here; list the names, as in {name[2:]}."
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        return (
            "this is no domain name (letters, digits, hyphens and dots; no scheme, port or path), as in "
            "watch.example.com."
        )
    if public and ("." not in name or name.endswith(tuple(f".{end}" for end in _PRIVATE))):
        return (
            "no public authority vouches for this name; name your own by acme_directory, or another domain."
        )
    return ""


def _ascii(name: str) -> str:
    name = name.lower().removesuffix(".")
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError as error:
        raise ConfigError(f"domains: {name}: this is no domain name ({error}).") from error


def _is_address(name: str) -> bool:
    import ipaddress  # the supervisor, which stays small, need not have it

    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
