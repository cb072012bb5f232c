"""Where passkeys work: browsers make them for a name over HTTPS, and for `localhost`."""

import ipaddress
import re

import msgspec

_URL = re.compile(r"(https?)://(\[[^\]]+\]|[^/:?#]+)", re.IGNORECASE)
PLAIN = "Passkeys need HTTPS (or http://localhost); here a password and the code of an authenticator app sign you in."
NUMBERED = "Passkeys belong to a name, and this Vedette is open at a bare address; a password and a code sign you in."


class Offer(msgspec.Struct, frozen=True):
    """Whether passkeys are offered to a browser, and why not."""

    available: bool
    reason: str


def place(url: str) -> tuple[str, str]:
    """Return scheme and host of an http(s) URL in lower case, without port and brackets; empty texts for anything else."""
    found = _URL.match(url)
    return (found[1].lower(), found[2].strip("[]").lower()) if found else ("", "")


def offer(public_url: str, asked: str) -> Offer:
    """Decide whether a browser that asked for the host `asked` (with or without port) is offered passkeys.

    A passkey belongs to the host of `public_url` (its RP ID, Web Authentication Level 2, section 5.1.2): browsers know
    it at no other one.
    """
    scheme, host = place(public_url)
    here = place(f"http://{asked}")[1]
    if scheme != "https" and not _local(host):
        return Offer(False, PLAIN)
    if _is_address(host):
        return Offer(False, NUMBERED)
    if here != host:
        return Offer(False, PLAIN if scheme != "https" else f"Passkeys work at {public_url} only.")
    return Offer(True, "The browser trusts this place.")


def belongs(origin: str, public_url: str) -> bool:
    """Tell whether a browser's origin is the place passkeys belong to; a host below it is not."""
    scheme, host = place(origin)
    wanted_scheme, wanted = place(public_url)
    return (scheme, host) == (wanted_scheme, wanted) and host != ""


def _local(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
